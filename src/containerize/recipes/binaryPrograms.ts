import { stat } from 'node:fs/promises';
import path from 'node:path';
import type { BinaryDescription } from '../../api.ts';
import type { Io } from '../../content/store.ts';
import { isOciError } from '../../errors.ts';
import { describeBinary } from '../describeBinary.ts';
import { LocalFile } from '../localFile.ts';
import { isElfFile } from './binaryOutput.ts';
import { readableEntries } from './folder/onDisk.ts';
import type { ProjectFolder } from './projectFolder.ts';

/** A program that a build has left in a folder. */
export interface BuiltProgram {
  /** Its absolute path. */
  readonly file: string;
  /** The same below the folder, with `/`. */
  readonly place: string;
  readonly name: string;
  /** Milliseconds since 1970. */
  readonly modified: number;
  readonly binary: BinaryDescription;
}

const maxFiles = 2000;
const maxFolders = 500;
const maxDescribed = 40;
/** Where builds leave programs. */
const usual = [
  'bin',
  'dist',
  'build',
  'out',
  'target/release',
  'zig-out/bin',
  '.build/release',
  'builddir',
  'src',
  '.',
  // Of libtool: beside them are scripts that start them.
  '.libs',
  'src/.libs',
];
/** What no build calls a program. */
const other =
  /\.(?:so(?:\.[\d.]+)?|o|a|d|rlib|rmeta|node|c|h|cc|cpp|hpp|rs|go|py|java|class|jar|js|mjs|ts|map|html|css|json|txt|md|ya?ml|toml|lock|png|svg)$/i;
const passedOver: ReadonlySet<string> = new Set([
  'CMakeFiles',
  'meson-private',
  'deps',
  'incremental',
  'node_modules',
  'examples',
  'obj',
]);

/** The ELF programs in a folder's usual places, the newest first: at most 40, out of the first 2,000 files. */
export async function findPrograms(folder: ProjectFolder, io: Io): Promise<readonly BuiltProgram[]> {
  const found: { readonly place: string; readonly modified: number }[] = [];
  let looked = 0;
  for (const place of await placesOf(folder, io)) {
    for (const { name, kind } of await readableEntries(folder, place, io)) {
      if (kind !== 'file' || other.test(name)) continue;
      if (looked++ >= maxFiles) break;
      const one = path.posix.join(place, name);
      if (await isElfFile(folder.path(one), io)) found.push({ place: one, modified: await modified(folder.path(one)) });
    }
  }
  const newest = found.sort((a, b) => b.modified - a.modified).slice(0, maxDescribed);
  const programs: BuiltProgram[] = [];
  for (const one of newest) {
    const file = folder.path(one.place);
    const binary = await describedProgram(file, io);
    if (binary?.kind === 'program') programs.push({ ...one, file, name: path.posix.basename(one.place), binary });
  }
  return programs;
}

/** The usual places and the folders in them: releases for several platforms lie in a folder each. */
async function placesOf(folder: ProjectFolder, io: Io): Promise<ReadonlySet<string>> {
  const top = await readableEntries(folder, '.', io);
  const cmake = top.flatMap(({ name, kind }) => (kind === 'folder' && /^cmake-build-/.test(name) ? [name] : []));
  const targets = (await foldersIn(folder, 'target', io)).map((target) => `${target}/release`);
  const places = new Set<string>();
  for (const place of [...cmake, ...usual.slice(0, 4), ...targets, ...usual.slice(4)]) {
    places.add(place);
    // In others there is the source.
    const isOutput = place !== '.' && place !== 'src' && !place.endsWith('.libs') && !place.startsWith('target/');
    if (isOutput) for (const inside of await foldersIn(folder, place, io)) places.add(inside);
    if (places.size > maxFolders) break;
  }
  return places;
}

async function foldersIn(folder: ProjectFolder, place: string, io: Io): Promise<readonly string[]> {
  const entries = await readableEntries(folder, place, io);
  return entries.flatMap(({ name, kind }) =>
    kind === 'folder' && !passedOver.has(name) && !name.startsWith('.') ? [path.posix.join(place, name)] : [],
  );
}

async function modified(file: string): Promise<number> {
  return stat(file).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  );
}

/** What a file is; undefined where it cannot be read. */
export async function describedProgram(file: string, io: Io): Promise<BinaryDescription | undefined> {
  let source: LocalFile;
  try {
    source = await LocalFile.open(file, io);
  } catch (error) {
    if (isOciError(error)) return undefined;
    throw error;
  }
  try {
    return await describeBinary(source, file, io);
  } finally {
    await source.close();
  }
}
