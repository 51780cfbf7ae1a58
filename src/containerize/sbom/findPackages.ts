import { lstat } from 'node:fs/promises';
import path from 'node:path';
import type { Io } from '../../content/store.ts';
import { isOciError, OciError } from '../../errors.ts';
import { escapeText } from '../../oci/reference.ts';
import { describeBinary } from '../describeBinary.ts';
import { isZip } from '../jarFile.ts';
import { LocalFile } from '../localFile.ts';
import { goPackages } from './goPackages.ts';
import { lockParser } from './lockParsers.ts';
import { maxLockBytes } from './lockFile.ts';
import { materialsIn } from './materialsIn.ts';
import { mavenPackages } from './mavenJars.ts';
import { maxPackages, type SbomPackage } from './sbomPackage.ts';

/** What was found in materials. */
export interface FoundPackages {
  /** Each once, by package-url. */
  readonly packages: readonly SbomPackage[];
  /** What could not be read, in sentences. */
  readonly problems: readonly string[];
}

/**
 * The packages that materials name: absolute paths of lock files, programs, JARs, and folders with installed packages. What
 * is not there names none. @throws OciError too-large above 100,000 packages
 * @param lockFiles what they say of packages that materials name is taken over; others they do not add
 */
export async function findPackages(
  materials: readonly string[],
  io: Io,
  lockFiles: readonly string[] = [],
): Promise<FoundPackages> {
  const found = new Map<string, SbomPackage>();
  const problems: string[] = [];
  for (const material of [...new Set(materials)].sort()) {
    for await (const file of filesOf(material, problems, io)) {
      for (const each of await readMaterial(file, problems, io)) keep(found, each);
      if (found.size > maxPackages) throw tooMany();
    }
  }
  for (const file of lockFiles) {
    for (const each of await readMaterial(file, problems, io)) if (found.has(each.purl)) keep(found, each);
  }
  const packages = [...found.values()].sort((a, b) => (a.purl < b.purl ? -1 : 1));
  return { packages, problems };
}

/** A folder tells of what is installed in it. */
async function* filesOf(material: string, problems: string[], io: Io): AsyncGenerator<string, void, undefined> {
  const found = await lstat(material).catch(() => undefined);
  if (found?.isDirectory() === true) {
    try {
      yield* materialsIn(material, io);
    } catch (error) {
      if (!isOciError(error)) throw error;
      problems.push(`Not all packages in ${escapeText(path.basename(material))} are known: ${error.message}`);
    }
  } else if (found !== undefined) yield material;
}

async function readMaterial(file: string, problems: string[], io: Io): Promise<readonly SbomPackage[]> {
  try {
    return await packagesOfFile(file, io);
  } catch (error) {
    if (!isOciError(error)) throw error;
    problems.push(`The packages that ${escapeText(path.basename(file))} names are not known: ${error.message}`);
    return [];
  }
}

async function packagesOfFile(file: string, io: Io): Promise<readonly SbomPackage[]> {
  const source = await LocalFile.open(file, io);
  try {
    const parse = lockParser(file);
    if (parse !== undefined) return parse(await textOf(source, io));
    if (isZip(await source.read(0, 4, io))) return await mavenPackages(source, path.basename(file), io);
    const { go } = await describeBinary(source, file, io);
    return go === undefined ? [] : goPackages(go);
  } finally {
    await source.close();
  }
}

async function textOf(source: LocalFile, io: Io): Promise<string> {
  if (source.size > maxLockBytes) {
    throw new OciError('too-large', `it has ${source.size} bytes, more than the limit of ${maxLockBytes}.`);
  }
  return new TextDecoder().decode(await source.read(0, source.size, io));
}

/** One that says more of itself wins: a lock file knows checksums, an installed package its licence. */
function keep(found: Map<string, SbomPackage>, each: SbomPackage): void {
  const known = found.get(each.purl);
  found.set(each.purl, known === undefined ? each : { ...each, ...known });
}

function tooMany(): OciError {
  return new OciError('too-large', `more than ${maxPackages} packages were put in: no list of them is made.`);
}
