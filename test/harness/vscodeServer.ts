import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { startChild, type TestChild } from '../support/childProcess.ts';
import { npm } from './npm.ts';
import { outDirectory, root } from './paths.ts';

const version = '4.139.1';
const folder = path.join(root, '.vscode-test/server');
const vscodeFolder = path.join(folder, 'node_modules/code-server/lib/vscode');
const complete = path.join(folder, `complete-${version}`);

/** VS Code's own settings, by their full names. */
export type Settings = Readonly<Record<string, unknown>>;

export interface ServerOptions {
  /** Names the folder below out/ with this server's data and log; it is emptied at the start. */
  readonly name: string;
  /** Machine settings: the place for what a workspace must not set. */
  readonly settings?: Settings;
}

/** A VS Code server that is running, on loopback, reachable with its token only. */
export interface VscodeServer {
  readonly port: number;
  readonly token: string;
  /** Settled when the server is gone, whoever ended it. */
  readonly ended: Promise<void>;
  stop(): Promise<void>;
}

/**
 * Puts VS Code's server from npm into .vscode-test, once. Its native add-ons stay unbuilt: it works without them.
 * @throws Error with npm's output
 */
export async function provisionServer(): Promise<void> {
  if (existsSync(complete)) return;
  console.log(`Getting VS Code's server (code-server ${version}) from npm into .vscode-test, once …`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, 'package.json'), '{ "private": true }\n');
  const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  await npm(['install', ...quiet, `code-server@${version}`], folder);
  await npm(['install', '--omit=dev', ...quiet], vscodeFolder);
  writeFileSync(complete, '');
}

/** Starts VS Code's server on a free loopback port. @throws Error with the end of its output where it does not get up */
export async function startServer({ name, settings = {} }: ServerOptions): Promise<VscodeServer> {
  const data = outDirectory(name);
  rmSync(data, { recursive: true, force: true });
  mkdirSync(path.join(data, 'server/data/Machine'), { recursive: true });
  writeFileSync(path.join(data, 'server/data/Machine/settings.json'), JSON.stringify(settings, undefined, 2));
  const token = crypto.randomUUID();
  writeFileSync(path.join(data, 'token'), token, { mode: 0o600 });
  const child = startChild(process.execPath, serverArguments(data), data);
  return {
    port: await listeningPort(child),
    token,
    ended: child.ended,
    stop: async () => {
      await child.stop();
      writeFileSync(path.join(data, 'server.log'), child.output());
    },
  };
}

function serverArguments(data: string): string[] {
  const pairs: Readonly<Record<string, string>> = {
    host: '127.0.0.1',
    port: '0',
    'connection-token-file': path.join(data, 'token'),
    'server-data-dir': path.join(data, 'server'),
    'extensions-dir': path.join(data, 'extensions'),
    'telemetry-level': 'off',
  };
  return [
    path.join(vscodeFolder, 'out/server-main.js'),
    ...Object.entries(pairs).map(([name, value]) => `--${name}=${value}`),
    '--accept-server-license-terms',
    '--enable-smoke-test-driver',
    '--disable-workspace-trust',
  ];
}

/** The server takes any free port and prints it. */
async function listeningPort(child: TestChild): Promise<number> {
  const end = Date.now() + 30_000;
  while (Date.now() < end && !child.hasEnded()) {
    const port = /Extension host agent listening on (\d+)/.exec(child.output())?.[1];
    if (port !== undefined) return Number(port);
    await delay(25);
  }
  await child.stop();
  throw new Error(`VS Code's server did not start. It printed: ${child.output().slice(-1000)}`);
}
