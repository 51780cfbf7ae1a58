import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { findTool } from '../support/tools.ts';
import { tour } from '../ui/tour.ts';
import { buildExtension, sizeText } from './build.ts';
import { outDirectory, outPath, root } from './paths.ts';
import { provisionTools } from './provision.ts';
import { copySample } from './sampleCopy.ts';
import { describeJob, runSampleJob, sampleSettings } from './sampleJob.ts';
import { provisionServer, type Settings, startServer } from './vscodeServer.ts';
import { workbenchUrl } from './workbenchUrl.ts';

/** `npm start [-- --check]`: the main job on a sample, then VS Code on it; with --check the window is driven and closed. */
export async function main(args: readonly string[]): Promise<number> {
  const check = args.includes('--check');
  console.log(`Built the extension: ${sizeText(await buildExtension())}`);
  const registry = { directory: outPath('sample-registry'), port: 5050 };
  const job = await runSampleJob(registry);
  for (const line of describeJob(job)) console.log(line);
  const settings = sampleSettings(registry, job);
  if (check) return checkWindow(settings);
  const code = findCode();
  return code === undefined ? openServer(settings) : openDesktop(code, settings);
}

/** Drives the window as a newcomer would. */
async function checkWindow(settings: Settings): Promise<number> {
  provisionTools();
  await provisionServer();
  const seen = await tour({ name: 'check-window', settings });
  for (const line of seen) console.log(line);
  return 0;
}

/** VS Code of this machine, with user data of its own. */
function openDesktop(code: string, settings: Settings): number {
  const userData = outDirectory('desktop', 'user-data');
  mkdirSync(path.join(userData, 'User'), { recursive: true });
  writeFileSync(path.join(userData, 'User/settings.json'), JSON.stringify(settings, undefined, 2));
  const folder = copySample('desktop');
  const args = [
    '--new-window',
    `--extensionDevelopmentPath=${root}`,
    `--user-data-dir=${userData}`,
    `--extensions-dir=${outPath('desktop', 'extensions')}`,
    ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
    folder,
  ];
  const windows = process.platform === 'win32';
  const quote = (text: string): string => (windows ? `"${text}"` : text);
  const { status } = spawnSync(quote(code), args.map(quote), { stdio: 'inherit', shell: windows });
  console.log(status === 0 ? `VS Code is open on ${folder} with Gantry in its side bar.` : `${code} did not start.`);
  return status ?? 1;
}

/** VS Code's server, until Ctrl+C. */
async function openServer(settings: Settings): Promise<number> {
  await provisionServer();
  const server = await startServer({ name: 'server-window', settings });
  const folder = copySample('server-window');
  const url = workbenchUrl({ port: server.port, token: server.token, folder, extension: root });
  console.log(`There is no desktop VS Code here (no \`code\` on PATH). Open this address in a browser:\n\n${url}\n`);
  console.log('Ctrl+C ends it.');
  const stop = (): void => void server.stop();
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  await server.ended;
  return 0;
}

function findCode(): string | undefined {
  if (process.platform !== 'win32') return findTool('code');
  const folders = (process.env['PATH'] ?? '').split(path.delimiter);
  return folders.map((folder) => path.join(folder, 'code.cmd')).find((file) => existsSync(file));
}
