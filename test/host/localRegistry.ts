import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import * as vscode from 'vscode';
import type { AppendLayerResult } from '../../src/api.ts';
import { listen } from '../support/listen.ts';
import { newTempDir, removeTempDir } from '../support/tempDir.ts';

/** The extension's own registry on a port of its own, with a folder for files, until `dispose`. */
export interface TestRegistry {
  /** `localhost:PORT`. */
  readonly host: string;
  readonly folder: string;
  dispose(): Promise<void>;
}

/** Points the local registry at a free port and an empty folder and starts it. */
export async function useLocalRegistry(): Promise<TestRegistry> {
  const folder = await newTempDir();
  const port = await freePort();
  await configure({ port, directory: path.join(folder, 'registry') });
  await vscode.commands.executeCommand('gantry.startLocalRegistry', {});
  return {
    host: `localhost:${port}`,
    folder,
    dispose: async () => {
      await vscode.commands.executeCommand('gantry.stopLocalRegistry', {});
      await configure({ port: undefined, directory: undefined });
      await removeTempDir(folder);
    },
  };
}

/** Pushes an image of one file on nothing; returns what the command returned. */
export async function pushProgram(
  { host, folder }: TestRegistry,
  name: string,
  text: string,
): Promise<AppendLayerResult> {
  const file = path.join(folder, 'hello.sh');
  writeFileSync(file, text, { mode: 0o755 });
  return vscode.commands.executeCommand<AppendLayerResult>('gantry.appendLayer', {
    base: 'scratch',
    target: `${host}/${name}`,
    files: [{ from: file, to: '/app/hello.sh' }],
    config: { entrypoint: ['/app/hello.sh'] },
  });
}

async function configure(values: Readonly<Record<string, unknown>>): Promise<void> {
  const configuration = vscode.workspace.getConfiguration('gantry.localRegistry');
  for (const [name, value] of Object.entries(values)) {
    await configuration.update(name, value, vscode.ConfigurationTarget.Global);
  }
}

async function freePort(): Promise<number> {
  const server = await listen(createServer());
  await server.stop();
  return server.port;
}
