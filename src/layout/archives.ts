import { stat } from 'node:fs/promises';
import type { Io } from '../content/store.ts';
import { isOciError } from '../errors.ts';
import { type Descriptor, parseDescriptor } from '../oci/descriptor.ts';
import { archiveDocuments } from './archiveDocuments.ts';
import { archivedEntries } from './archivedEntries.ts';
import { dockerEntries } from './dockerArchiveImages.ts';
import { type IndexEntry, parseIndex } from './layoutIndex.ts';
import type { LocalTransport } from './localReference.ts';
import { openLayout } from './openLayout.ts';

/** What a file or folder holds. */
export interface ArchiveDescription {
  readonly kind: LocalTransport;
  readonly images: readonly ArchivedImage[];
}

export interface ArchivedImage {
  /** What stands behind the path in a reference; absent for an image without a name. */
  readonly name?: string;
  /** Absent in a docker archive, where it takes reading the layers. */
  readonly descriptor?: Descriptor;
}

/**
 * The images that a file or folder on disk holds; undefined where it is no layout and no archive of images. A file that is
 * an OCI archive and a docker archive at once is described as the former, which keeps digests.
 * @throws OciError not-found, forbidden; invalid-manifest for a layout that cannot be read
 */
export async function describeArchive(path: string, io: Io): Promise<ArchiveDescription | undefined> {
  io.signal.throwIfAborted();
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory() === true) return describeLayout(path);
  const documents = await archiveDocuments(path, io);
  const [index, manifest] = [documents.get('index.json'), documents.get('manifest.json')];
  const entries =
    index !== undefined && documents.has('oci-layout') ? archivedEntries(parseIndex(index, path)) : undefined;
  // Some versions of docker list an image in manifest.json alone.
  const docker = manifest === undefined || (entries ?? []).length > 0 ? undefined : describeDocker(manifest, path);
  if (docker !== undefined || entries === undefined) return docker;
  return { kind: 'oci-archive', images: entries.map((entry) => imageOf(entry, path)) };
}

async function describeLayout(path: string): Promise<ArchiveDescription | undefined> {
  try {
    const { index } = await openLayout(path);
    return { kind: 'oci', images: (await index.entries()).map((entry) => imageOf(entry, path)) };
  } catch (error) {
    if (isOciError(error, 'not-found')) return undefined;
    throw error;
  }
}

function describeDocker(manifest: Uint8Array, path: string): ArchiveDescription | undefined {
  try {
    const images = dockerEntries(manifest, path).flatMap(({ names }) =>
      names.length === 0 ? [{}] : names.map((name) => ({ name })),
    );
    return images.length === 0 ? undefined : { kind: 'docker-archive', images };
  } catch (error) {
    // Many tars have a manifest.json of something else.
    if (isOciError(error, 'invalid-manifest')) return undefined;
    throw error;
  }
}

function imageOf({ name, json }: IndexEntry, path: string): ArchivedImage {
  const { mediaType, digest, size, platform } = parseDescriptor(json, `an entry of index.json of ${path}`);
  const descriptor = { mediaType, digest, size, ...(platform === undefined ? {} : { platform }) };
  return { ...(name === undefined ? {} : { name }), descriptor };
}
