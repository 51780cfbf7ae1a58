import type { Io } from '../../../content/store.ts';
import { isOciError } from '../../../errors.ts';
import { isObject, stringList } from '../../../oci/json.ts';
import { parseYaml } from '../../spec/yamlDocument.ts';
import { readableEntries } from '../folder/onDisk.ts';
import type { ProjectFolder } from '../projectFolder.ts';
import type { BuildStep } from '../recipe.ts';
import type { PackageJson } from './packageJson.ts';

/** The program that installs a project's packages and runs its scripts. */
export interface PackageManager {
  readonly command: 'npm' | 'pnpm' | 'yarn' | 'bun';
  /** What installs exactly what the lock file says. */
  readonly install: string;
  readonly lockFile: string;
  readonly howToGet: string;
}

const npm: PackageManager = {
  command: 'npm',
  install: 'npm ci',
  lockFile: 'package-lock.json',
  howToGet: 'Install Node.js, which brings npm: https://nodejs.org.',
};

const others: readonly PackageManager[] = [
  {
    command: 'pnpm',
    install: 'pnpm install --frozen-lockfile',
    lockFile: 'pnpm-lock.yaml',
    howToGet: 'Install pnpm: "npm install --global pnpm", or "corepack enable".',
  },
  {
    command: 'yarn',
    install: 'yarn install --immutable',
    lockFile: 'yarn.lock',
    howToGet: 'Install Yarn: "npm install --global yarn", or "corepack enable".',
  },
  {
    command: 'bun',
    install: 'bun install --frozen-lockfile',
    lockFile: 'bun.lock',
    howToGet: 'Install Bun: https://bun.sh.',
  },
];

/** By `packageManager` of the root's package.json, else by the lock file, else npm. */
export async function packageManagerOf(folder: ProjectFolder, root: PackageJson | undefined): Promise<PackageManager> {
  const [named] = (root?.packageManager ?? '').split('@', 1);
  const known = [npm, ...others].find(({ command }) => command === named);
  if (known !== undefined) return known;
  for (const one of others) if (await folder.has(one.lockFile)) return one;
  return npm;
}

/** Runs the script `build` of the package in a folder. */
export async function buildScript(
  folder: ProjectFolder,
  at: string,
  { command, install, howToGet }: PackageManager,
  { dependencies, devDependencies }: PackageJson,
): Promise<BuildStep> {
  const needsNone = at === '.' && dependencies.length + devDependencies.length === 0;
  const isInstalled = needsNone || (await folder.has('node_modules')) || (await folder.has('.pnp.cjs'));
  return {
    title: at === '.' ? `${command} run build` : `${command} run build in ${at}`,
    command,
    args: ['run', 'build'],
    directory: folder.path(at),
    env: {},
    howToGet,
    ...(isInstalled ? {} : { ifItFails: `Its packages are not installed: run "${install}" first.` }),
  };
}

const maxMembers = 500;
const maxFolders = 5_000;
const maxDepth = 8;

/** The folders of a workspace's packages, sorted; empty where the folder is no workspace. */
export async function workspaceMembers(folder: ProjectFolder, root: PackageJson, io: Io): Promise<readonly string[]> {
  const globs = [...root.workspaces, ...(await pnpmGlobs(folder, io))].slice(0, maxMembers);
  const found = new Set<string>();
  const budget = { folders: maxFolders };
  for (const glob of globs.filter((one) => !one.startsWith('!'))) {
    const parts = partsOf(glob);
    if (parts === undefined) continue;
    for (const member of await expand(folder, [], parts, budget, io)) found.add(member);
  }
  for (const glob of globs.filter((one) => one.startsWith('!'))) {
    const parts = partsOf(glob.slice(1));
    if (parts === undefined) continue;
    for (const member of found) if (matches(member.split('/'), parts)) found.delete(member);
  }
  return [...found].sort().slice(0, maxMembers);
}

/** Undefined for a glob that leads out of the folder, or that takes too long to try. */
function partsOf(glob: string): readonly string[] | undefined {
  const parts = glob.split('/').filter((part) => part !== '' && part !== '.');
  const isOdd = parts.includes('..') || glob.includes('\\') || glob.includes('\0') || parts.length > maxDepth;
  return isOdd || parts.filter((part) => part === '**').length > 2 ? undefined : parts;
}

async function pnpmGlobs(folder: ProjectFolder, io: Io): Promise<readonly string[]> {
  const file = 'pnpm-workspace.yaml';
  try {
    const text = await folder.text(file, io);
    const value = text === undefined ? undefined : parseYaml(text, file).value;
    return isObject(value) ? stringList(value['packages']) : [];
  } catch (error) {
    if (isOciError(error)) return [];
    throw error;
  }
}

async function expand(
  folder: ProjectFolder,
  at: readonly string[],
  parts: readonly string[],
  budget: { folders: number },
  io: Io,
): Promise<readonly string[]> {
  const [part, ...rest] = parts;
  const here = at.join('/');
  if (part === undefined) return here !== '' && (await folder.has(`${here}/package.json`)) ? [here] : [];
  if (!part.includes('*')) return expand(folder, [...at, part], rest, budget, io);
  if (budget.folders-- <= 0 || at.length > maxDepth) return [];
  const found = part === '**' ? [...(await expand(folder, at, rest, budget, io))] : [];
  for (const { name, kind } of await readableEntries(folder, here === '' ? '.' : here, io)) {
    if (kind !== 'folder' || name === 'node_modules' || name.startsWith('.')) continue;
    if (part === '**') found.push(...(await expand(folder, [...at, name], parts, budget, io)));
    else if (fits(name, part)) found.push(...(await expand(folder, [...at, name], rest, budget, io)));
  }
  return found;
}

function matches(path: readonly string[], parts: readonly string[]): boolean {
  const [part, ...rest] = parts;
  const [name, ...more] = path;
  if (part === undefined) return name === undefined;
  if (part === '**') return matches(path, rest) || (name !== undefined && matches(more, parts));
  return name !== undefined && fits(name, part) && matches(more, rest);
}

/** A name against a pattern with at most one star. */
function fits(name: string, pattern: string): boolean {
  const star = pattern.indexOf('*');
  if (star < 0) return name === pattern;
  const [start, end] = [pattern.slice(0, star), pattern.slice(star + 1)];
  return name.length >= start.length + end.length && name.startsWith(start) && name.endsWith(end);
}
