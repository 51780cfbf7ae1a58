import type { Io } from '../content/store.ts';
import { OciError } from '../errors.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import type { Digest } from '../oci/digest.ts';
import { isObject, parseJson, stringList } from '../oci/json.ts';
import type { ArchiveMembers } from './archiveMembers.ts';
import { type DockerEntry, DockerImage } from './dockerImage.ts';
import { comparableName } from './localReference.ts';
import type { StoredBlob, StoredImages, StoredRoot } from './storedImages.ts';

/** Largest manifest.json that is read, and most images in it. */
const limits = { bytes: 8 << 20, images: 10_000, layers: 10_000 } as const;

/**
 * The images of a tar as `docker save`, podman, skopeo, kaniko and crane write it: what manifest.json lists, by RepoTags.
 * @throws OciError corrupt-archive, unsupported-media-type where it is something else, invalid-manifest, too-large
 */
export async function dockerArchiveImages(members: ArchiveMembers, io: Io): Promise<StoredImages> {
  const bytes = await members.readSmall('manifest.json', limits.bytes, io);
  if (bytes === undefined) throw noManifest(members);
  const images = dockerEntries(bytes, members.shown).map((entry) => new DockerImage(entry, members));
  const blob = async (digest: Digest, blobIo: Io): Promise<StoredBlob | undefined> => {
    const known = images.find((image) => image.blob(digest) !== undefined);
    if (known !== undefined) return known.blob(digest);
    for (const image of images) {
      await image.describe(blobIo);
      const found = image.blob(digest);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  const roots = images.flatMap(rootsOf);
  return { shown: members.shown, roots: () => Promise.resolve(roots), blob, spelling: comparableName };
}

/** What manifest.json lists. @throws OciError invalid-manifest, too-large */
export function dockerEntries(bytes: Uint8Array, shown: string): readonly DockerEntry[] {
  const what = `manifest.json of ${shown}`;
  const json = parseJson(bytes, what);
  if (!Array.isArray(json)) throw new OciError('invalid-manifest', `${what} is not a list of images.`);
  if (json.length > limits.images) throw new OciError('too-large', `${what} lists more than ${limits.images} images.`);
  return json.map((entry: unknown) => dockerEntry(entry, what));
}

function dockerEntry(entry: unknown, what: string): DockerEntry {
  const { Config, RepoTags, Layers } = isObject(entry) ? entry : {};
  const layers = Layers === null || Layers === undefined ? [] : Layers;
  if (typeof Config !== 'string' || !isTexts(layers)) {
    throw new OciError(
      'invalid-manifest',
      `${what} has an image without Config or with Layers that are no list of names.`,
    );
  }
  if (layers.length > limits.layers) {
    throw new OciError('too-large', `${what} has an image with more than ${limits.layers} layers.`);
  }
  return { config: Config, names: stringList(RepoTags), layers };
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((entry) => typeof entry === 'string');
}

function rootsOf(image: DockerImage): readonly StoredRoot[] {
  const describe = (io: Io): Promise<Descriptor> => image.describe(io);
  return image.names.length === 0 ? [{ describe }] : image.names.map((name) => ({ name, describe }));
}

function noManifest(members: ArchiveMembers): OciError {
  const { shown, names } = members;
  if (members.size('index.json') !== undefined) {
    return new OciError(
      'unsupported-media-type',
      `${shown} is no docker archive: it has index.json instead of manifest.json. Write oci-archive: in front of its path.`,
    );
  }
  if (names.includes('repositories') || names.some((name) => /^[0-9a-f]{64}\/json$/.test(name))) {
    return new OciError(
      'unsupported-media-type',
      `${shown} was saved by a docker before 1.10 or is not whole: it has no manifest.json. Load it and save it again with a current docker.`,
    );
  }
  return members.missing('manifest.json');
}
