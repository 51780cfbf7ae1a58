import { purlOf } from './purl.ts';
import {
  downloadUrl,
  integrityChecksums,
  plainLine,
  type SbomChecksum,
  type SbomPackage,
  sbomPackage,
} from './sbomPackage.ts';

/** What a lock file of npm, pnpm, Yarn or Bun says of a package; nothing of it is checked. */
export interface NpmFacts {
  /** With its scope: `@babel/core`. */
  readonly name: unknown;
  readonly version: unknown;
  /** As Subresource Integrity writes it. */
  readonly integrity?: unknown;
  readonly checksums?: readonly SbomChecksum[];
  readonly resolved?: unknown;
  readonly licence?: unknown;
}

const nameGrammar = /^(?:@[^/@\s]+\/)?[^/@\s]+$/;

/** A package of the npm registry or of a URL; none for folders, workspaces, and what is no package. */
export function npmPackage(facts: NpmFacts): readonly SbomPackage[] {
  const [name, version] = [plainLine(facts.name), plainLine(facts.version)];
  if (name === undefined || version === undefined || !nameGrammar.test(name)) return [];
  if (/^(?:file|link|portal|workspace|patch):/.test(version)) return [];
  const downloadLocation = downloadUrl(facts.resolved ?? (/^[a-z+]+:\/\//.test(version) ? version : undefined));
  const isRelease = /^[0-9v]/.test(version);
  const slash = name.indexOf('/');
  const purl = purlOf({
    type: 'npm',
    namespace: name.slice(0, Math.max(0, slash)),
    name: name.slice(slash + 1),
    ...(isRelease ? { version } : {}),
    ...(isRelease ? {} : { qualifiers: { download_url: downloadLocation } }),
  });
  const checksums = facts.checksums ?? integrityChecksums(facts.integrity);
  const licence = plainLine(facts.licence);
  return [sbomPackage(name, isRelease ? version : '', purl, { licence, checksums, downloadLocation })];
}

/** False for packages of other systems only, which npm lists and leaves out: `os: ['darwin', 'win32']`. */
export function isForLinux(os: unknown): boolean {
  if (!Array.isArray(os) || os.length === 0) return true;
  if (os.includes('!linux')) return false;
  return os.includes('linux') || os.includes('any') || os.every((each) => typeof each === 'string' && each[0] === '!');
}
