import { stat } from 'node:fs/promises';
import path from 'node:path';
import { fileError } from '../../../archive/fileError.ts';
import type { FileOnDisk } from '../../../archive/pack.ts';
import type { Io } from '../../../content/store.ts';
import type { LayerBlueprint } from '../../blueprint.ts';

/** A JAR that an application needs. */
export interface Library {
  /** An absolute path. */
  readonly file: string;
  /** `module`: another part of the same build. */
  readonly kind: 'release' | 'snapshot' | 'module';
  /** Its absolute path in the image. Default: under its own name in the folder for libraries. */
  readonly to?: string;
}

/** Where an application is in its image. */
export const appRoot = '/app';
/** The modes of all files: a build's own differ from machine to machine. */
export const modes = { mode: 0o644, directoryMode: 0o755 };

const titles = { release: 'dependencies', snapshot: 'snapshot dependencies', module: 'project dependencies' };

/** Of a library that is no part of the same build, by the name of its file. */
export function kindOf(file: string): Library['kind'] {
  return path.basename(file).includes('SNAPSHOT') ? 'snapshot' : 'release';
}

/** Libraries in a folder of the image, a layer for each kind. @throws OciError not-found for a missing library */
export async function libraryLayers(
  libraries: readonly Library[],
  to: string,
  io: Io,
): Promise<readonly LayerBlueprint[]> {
  const unique = [...new Map(libraries.map((one) => [one.file, one])).values()];
  const names = await namesOf(unique, io);
  const placed = new Map<Library['kind'], FileOnDisk[]>([
    ['release', []],
    ['snapshot', []],
    ['module', []],
  ]);
  for (const { file, kind, to: given } of unique) {
    const place = given ?? `${to}/${names.get(file) ?? path.basename(file)}`;
    placed.get(kind)?.push({ from: file, to: place, ...modes });
  }
  return [...placed]
    .filter(([, files]) => files.length > 0)
    .map(([kind, files]) => ({ name: titles[kind], files: files.sort((a, b) => (a.to < b.to ? -1 : 1)) }));
}

/** Those of one name get their size into it, as Jib does it, and a number where that is the same too. */
async function namesOf(libraries: readonly Library[], io: Io): Promise<ReadonlyMap<string, string>> {
  const counts = new Map<string, number>();
  const count = (name: string): number => {
    const next = (counts.get(name) ?? 0) + 1;
    counts.set(name, next);
    return next;
  };
  for (const { file } of libraries) count(path.basename(file));
  const names = new Map<string, string>();
  for (const { file } of libraries) {
    io.signal.throwIfAborted();
    const name = path.basename(file);
    if ((counts.get(name) ?? 0) < 2) continue;
    const sized = `${name.replace(/\.jar$/, '')}-${await sizeOf(file)}`;
    const same = count(`${sized}/`);
    names.set(file, same === 1 ? `${sized}.jar` : `${sized}-${same}.jar`);
  }
  return names;
}

async function sizeOf(file: string): Promise<number> {
  try {
    return (await stat(file)).size;
  } catch (cause) {
    throw fileError(cause, 'read', file);
  }
}
