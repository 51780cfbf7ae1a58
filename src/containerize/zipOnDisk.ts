import { type BigIntStats } from 'node:fs';
import { stat } from 'node:fs/promises';
import { fileError } from '../archive/fileError.ts';
import type { GeneratedContent } from '../archive/pack.ts';
import type { Io } from '../content/store.ts';
import { OciError } from '../errors.ts';
import { escapeText } from '../oci/reference.ts';
import { LocalFile } from './localFile.ts';
import { memberStream } from './zipContent.ts';
import type { ZipMember } from './zipDirectory.ts';
import { ZipFile } from './zipFile.ts';

/** Runs an action on an archive of this machine, which is closed afterwards. @throws OciError corrupt-archive for what is no ZIP archive */
export async function withZip<T>(file: string, action: (zip: ZipFile) => Promise<T>, io: Io): Promise<T> {
  const source = await LocalFile.open(file, io);
  try {
    const zip = await ZipFile.open(source, io);
    if (zip === undefined) throw new OciError('corrupt-archive', `${escapeText(file)} is no ZIP archive.`);
    return await action(zip);
  } finally {
    await source.close();
  }
}

/**
 * Gives files of an archive as content for a layer. Each is read when it is packed, again if need be, and only as long as
 * the archive is the file that it was now.
 * @param file an absolute path
 */
export async function zipContents(file: string): Promise<(member: ZipMember) => GeneratedContent> {
  const then = await statOf(file);
  return (member) => ({
    size: member.size,
    name: `${file}: ${member.name}`,
    open: (io) => openMember({ file, then, member }, io),
  });
}

async function* openMember(
  { file, then, member }: { readonly file: string; readonly then: BigIntStats; readonly member: ZipMember },
  io: Io,
): AsyncGenerator<Uint8Array, void, undefined> {
  const source = await LocalFile.open(file, io);
  try {
    // Before, because the offsets of another archive say nothing; after, because it may be written meanwhile.
    await checkSame(file, then);
    yield* memberStream(source, member, io);
    await checkSame(file, then);
  } finally {
    await source.close();
  }
}

async function checkSame(file: string, then: BigIntStats): Promise<void> {
  const now = await statOf(file);
  const same = now.size === then.size && now.mtimeNs === then.mtimeNs && now.ino === then.ino;
  if (!same) throw changed(file);
}

async function statOf(file: string): Promise<BigIntStats> {
  try {
    return await stat(file, { bigint: true });
  } catch (cause) {
    throw fileError(cause, 'read', file);
  }
}

function changed(file: string): OciError {
  return new OciError(
    'content-mismatch',
    `${escapeText(file)} changed while it was being packed. Nothing was uploaded: try again when nothing writes to it.`,
  );
}
