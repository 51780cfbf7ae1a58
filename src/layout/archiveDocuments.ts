import { tmpdir } from 'node:os';
import { decompress } from '../archive/decompress.ts';
import { readAll } from '../content/bytes.ts';
import type { Io } from '../content/store.ts';
import { isOciError } from '../errors.ts';
import { ArchiveFile } from './archiveFile.ts';
import { ForwardBytes } from './forwardBytes.ts';
import { maxIndexBytes } from './layoutIndex.ts';
import { type ArchiveMember, type TarBytes, walkMembers } from './walkMembers.ts';

/** How far a tar is looked through: one in which nothing looks like an archive of images, and any other. */
const limits = {
  plain: { members: 2000, bytes: 64 << 20 },
  promising: { members: 100_000, bytes: 16 * 2 ** 30 },
} as const;

const documents: ReadonlySet<string> = new Set(['oci-layout', 'index.json', 'manifest.json']);
/** A layout's files, or those that docker, podman, skopeo, crane and kaniko write. */
const promise =
  /^(?:oci-layout|blobs\/sha(?:256|512)\/[0-9a-f]+|[0-9a-f]{64}(?:\.json|\/.*)|(?:sha256:)?[0-9a-f]{64}(?:\.tar(?:\.gz)?)?)$/;

/**
 * The JSON files of an archive of images that say what is in it, by name; none where a file is no tar or there is nothing
 * of the kind in it. Only headers and these files are read; of a compressed tar everything before them.
 * @throws OciError not-found, forbidden
 */
export async function archiveDocuments(path: string, io: Io): Promise<ReadonlyMap<string, Uint8Array>> {
  const found = new Map<string, Uint8Array>();
  try {
    const file = await ArchiveFile.open(path, tmpdir(), io);
    await using forward = new ForwardBytes(decompress(file.stored(io), file.compression), path);
    await collect(file.compression === 'none' ? await file.tar(io) : forward, found, io);
  } catch (error) {
    // What is damaged or no tar at all is described by what was found before.
    if (!isOciError(error, 'corrupt-archive', 'content-mismatch', 'too-large', 'unsupported-media-type')) throw error;
  }
  return found;
}

async function collect(tar: TarBytes, found: Map<string, Uint8Array>, io: Io): Promise<void> {
  let count = 0;
  let limit: { readonly members: number; readonly bytes: number } = limits.plain;
  let isLayout = false;
  for await (const member of walkMembers(tar, io)) {
    if (documents.has(member.name) && !found.has(member.name)) found.set(member.name, await contentOf(member, tar, io));
    if (promise.test(member.name)) limit = limits.promising;
    isLayout ||= member.name === 'oci-layout' || member.name.startsWith('blobs/');
    const enough = isLayout ? found.has('oci-layout') && found.has('index.json') : found.has('manifest.json');
    // Headers of a file are cheap to reach, the bytes of a stream are not.
    const read = tar.size === Infinity ? member.offset + member.size : 0;
    if (enough || ++count > limit.members || read > limit.bytes) return;
  }
}

async function contentOf({ name, offset, size }: ArchiveMember, tar: TarBytes, io: Io): Promise<Uint8Array> {
  return readAll(tar.read({ start: offset, end: offset + size }, io), maxIndexBytes, name);
}
