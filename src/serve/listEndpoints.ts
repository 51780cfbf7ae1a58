import type { Descriptor } from '../oci/descriptor.ts';
import { type Digest } from '../oci/digest.ts';
import { mediaTypes } from '../oci/mediaTypes.ts';
import { referrerOf } from '../layout/walkManifests.ts';
import { ApiError, askedDigest } from './apiError.ts';
import { type Exchange, sendJson } from './exchange.ts';

const maxNames = 10_000;
const maxReferrers = 200;

/** The tags of a repository, in pages (distribution-spec end-8). */
export async function listTags(exchange: Exchange): Promise<void> {
  const { storage, repository, query } = exchange;
  const names = await storage.tags(repository);
  if (names.length === 0 && !(await storage.repositories.exists(repository))) {
    throw new ApiError(404, 'NAME_UNKNOWN', 'there is no such repository');
  }
  const { page, next } = pageOf(names, query, maxNames);
  sendJson(exchange, 200, { name: repository, tags: page }, linkTo(`/v2/${repository}/tags/list`, next));
}

/** The repositories that hold a manifest, in pages. */
export async function listRepositories(exchange: Exchange): Promise<void> {
  const { page, next } = pageOf(await exchange.storage.repositoryNames(), exchange.query, maxNames);
  sendJson(exchange, 200, { repositories: page }, linkTo('/v2/_catalog', next));
}

/** What refers to a manifest, in pages, as an index; empty for one that is not there (distribution-spec end-12). */
export async function listReferrers(exchange: Exchange): Promise<void> {
  const { storage, repository, query } = exchange;
  const subject = askedDigest(exchange.reference);
  // A + that was not percent-encoded is a space by now; a media type has none.
  const artifactType = query.get('artifactType')?.replaceAll(' ', '+') ?? null;
  const { page, next } = pageOf(await storage.repositories.referrers(repository, subject), query, maxReferrers);
  const manifests: Descriptor[] = [];
  for (const digest of page) {
    const found = await referrer(exchange, digest, subject);
    if (found !== undefined && (artifactType === null || found.artifactType === artifactType)) manifests.push(found);
  }
  if (artifactType !== null) next?.set('artifactType', artifactType);
  sendJson(
    exchange,
    200,
    { schemaVersion: 2, mediaType: mediaTypes.index, manifests },
    {
      'content-type': mediaTypes.index,
      ...(artifactType === null ? {} : { 'oci-filters-applied': 'artifactType' }),
      ...linkTo(`/v2/${repository}/referrers/${subject}`, next),
    },
  );
}

async function referrer(exchange: Exchange, digest: Digest, subject: Digest): Promise<Descriptor | undefined> {
  const { storage, repository, io } = exchange;
  const descriptor = await storage.manifest(repository, digest, io);
  if (descriptor === undefined) return undefined;
  const manifest = await storage.read(descriptor, io);
  return manifest.subject?.digest === subject ? referrerOf({ descriptor, manifest }) : undefined;
}

/** One page of names: after `last`, at most `n`, and the query of the next page. @throws ApiError */
function pageOf<T extends string>(
  names: readonly T[],
  query: URLSearchParams,
  limit: number,
): { readonly page: readonly T[]; readonly next: URLSearchParams | undefined } {
  const asked = query.get('n');
  if (asked !== null && !/^[0-9]{1,9}$/.test(asked)) {
    throw new ApiError(400, 'UNSUPPORTED', 'n is not a whole number');
  }
  const n = Math.min(limit, asked === null ? limit : Number(asked));
  const last = query.get('last') ?? '';
  const rest = [...names].sort(inOrder).filter((name) => last === '' || inOrder(name, last) > 0);
  const page = rest.slice(0, n);
  const end = page.at(-1);
  const isWhole = end === undefined || page.length === rest.length;
  return { page, next: isWhole ? undefined : new URLSearchParams({ n: String(n), last: end }) };
}

/** Letters whatever their case, as the distribution-spec asks for; then by code unit, so that no two are equal. */
function inOrder(a: string, b: string): number {
  const [x, y] = [a.toLowerCase(), b.toLowerCase()];
  if (x !== y) return x < y ? -1 : 1;
  return a === b ? 0 : a < b ? -1 : 1;
}

function linkTo(path: string, next: URLSearchParams | undefined): Readonly<Record<string, string>> {
  return next === undefined ? {} : { link: `<${path}?${next.toString()}>; rel="next"` };
}
