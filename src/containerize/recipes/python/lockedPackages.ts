import { isObject, type JsonObject, stringList } from '../../../oci/json.ts';

/** A package that a lock file names. */
export interface Locked {
  /** As pip takes it, with its exact version; `@name` for what comes from an address or a path. */
  readonly specifier: string;
  /** `sha256:…` of each file that it may be installed from; empty where the lock file does not say. */
  readonly hashes: readonly string[];
}

const maxNames = 5_000;
const maxHashes = 1_000;

/** The section `default` of a Pipfile.lock. */
export function lockedByPipenv(lock: JsonObject | undefined): readonly Locked[] {
  const section = lock?.['default'];
  const found = isObject(section) ? Object.entries(section).slice(0, maxNames) : [];
  return found.map(([name, entry]) => {
    const { version, markers, hashes } = isObject(entry) ? entry : {};
    // Without a version it comes from an address or a path.
    if (typeof version !== 'string') return { specifier: `@${name}`, hashes: [] };
    const condition = typeof markers === 'string' ? `; ${markers}` : '';
    return { specifier: `${name}${version}${condition}`, hashes: knownHashes(stringList(hashes)) };
  });
}

/** Those that pip can check. */
export function knownHashes(hashes: readonly string[]): readonly string[] {
  return hashes.slice(0, maxHashes).filter((hash) => /^sha(?:256|384|512):[0-9a-fA-F]{64,128}$/.test(hash));
}

/** The packages as a file for `pip install -r`. pip takes hashes of all or of none. */
export function requirementsText(locked: readonly Locked[]): string {
  const isHashed = locked.every(({ hashes }) => hashes.length > 0);
  const lines = locked.map(({ specifier, hashes }) =>
    isHashed ? [specifier, ...hashes.map((hash) => `--hash=${hash}`)].join(' ') : specifier,
  );
  return lines.map((line) => `${line}\n`).join('');
}
