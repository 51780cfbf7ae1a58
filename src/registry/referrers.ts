import type { Io } from '../content/store.ts';
import { OciError } from '../errors.ts';
import { type Descriptor, parseDescriptor } from '../oci/descriptor.ts';
import { algorithmOf, type Digest, encodedOf } from '../oci/digest.ts';
import { isObject, parseJson } from '../oci/json.ts';
import { maxDescriptors } from '../oci/manifest.ts';
import { bareMediaType, mediaTypes } from '../oci/mediaTypes.ts';
import type { Answer } from './answer.ts';
import type { Endpoint } from './endpoint.ts';
import { getManifest } from './manifests.ts';
import { askPage, linkedPages } from './pages.ts';
import { isWebPage } from './errorBody.ts';
import { answerError } from './registryError.ts';

/**
 * What refers to a manifest (distribution-spec, listing referrers), each once, at most 10,000. Where a registry does not
 * have this API the index under the tag `sha256-…` stands in for it; where there is none either, nothing refers.
 */
export async function listReferrers(endpoint: Endpoint, digest: Digest, io: Io): Promise<readonly Descriptor[]> {
  const doing = `list what refers to ${digest} in ${endpoint.title}`;
  const first = await askPage(endpoint, endpoint.pull, `referrers/${digest}`, io);
  if (!isIndex(first)) {
    if (![200, 400, 404, 405, 406, 501].includes(first.status)) throw answerError(first, doing);
    return [...(await byTag(endpoint, digest, doing, io)).values()];
  }
  const found = new Map<Digest, Descriptor>();
  for await (const json of linkedPages(first, { endpoint, scopes: endpoint.pull, doing }, io)) {
    const known = found.size;
    collect(json, found);
    if (found.size === known || found.size === maxDescriptors) break;
  }
  return [...found.values()];
}

async function byTag(endpoint: Endpoint, digest: Digest, doing: string, io: Io): Promise<Map<Digest, Descriptor>> {
  const tag = `${algorithmOf(digest)}-${encodedOf(digest).slice(0, 64)}`;
  const answer = await getManifest(endpoint, tag, io);
  const found = new Map<Digest, Descriptor>();
  if (answer.status === 404) return found;
  if (answer.status !== 200 || isWebPage(answer)) throw answerError(answer, doing);
  if (isIndex(answer)) collect(parseJson(answer.bytes, `the index tagged ${tag}`), found);
  return found;
}

function isIndex({ status, headers }: Answer): boolean {
  return status === 200 && bareMediaType(headers['content-type'] ?? '') === mediaTypes.index;
}

/** Descriptors that are not sound are left out: one bad signature must not hide the others. */
function collect(json: unknown, found: Map<Digest, Descriptor>): void {
  const list = isObject(json) && Array.isArray(json['manifests']) ? json['manifests'] : [];
  for (const entry of list) {
    if (found.size === maxDescriptors) return;
    try {
      const descriptor = parseDescriptor(entry, 'a referrer');
      found.set(descriptor.digest, descriptor);
    } catch (error) {
      if (!(error instanceof OciError)) throw error;
    }
  }
}
