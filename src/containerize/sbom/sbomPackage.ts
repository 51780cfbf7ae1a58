/** A checksum as SPDX 2.3 names and writes it (7.10): lower-case hex. */
export interface SbomChecksum {
  readonly algorithm: 'SHA1' | 'SHA256' | 'SHA384' | 'SHA512';
  readonly value: string;
}

/** A package of some ecosystem that was put into an image. */
export interface SbomPackage {
  readonly name: string;
  /** As its ecosystem writes it; empty where it is not known. */
  readonly version: string;
  /** By the package-url specification; unique in a document. */
  readonly purl: string;
  /** As the package itself says, not checked. */
  readonly licence?: string;
  /** Of what `downloadLocation` gives out, or the registry of its ecosystem does. */
  readonly checksums?: readonly SbomChecksum[];
  /** An http, https or git URL without credentials. */
  readonly downloadLocation?: string;
  /** A sentence on where it comes from. */
  readonly comment?: string;
}

/** Most packages of one document. */
export const maxPackages = 100_000;

/** Longest name, version or other text of a package that is taken, in characters. */
const maxText = 1000;

/** A text of one line that can be shown; undefined for everything else. */
export function plainLine(value: unknown): string | undefined {
  if (typeof value !== 'string' || value.length > maxText) return undefined;
  const line = value.trim();
  return line === '' || /[\p{Cc}\p{Cs}]/u.test(line) ? undefined : line;
}

/** A URL a package can be fetched from, without credentials, query and fragment; undefined for what is none. */
export function downloadUrl(value: unknown): string | undefined {
  const text = plainLine(value);
  if (text === undefined || !/^(?:git\+)?(?:https?|ssh):\/\//.test(text) || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  url.username = '';
  url.password = '';
  url.search = '';
  url.hash = '';
  return url.href;
}

const lengths = { SHA1: 40, SHA256: 64, SHA384: 96, SHA512: 128 } as const;

/** The checksum of hex digits; none where they are not of that algorithm's length. */
export function hexChecksum(algorithm: SbomChecksum['algorithm'], hex: unknown): readonly SbomChecksum[] {
  const value = typeof hex === 'string' ? hex.toLowerCase() : '';
  return value.length === lengths[algorithm] && /^[0-9a-f]+$/.test(value) ? [{ algorithm, value }] : [];
}

const algorithms: ReadonlyMap<string, SbomChecksum['algorithm']> = new Map([
  ['sha512', 'SHA512'],
  ['sha384', 'SHA384'],
  ['sha256', 'SHA256'],
  ['sha1', 'SHA1'],
]);

/** The checksums of a text as Subresource Integrity writes them: `sha512-BASE64 sha1-BASE64`. */
export function integrityChecksums(integrity: unknown): readonly SbomChecksum[] {
  if (typeof integrity !== 'string' || integrity.length > maxText) return [];
  const found = new Map<string, SbomChecksum>();
  for (const part of integrity.trim().split(/\s+/)) {
    const dash = part.indexOf('-');
    const algorithm = algorithms.get(part.slice(0, dash));
    if (algorithm === undefined) continue;
    const hex = Buffer.from(part.slice(dash + 1), 'base64').toString('hex');
    for (const checksum of hexChecksum(algorithm, hex)) found.set(algorithm, checksum);
  }
  return [...found.values()];
}

interface Extras {
  readonly licence?: string | undefined;
  readonly checksums?: readonly SbomChecksum[];
  readonly downloadLocation?: string | undefined;
  readonly comment?: string | undefined;
}

/** A package without the members that are not known. */
export function sbomPackage(name: string, version: string, purl: string, extras: Extras = {}): SbomPackage {
  const { licence, checksums = [], downloadLocation, comment } = extras;
  return {
    name,
    version,
    purl,
    ...(licence === undefined ? {} : { licence }),
    ...(checksums.length === 0 ? {} : { checksums }),
    ...(downloadLocation === undefined ? {} : { downloadLocation }),
    ...(comment === undefined ? {} : { comment }),
  };
}
