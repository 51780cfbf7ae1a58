import type { PreflightReason } from '../../api.ts';
import type { Io } from '../../content/store.ts';
import { escapeText } from '../../oci/reference.ts';
import { eachSymbol } from '../elf/elfSymbols.ts';
import { compareVersions, newestVersions } from '../elf/newestVersions.ts';
import { releaseWithGlibc } from './libraryPackages.ts';
import type { LoadedObject, Loader } from './loader.ts';
import type { LoadedLibraries } from './loadLibraries.ts';

const maxNamed = 5;

/** Versions that glibc's loader looks for in the libraries it found and that are not there: it then refuses to start. */
export function missingVersions({ objects }: LoadedLibraries): readonly PreflightReason[] {
  const byName = new Map(objects.flatMap((each) => namesOf(each).map((name) => [name, each] as const)).reverse());
  const byLibrary = new Map<LoadedObject, Set<string>>();
  for (const { needs } of objects) {
    for (const { library, version, isWeak } of needs) {
      const found = byName.get(library);
      // A library without versions is taken as it is.
      if (found?.definitions === undefined || found.definitions.has(version) || isWeak) continue;
      byLibrary.set(found, (byLibrary.get(found) ?? new Set()).add(version));
    }
  }
  return [...byLibrary].map(([library, versions]) => versionReason(library, [...versions]));
}

function namesOf({ name, dynamic }: LoadedObject): readonly string[] {
  return dynamic?.soname === undefined ? [name] : [name, dynamic.soname];
}

function versionReason(library: LoadedObject, versions: readonly string[]): PreflightReason {
  const offered = newestVersions(library.definitions ?? []);
  const wanted = newestVersions(versions)['GLIBC'];
  const has = Object.entries(offered).map(([kind, version]) => `${kind}_${version}`);
  const newest = has.length === 0 ? '' : ` Its newest is ${escapeText(has.join(', ')).slice(1, -1)}.`;
  const release = wanted === undefined ? undefined : releaseWithGlibc(wanted, compareVersions);
  const newer = release === undefined ? 'a newer base' : `a newer base, such as ${release}`;
  const names = versions.slice(0, maxNamed).map((version) => escapeText(version).slice(1, -1));
  return {
    code: 'no-version',
    effect: 'fails',
    text: `${escapeText(library.path)} of the base does not have ${names.join(', ')}, which the program asks for.${newest}`,
    fix: `Choose ${newer}, or build the program on an older system or statically.`,
  };
}

/**
 * Functions that the program uses and none of its libraries has. musl and programs that bind at once do not start without
 * one; others end when they call it.
 */
export async function missingSymbols(
  { objects }: LoadedLibraries,
  loader: Loader,
  bindsNow: boolean,
  io: Io,
): Promise<readonly PreflightReason[]> {
  const [program] = objects;
  if (program?.dynamic === undefined) return [];
  const wanted = new Set<string>();
  const want = ({ name, isDefined, isWeak }: { name: string; isDefined: boolean; isWeak: boolean }): void => {
    if (!isDefined && !isWeak && name !== '') wanted.add(name);
  };
  await eachSymbol(program.elf, program.dynamic, want, io);
  const meet = ({ name, isDefined }: { name: string; isDefined: boolean }): void => {
    if (isDefined) wanted.delete(name);
  };
  for (const { elf, dynamic } of objects) {
    if (wanted.size === 0) return [];
    if (dynamic !== undefined) await eachSymbol(elf, dynamic, meet, io);
  }
  if (wanted.size === 0) return [];
  const isFatal = loader.libc === 'musl' || bindsNow || program.dynamic.bindsNow;
  const names = [...wanted].slice(0, maxNamed).map((name) => escapeText(name).slice(1, -1));
  const more = wanted.size > maxNamed ? ` and ${wanted.size - maxNamed} more` : '';
  const when = isFatal ? 'it does not start' : 'it ends when it calls it';
  return [
    {
      code: 'no-symbol',
      effect: isFatal ? 'fails' : 'unknown',
      text: `No library of the base has ${names.join(', ')}${more}, which the program uses: ${when}.`,
      fix: `Choose a newer base, or build the program on a system as old as the base, or statically.`,
    },
  ];
}
