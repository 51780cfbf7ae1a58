import type { Io } from '../content/store.ts';
import { OciError } from '../errors.ts';
import { parseDescriptor } from '../oci/descriptor.ts';
import { algorithmOf, type Digest, encodedOf } from '../oci/digest.ts';
import { escapeText } from '../oci/reference.ts';
import { archivedEntries } from './archivedEntries.ts';
import type { ArchiveMembers } from './archiveMembers.ts';
import { type IndexEntry, maxIndexBytes, parseIndex } from './layoutIndex.ts';
import type { StoredBlob, StoredImages, StoredRoot } from './storedImages.ts';

/**
 * The images of an OCI layout in a tar (image-spec image-layout.md).
 * @throws OciError corrupt-archive, unsupported-media-type where it is something else, invalid-manifest, too-large
 */
export async function ociArchiveImages(members: ArchiveMembers, io: Io): Promise<StoredImages> {
  const { shown } = members;
  const bytes = await members.readSmall('index.json', maxIndexBytes, io);
  if (bytes === undefined) throw noIndex(members);
  const roots = archivedEntries(parseIndex(bytes, shown)).map((entry) => rootOf(entry, members));
  return {
    shown,
    roots: () => Promise.resolve(roots),
    blob: (digest) => Promise.resolve(blobOf(digest, members)),
    spelling: (name) => name,
  };
}

/** Where a blob is in a layout. */
export function blobMember(digest: Digest): string {
  return `blobs/${algorithmOf(digest)}/${encodedOf(digest)}`;
}

function blobOf(digest: Digest, members: ArchiveMembers): StoredBlob | undefined {
  const name = blobMember(digest);
  const size = members.size(name);
  return size === undefined ? undefined : { size, read: (range, io) => members.read(name, range, io) };
}

function rootOf({ name, json }: IndexEntry, members: ArchiveMembers): StoredRoot {
  const where = `entry ${escapeText(name ?? 'without a name')} of index.json of ${members.shown}`;
  return {
    ...(name === undefined ? {} : { name }),
    describe: async () => {
      const { mediaType, digest, size } = parseDescriptor(json, where);
      if (members.size(blobMember(digest)) === undefined) throw members.missing(blobMember(digest));
      return { mediaType, digest, size };
    },
  };
}

function noIndex(members: ArchiveMembers): OciError {
  if (members.size('manifest.json') === undefined) return members.missing('index.json');
  return new OciError(
    'unsupported-media-type',
    `${members.shown} is no OCI archive: it has manifest.json instead of index.json. Write docker-archive: in front of its path.`,
  );
}
