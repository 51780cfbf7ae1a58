import { isOciError } from '../../../errors.ts';
import { isObject, type JsonObject, stringList } from '../../../oci/json.ts';
import { parseToml } from '../../toml.ts';
import { knownHashes, type Locked } from './lockedPackages.ts';

const maxPackages = 5_000;
const inGroup = /^\(?\s*["']([\w.-]{1,200})["']\s+in\s+(extras|dependency_groups)\s*\)?$/;

/**
 * What a pylock.toml (PEP 751) installs by default, each with its exact version; `@name` for what comes from an address or a
 * folder, or has a condition that is not understood. Empty for one that cannot be read.
 */
export function lockedByPylock(text: string): readonly Locked[] {
  const lock = readLock(text);
  const packages: unknown = lock['packages'];
  const groups = new Set(stringList(lock['default-groups']));
  const entries = Array.isArray(packages) ? packages.filter(isObject).slice(0, maxPackages) : [];
  return entries.flatMap((entry) =>
    specifierOf(entry, groups).map((specifier) => ({ specifier, hashes: hashesOf(entry) })),
  );
}

function readLock(text: string): JsonObject {
  try {
    return parseToml(text, 'pylock.toml');
  } catch (error) {
    if (isOciError(error)) return {};
    throw error;
  }
}

/** Of its wheels and its source. */
function hashesOf({ wheels, sdist }: JsonObject): readonly string[] {
  const files: readonly unknown[] = [...(Array.isArray(wheels) ? (wheels as readonly unknown[]) : []), sdist];
  const tables = files.map((file) => (isObject(file) ? file['hashes'] : undefined)).filter(isObject);
  return knownHashes(tables.flatMap((table) => Object.entries(table).map(([name, hash]) => `${name}:${String(hash)}`)));
}

function specifierOf(entry: JsonObject, groups: ReadonlySet<string>): readonly string[] {
  const { name, version, directory, marker } = entry;
  if (typeof name !== 'string') return [];
  // The project itself is among what it needs.
  if (isObject(directory) && ['.', './'].includes(String(directory['path']))) return [];
  const condition = typeof marker === 'string' ? ordinaryMarker(marker, groups) : '';
  if (condition === 'never') return [];
  const isElsewhere = ['directory', 'vcs', 'archive'].some((kind) => kind in entry);
  if (typeof version !== 'string' || isElsewhere || condition === undefined) return [`@${name}`];
  return [`${name}==${version}${condition === '' ? '' : `; ${condition}`}`];
}

/** A marker without the conditions on groups and extras, which pip does not know; undefined where they cannot be taken out. */
function ordinaryMarker(marker: string, groups: ReadonlySet<string>): string | undefined {
  if (!/\b(?:extras|dependency_groups)\b/.test(marker)) return marker;
  const holds = (clause: string): boolean => {
    const [, name = '', kind] = inGroup.exec(clause) ?? [];
    return kind === 'dependency_groups' && groups.has(name);
  };
  const alternatives = marker.split(/\s+or\s+/);
  if (alternatives.every((clause) => inGroup.test(clause))) return alternatives.some(holds) ? '' : 'never';
  const clauses = marker.split(/\s+and\s+/);
  if (alternatives.length > 1 || clauses.every((clause) => !inGroup.test(clause))) return undefined;
  if (clauses.some((clause) => inGroup.test(clause) && !holds(clause))) return 'never';
  const rest = clauses.filter((clause) => !inGroup.test(clause)).join(' and ');
  return /\b(?:extras|dependency_groups)\b/.test(rest) ? undefined : rest;
}
