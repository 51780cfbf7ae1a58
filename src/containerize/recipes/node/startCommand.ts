import type { ConfigChanges } from '../../../api.ts';
import type { Io } from '../../../content/store.ts';
import { isFile } from '../folder/onDisk.ts';
import type { ProjectFolder } from '../projectFolder.ts';
import { plainCommand } from './commandWords.ts';
import type { PackageJson } from './packageJson.ts';
import { type Closure, modulesOf } from './productionClosure.ts';

/** What the image starts. */
export interface Start {
  /** Arguments of node; undefined where only npm can run the script. */
  readonly args?: readonly string[];
  /** `NAME=value`, set in front of the command. */
  readonly env: readonly string[];
  /** The file that is run, relative to the package; undefined where the packages of others hold it. */
  readonly file?: string;
}

/** Flags of node whose value is the next word. */
export const flagsWithValue: ReadonlySet<string> = new Set([
  '-r',
  '--require',
  '--import',
  '--loader',
  '--experimental-loader',
  '-C',
  '--conditions',
  '--title',
  '--env-file',
  '--env-file-if-exists',
]);
const codeFlags: ReadonlySet<string> = new Set(['-e', '--eval', '-p', '--print', '-i', '--interactive', '--test']);
const endings = ['', '.js', '.cjs', '.mjs', '.json', '.node', '/index.js'];

const packageManagers: ReadonlySet<string> = new Set(['npm', 'npx', 'pnpm', 'yarn', 'bun', 'bunx', 'run-s', 'run-p']);

/** Servers for development and builders of sites: what they start is not what is deployed. */
const devServers: ReadonlySet<string> = new Set([
  'react-scripts',
  'react-app-rewired',
  'craco',
  'ng',
  'vite',
  'astro',
  'eleventy',
  'gatsby',
  'vue-cli-service',
  'parcel',
  'webpack',
  'webpack-dev-server',
  'snowpack',
  'hugo',
  'docusaurus',
  'vitepress',
  'vuepress',
  'storybook',
  'expo',
  'electron',
  'electron-forge',
]);

/** True for a start script that serves a site while it is developed. */
export function isDevServer(json: PackageJson): boolean {
  const word = plainCommand(json.scripts['start'] ?? '')?.words[0] ?? '';
  return devServers.has(word);
}

/** True where the start script needs npm and a shell. It cannot be known of a command of a package that is not installed. */
export function needsShell(json: PackageJson): boolean {
  const script = json.scripts['start'];
  if (script === undefined) return false;
  const command = plainCommand(script);
  return command === undefined || packageManagers.has(command.words[0] ?? '');
}

/** The words of a start script that calls node itself; undefined for others. */
export function nodeScript(json: PackageJson): Start | undefined {
  const command = plainCommand(json.scripts['start'] ?? '');
  if (command?.words[0] !== 'node' && command?.words[0] !== 'nodejs') return undefined;
  const args = command.words.slice(1);
  for (let at = 0; at < args.length; at++) {
    const word = args[at] ?? '';
    if (codeFlags.has(word)) return { args, env: command.env };
    if (flagsWithValue.has(word)) at++;
    else if (!word.startsWith('-')) return { args, env: command.env, file: word };
  }
  return args.length === 0 ? undefined : { args, env: command.env };
}

/** The file a package is started by where it has no start script: npm's `server.js`, `main`, its one command, `index.js`. */
export async function programFile(folder: ProjectFolder, at: string, json: PackageJson): Promise<string | undefined> {
  const bins = [...json.bin.values()];
  const own = bins.length === 1 ? bins[0] : json.bin.get(json.name?.replace(/^@[^/]*\//, '') ?? '');
  for (const file of [own, json.main, 'server.js', 'index.js', 'index.mjs', 'index.cjs']) {
    if (file !== undefined && (await existingFile(folder, at, file)) !== undefined) return cleanPath(file);
  }
  return undefined;
}

/** The file that Node means by a path of a package: with its ending. Undefined where there is none, or it is not in the package. */
export async function existingFile(folder: ProjectFolder, at: string, file: string): Promise<string | undefined> {
  const clean = cleanPath(file);
  if (clean === undefined) return undefined;
  for (const ending of endings) {
    const found = at === '.' ? clean + ending : `${at}/${clean}${ending}`;
    if (await isFile(folder, found)) return clean + ending;
  }
  return undefined;
}

/** A relative path without `./` at its start; undefined for one that leads out. */
export function cleanPath(file: string): string | undefined {
  const parts = file
    .replaceAll('\\', '/')
    .split('/')
    .filter((part) => part !== '' && part !== '.');
  const isOdd = file.startsWith('/') || file.includes('\0') || /^[A-Za-z]:/.test(file) || parts.includes('..');
  return isOdd || parts.length === 0 ? undefined : parts.join('/');
}

/** A start script that calls a command of an installed package, as what node itself runs; undefined for others. */
export async function commandOfPackage(
  folder: ProjectFolder,
  at: string,
  json: PackageJson,
  { packages }: Closure,
  io: Io,
): Promise<Start | undefined> {
  const command = plainCommand(json.scripts['start'] ?? '');
  const [word = '', ...args] = command?.words ?? [];
  // Only commands of packages that it names itself: those of others are found by chance.
  const own = new Set([...json.dependencies, ...json.optional]);
  for (const { place, from, json: other } of packages) {
    const file = cleanPath(other.bin.get(word) ?? '');
    if (file === undefined || modulesOf(place) === undefined || !own.has(other.name ?? '')) continue;
    if (!(await isForNode(folder, `${from}/${file}`, io))) continue;
    const up = at === '.' ? '' : '../'.repeat(at.split('/').length);
    return { args: [`${up}${place}/${file}`, ...args], env: command?.env ?? [] };
  }
  return undefined;
}

async function isForNode(folder: ProjectFolder, file: string, io: Io): Promise<boolean> {
  const start = new TextDecoder('latin1').decode((await folder.bytes(file, io))?.subarray(0, 200));
  return start.startsWith('#!') ? /^#![^\n]*\bnode\b/.test(start) : /\.[cm]?js$/.test(file);
}

/** What node runs, in the words of an image config, for a base where that is known. */
export function nodeConfig({ args, env }: Start, base: string | undefined): ConfigChanges {
  const all = ['NODE_ENV=production', ...env];
  const isDistroless = base !== undefined && /(?:^|\/)distroless\//.test(base);
  if (args === undefined) return { cmd: ['npm', 'start'], env: all };
  if (isDistroless) return { entrypoint: ['/nodejs/bin/node', ...args], env: all };
  // Distroless has node where no PATH leads; other bases have no such folder.
  const path = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/nodejs/bin';
  return { entrypoint: ['node', ...args], env: base === undefined ? [...all, path] : all };
}
