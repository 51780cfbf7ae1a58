import { OciError } from '../errors.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { type Manifest, maxManifestBytes, parseManifest } from '../oci/manifest.ts';
import type { ByteStream, ContentSource, Io, OpenContent, Resolved, Resolver } from './store.ts';

/** Collects a stream. @throws OciError too-large above `limit` bytes; `what` names the content */
export async function readAll(stream: ByteStream, limit: number, what: string): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of stream) {
    size += chunk.length;
    if (size > limit) throw new OciError('too-large', `${what} is larger than the limit of ${limit} bytes`);
    chunks.push(chunk);
  }
  return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks, size);
}

/** A stream of bytes in memory. */
export async function* streamOf(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  yield bytes;
}

/** Opens bytes in memory, as often as asked. */
export function opens(bytes: Uint8Array): OpenContent {
  return () => Promise.resolve(streamOf(bytes));
}

/** The verified content of a small descriptor. @throws OciError too-large, content-mismatch */
export async function fetchBytes(
  source: ContentSource,
  descriptor: Descriptor,
  limit: number,
  io: Io,
): Promise<Uint8Array> {
  if (descriptor.size > limit) {
    throw new OciError(
      'too-large',
      `${descriptor.digest} has ${descriptor.size} bytes, more than the limit of ${limit}`,
    );
  }
  return readAll(await source.fetch(descriptor, io), limit, descriptor.digest);
}

/** The parsed manifest of a descriptor. @throws OciError invalid-manifest, too-large, content-mismatch, not-found */
export async function fetchManifest(source: ContentSource, descriptor: Descriptor, io: Io): Promise<Manifest> {
  return parseManifest(await fetchBytes(source, descriptor, maxManifestBytes, io), descriptor.mediaType);
}

/** Resolves a tag or digest once and fetches by digest what it named. */
export async function resolveManifest(source: ContentSource & Resolver, identifier: string, io: Io): Promise<Resolved> {
  const descriptor = await source.resolve(identifier, io);
  return { descriptor, manifest: await fetchManifest(source, descriptor, io) };
}
