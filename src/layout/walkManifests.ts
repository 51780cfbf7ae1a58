import type { Resolved } from '../content/store.ts';
import { isOciError, OciError } from '../errors.ts';
import { type Descriptor, parseDescriptor } from '../oci/descriptor.ts';
import type { Manifest } from '../oci/manifest.ts';
import { isManifestType } from '../oci/mediaTypes.ts';

/** Most manifests one walk reads. */
const maxManifests = 5000;

/**
 * Every manifest that the given descriptors name, and those below them in indexes, each once. What is missing, damaged or
 * no manifest is passed over: it is no part of the answer.
 * @throws OciError too-large above 5000 manifests
 */
export async function* manifestsBelow(
  roots: readonly unknown[],
  read: (descriptor: Descriptor) => Promise<Manifest>,
): AsyncGenerator<Resolved, void, undefined> {
  const seen = new Set<string>();
  const waiting = [...roots];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const descriptor = await orUndefined(async () => parseDescriptor(next, 'an entry'));
    if (descriptor === undefined || !isManifestType(descriptor.mediaType) || seen.has(descriptor.digest)) continue;
    if (seen.size === maxManifests) {
      throw new OciError('too-large', `there are more than ${maxManifests} manifests to look through`);
    }
    seen.add(descriptor.digest);
    const manifest = await orUndefined(async () => read(descriptor));
    if (manifest === undefined) continue;
    if (manifest.kind === 'index') waiting.push(...manifest.manifests);
    yield { descriptor, manifest };
  }
}

async function orUndefined<T>(action: () => Promise<T>): Promise<T | undefined> {
  try {
    return await action();
  } catch (error) {
    if (isOciError(error) && !isOciError(error, 'forbidden', 'unavailable')) return undefined;
    throw error;
  }
}

/** The descriptor of a manifest as a list of referrers shows it (distribution-spec, listing referrers). */
export function referrerOf({ descriptor, manifest }: Resolved): Descriptor {
  const artifactType = manifest.artifactType ?? (manifest.kind === 'image' ? manifest.config.mediaType : undefined);
  return {
    mediaType: manifest.mediaType,
    digest: descriptor.digest,
    size: manifest.bytes.length,
    annotations: manifest.annotations,
    ...(artifactType === undefined ? {} : { artifactType }),
  };
}
