import { isObject, type JsonObject } from '../../oci/json.ts';
import { jsonObject } from './lockFile.ts';
import { isForLinux, npmPackage } from './npmPackage.ts';
import type { SbomPackage } from './sbomPackage.ts';

/** What `npm ci --omit=dev` installs of a package-lock.json or npm-shrinkwrap.json (versions 1 to 3). @throws OciError invalid-spec */
export function npmLockPackages(text: string): readonly SbomPackage[] {
  return packagesOfLock(text, (entry) => entry['dev'] !== true);
}

/** What is in a `node_modules`, by its hidden lock file `.package-lock.json`. @throws OciError invalid-spec */
export function npmTreePackages(text: string): readonly SbomPackage[] {
  return packagesOfLock(text, () => true);
}

function packagesOfLock(text: string, isWanted: (entry: JsonObject) => boolean): readonly SbomPackage[] {
  const lock = jsonObject(text, 'package-lock.json');
  const entries = isObject(lock['packages']) ? flatEntries(lock['packages']) : nestedEntries(lock['dependencies']);
  return entries.flatMap(([name, entry]) => {
    if (entry['link'] === true || !isWanted(entry) || !isForLinux(entry['os'])) return [];
    const { version, resolved, integrity, license: licence } = entry;
    return npmPackage({ name: entry['name'] ?? name, version, resolved, integrity, licence });
  });
}

type Entry = readonly [name: string, entry: JsonObject];

/** Versions 2 and 3: paths such as `node_modules/a/node_modules/@b/c`. Others are folders of the project. */
function flatEntries(packages: JsonObject): readonly Entry[] {
  const marker = 'node_modules/';
  return Object.entries(packages).flatMap(([path, entry]): readonly Entry[] => {
    const at = path.lastIndexOf(marker);
    return at < 0 || !isObject(entry) ? [] : [[path.slice(at + marker.length), entry]];
  });
}

/** Version 1: each dependency has those of its own below it. */
function nestedEntries(dependencies: unknown): readonly Entry[] {
  const found: Entry[] = [];
  const waiting = [dependencies];
  for (let next = waiting.pop(); waiting.length > 0 || next !== undefined; next = waiting.pop()) {
    if (!isObject(next)) continue;
    for (const [name, entry] of Object.entries(next)) {
      if (!isObject(entry)) continue;
      found.push(aliased(name, entry));
      if (entry['dependencies'] !== undefined) waiting.push(entry['dependencies']);
    }
  }
  return found;
}

/** `npm:other@1.0.0` as a version stands for another package. */
function aliased(name: string, entry: JsonObject): Entry {
  const { version } = entry;
  const alias = typeof version === 'string' ? /^npm:(.+)@([^@]+)$/.exec(version) : null;
  return alias === null ? [name, entry] : [alias[1] ?? name, { ...entry, version: alias[2] }];
}
