import type { TarEntry } from '../archive/tarEntry.ts';
import { type CleanName, cleanName } from '../archive/tarNames.ts';
import { TarReader } from '../archive/tarReader.ts';
import { readAll } from '../content/bytes.ts';
import type { ByteRange, ByteStream, Io } from '../content/store.ts';
import { isOciError, OciError } from '../errors.ts';
import { escapeText } from '../oci/reference.ts';

/** A file of a tar, or a link to one. */
export interface ArchiveMember {
  /** From the root of the tar: `a/b` for `./a/b` and `/a/b`. */
  readonly name: string;
  /** Bytes; 0 for links. */
  readonly size: number;
  /** Where the content begins in the tar, in bytes. */
  readonly offset: number;
  /** For links: the name of what they stand for. */
  readonly link?: string;
}

/** A tar that can be read by position, from its start to its end. */
export interface TarBytes {
  /** How the user names it, for errors. */
  readonly shown: string;
  /** Bytes; Infinity where that is not known before the end. */
  readonly size: number;
  /** How many bytes to read at once where headers are looked for. */
  readonly window: number;
  /** A part; only of a tar without a known size may it be shorter than asked for. */
  read(range: ByteRange, io: Io): ByteStream;
}

const block = 512;
/** Most entries of a tar that is looked through, folders and all: an image has at most 10,000 layers. */
const maxEntries = 100_000;
/** Most characters of a name, or of what a link names: those of image archives have at most 150, and all are kept in memory. */
const maxName = 512;
const zeros = Buffer.alloc(1 << 20);

/**
 * The files and links of a tar in their order, without what is between them: content is passed over, not read. Names that
 * leave the tar or are longer than 512 characters are left out, and sparse files, which no image archive has.
 * @throws OciError corrupt-archive where it is no tar or is cut short, naming the member; too-large
 */
export async function* walkMembers(tar: TarBytes, io: Io): AsyncGenerator<ArchiveMember, void, undefined> {
  const found: TarEntry[] = [];
  const reader = new TarReader({ entry: (entry) => found.push(entry) });
  let window: Uint8Array = new Uint8Array();
  while (!reader.ended) {
    if (window.length === 0) window = await windowAt(tar, reader.offset, io);
    if (window.length === 0) break;
    named(tar, () => reader.push(window.subarray(0, block)));
    window = window.subarray(block);
    const entry = found.pop();
    if (entry === undefined) continue;
    if (reader.entries > maxEntries) throw tooMany(tar);
    if (entry.offset + entry.stored > tar.size) throw cut(entry, tar);
    const member = memberOf(entry);
    if (member !== undefined) yield member;
    const next = entry.offset + Math.ceil(entry.stored / block) * block;
    window = tar.size === Infinity ? await windowAt(tar, next, io) : window.subarray(next - reader.offset);
    // A stream that ends here may have ended before: nobody knows.
    if (tar.size === Infinity && window.length === 0) return;
    passOver(reader, next);
  }
  named(tar, () => reader.end());
}

/** The reader counts content that it is not shown, so that its offsets stay those of the tar. */
function passOver(reader: TarReader, position: number): void {
  while (reader.offset < position) reader.push(zeros.subarray(0, position - reader.offset));
}

async function windowAt(tar: TarBytes, start: number, io: Io): Promise<Uint8Array> {
  const end = Math.min(start + tar.window, tar.size);
  return start >= end ? new Uint8Array() : readAll(tar.read({ start, end }, io), tar.window, tar.shown);
}

function memberOf({ name, linkname, typeflag, stored, offset, fragments }: TarEntry): ArchiveMember | undefined {
  if (name.length > maxName) return undefined;
  const { path, leaves } = cleanName(name);
  if (leaves || fragments !== undefined) return undefined;
  if (typeflag === '0' || typeflag === '7') return { name: path, size: stored, offset };
  if (linkname.length > maxName) return undefined;
  const link = typeflag === '1' ? cleanName(linkname) : typeflag === '2' ? symlinkTarget(path, linkname) : undefined;
  return link === undefined || link.leaves ? undefined : { name: path, size: 0, offset, link: link.path };
}

/** A symbolic link counts from its folder; one to the root of a machine leads out of the tar. */
function symlinkTarget(path: string, linkname: string): CleanName | undefined {
  return linkname.startsWith('/') ? undefined : cleanName(`${path}/../${linkname}`);
}

function named(tar: TarBytes, action: () => void): void {
  try {
    action();
  } catch (cause) {
    if (!isOciError(cause)) throw cause;
    throw new OciError(cause.code, `${tar.shown} cannot be read: ${cause.message}`, { cause });
  }
}

function tooMany({ shown }: TarBytes): OciError {
  return new OciError('too-large', `${shown} has more than ${maxEntries} files and folders: it is no image archive.`);
}

function cut({ name, offset, stored }: TarEntry, { shown, size }: TarBytes): OciError {
  return new OciError(
    'corrupt-archive',
    `${shown} is cut short: ${offset + stored - size} of the ${stored} bytes of ${escapeText(name)} are missing, and what comes behind it. Save the image again.`,
  );
}
