import { realpath } from 'node:fs/promises';
import path from 'node:path';
import { fileError } from '../../../archive/fileError.ts';
import type { Io } from '../../../content/store.ts';
import { isOciError } from '../../../errors.ts';
import { escapeText } from '../../../oci/reference.ts';
import type { ContainerizeWarning } from '../../../api.ts';
import { pathBelow } from '../../pathBelow.ts';
import { withZip } from '../../zipOnDisk.ts';
import { appRoot, kindOf, type Library } from './libraries.ts';
import { readManifest } from './manifest.ts';

const maxLibraries = 20_000;

type Placed = Library & { readonly to: string };

interface Named {
  readonly name: string;
  /** Of the JAR that names it, below the folder of the program; empty for that folder. */
  readonly folder: string;
}

/**
 * The libraries that the manifest of a JAR names, and those that theirs do, as Java follows them: as far as they are in the
 * folder of the JAR. Others are not taken from this machine.
 */
export async function librariesBeside(
  file: string,
  classPath: string,
  io: Io,
): Promise<{ readonly libraries: readonly Library[]; readonly warnings: readonly ContainerizeWarning[] }> {
  const own = await real(file);
  const named = namesIn(classPath).map((name) => ({ name, folder: '' }));
  const libraries: Library[] = [];
  const missing: string[] = [];
  const seen = new Set([own]);
  const waiting: Named[] = [...named];
  for (let next = waiting.shift(); next !== undefined && libraries.length < maxLibraries; next = waiting.shift()) {
    io.signal.throwIfAborted();
    const found = await library(path.dirname(own), next);
    // Many libraries name some that they do without.
    if (found === undefined && named.includes(next)) missing.push(next.name);
    if (found === undefined || seen.has(found.file)) continue;
    seen.add(found.file);
    libraries.push(found);
    const folder = path.posix.relative(appRoot, path.posix.dirname(found.to));
    waiting.push(...namesIn(await classPathOf(found.file, io)).map((name) => ({ name, folder })));
  }
  if (missing.length === 0) return { libraries, warnings: [] };
  const text = `Libraries that the manifest of ${escapeText(path.basename(file))} names are no JARs in its folder, and are left out.`;
  return { libraries, warnings: [{ code: 'note', text, paths: missing.slice(0, 100) }] };
}

function namesIn(classPath: string): readonly string[] {
  return [...new Set(classPath.split(/\s+/, maxLibraries).filter((one) => one !== ''))];
}

/** What the manifest of a library names in turn; nothing where it cannot be read. */
async function classPathOf(file: string, io: Io): Promise<string> {
  try {
    return (await withZip(file, async (zip) => readManifest(zip, io), io))?.get('class-path') ?? '';
  } catch (error) {
    if (isOciError(error)) return '';
    throw error;
  }
}

async function library(root: string, { name, folder }: Named): Promise<Placed | undefined> {
  const relative = decoded(name)?.replace(/^(?:\.\/)+/, '');
  // A URL of any kind, a drive, an absolute path: nothing that is relative to the JAR.
  if (relative === undefined || !/^[^/\\:\0]/.test(relative) || /[\\:\0]/.test(relative)) return undefined;
  try {
    const found = await realpath(path.join(root, folder, relative));
    if (pathBelow(root, found) === undefined || !relative.endsWith('.jar')) return undefined;
    return { file: found, kind: kindOf(relative), to: path.posix.join(appRoot, folder, relative) };
  } catch (cause) {
    const error = fileError(cause, 'read', path.join(root, folder, relative));
    if (isOciError(error, 'not-found')) return undefined;
    throw error;
  }
}

function decoded(name: string): string | undefined {
  try {
    return decodeURIComponent(name);
  } catch {
    return undefined;
  }
}

async function real(file: string): Promise<string> {
  try {
    return await realpath(file);
  } catch (cause) {
    throw fileError(cause, 'read', file);
  }
}
