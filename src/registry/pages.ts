import type { Io } from '../content/store.ts';
import { OciError } from '../errors.ts';
import { isObject, parseJson } from '../oci/json.ts';
import { mediaTypes } from '../oci/mediaTypes.ts';
import type { Answer } from './answer.ts';
import type { Endpoint } from './endpoint.ts';
import { nextLink, sameOriginUrl } from './links.ts';
import { isWebPage } from './errorBody.ts';
import { answerError } from './registryError.ts';

/** Limits of one listing (distribution-spec, listing tags): they bound what a registry can make this program read. */
export const listingLimits = { pageBytes: 4 << 20, pages: 10_000, names: 1_000_000, emptyPages: 10 } as const;

/** One listing: where it starts, what it is called in errors, and what a page of it holds. */
export interface Listing {
  readonly endpoint: Endpoint;
  readonly scopes: readonly string[];
  /** The first page's paths, in order of preference: the next is tried where the registry refuses the page size. */
  readonly first: readonly string[];
  /** `list the tags of localhost:5000/app` */
  readonly doing: string;
  /** The member that holds the names. */
  readonly member: 'tags' | 'repositories';
  readonly isName: (name: string) => boolean;
  /** Names to leave out that are names. Default: none. */
  readonly isWanted?: (name: string) => boolean;
  /** What is thrown where the first page failed with `error`. Default: that. */
  readonly refused?: (error: OciError) => OciError;
  /** Thrown in place of the first request, where there is known to be no list. */
  readonly closed?: OciError | undefined;
}

/** The names of a listing, page by page, each once, as they are read. */
export class NamePages implements AsyncIterable<readonly string[]> {
  readonly #listing: Listing;
  readonly #io: Io;
  /** Names so far that were not shown, because they are no names by the specification's grammar. */
  dropped = 0;

  constructor(listing: Listing, io: Io) {
    this.#listing = listing;
    this.#io = io;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<readonly string[], void, undefined> {
    const known = new Set<string>();
    this.dropped = 0;
    let barren = 0;
    for await (const json of linkedPages(await firstPage(this.#listing, this.#io), this.#listing, this.#io)) {
      const names = namesOf(json, this.#listing);
      const before = known.size;
      const page = this.#fresh(names, known);
      if (page.length > 0) yield page;
      // A registry that repeats itself under ever new addresses would never end; some send empty pages in between.
      barren = known.size > before ? 0 : barren + 1;
      if (barren > 0 && (names.length > 0 || barren === listingLimits.emptyPages)) return;
      if (known.size >= listingLimits.names) throw tooLong(this.#listing.doing, `${listingLimits.names} names`);
    }
  }

  #fresh(names: readonly unknown[], known: Set<string>): readonly string[] {
    const { isName, isWanted } = this.#listing;
    const page: string[] = [];
    for (const name of names) {
      if (typeof name !== 'string' || !isName(name)) this.dropped++;
      else if (!known.has(name) && known.size < listingLimits.names) {
        known.add(name);
        if (isWanted?.(name) ?? true) page.push(name);
      }
    }
    return page;
  }
}

/**
 * The JSON of a first page and of every page after it, following `Link: rel="next"` on the registry's own origin; stops at
 * an address seen before.
 * @throws OciError untrusted-origin, too-large, protocol-violation
 */
export async function* linkedPages(
  first: Answer,
  { endpoint, scopes, doing }: Pick<Listing, 'endpoint' | 'scopes' | 'doing'>,
  io: Io,
): AsyncGenerator<unknown, void, undefined> {
  const base = await endpoint.connection.base(io);
  const seen = new Set([first.url.href]);
  for (let answer = first; ;) {
    yield parsePage(answer, doing);
    const link = nextLink(answer.headers['link']);
    if (link === undefined) return;
    const url = sameOriginUrl(link, answer.url, base, 'address of the next page');
    if (seen.has(url.href)) return;
    if (seen.size >= listingLimits.pages) throw tooLong(doing, `${listingLimits.pages} pages`);
    seen.add(url.href);
    answer = await askPage(endpoint, scopes, url, io);
    if (answer.status !== 200) throw answerError(answer, doing);
  }
}

/** One page of a listing, whatever its status. */
export function askPage(endpoint: Endpoint, scopes: readonly string[], target: string | URL, io: Io): Promise<Answer> {
  const headers = { accept: `${mediaTypes.index}, application/json, */*;q=0.1` };
  return endpoint.ask(target, { method: 'GET', scopes, headers }, listingLimits.pageBytes, io);
}

async function firstPage(listing: Listing, io: Io): Promise<Answer> {
  if (listing.closed !== undefined) throw listing.closed;
  try {
    return await acceptedPage(listing, io);
  } catch (error) {
    throw error instanceof OciError ? (listing.refused?.(error) ?? error) : error;
  }
}

async function acceptedPage({ endpoint, scopes, first, doing }: Listing, io: Io): Promise<Answer> {
  for (let at = 0; ; at++) {
    const answer = await askPage(endpoint, scopes, first[at] ?? '', io);
    if (answer.status === 200) return answer;
    const error = answerError(answer, doing);
    const tooLarge = answer.status === 400 && error.says('PAGINATION_NUMBER_INVALID', 'UNSUPPORTED');
    if (!tooLarge || at + 1 === first.length) throw error;
  }
}

function parsePage(answer: Answer, doing: string): unknown {
  if (isWebPage(answer)) throw answerError(answer, doing);
  return parseJson(answer.bytes, `The answer to "${doing}"`, 'protocol-violation');
}

function namesOf(json: unknown, { member, doing, endpoint }: Listing): readonly unknown[] {
  const names = isObject(json) ? json[member] : undefined;
  if (isObject(json) && (names === null || names === undefined)) return [];
  if (!Array.isArray(names)) {
    throw new OciError(
      'protocol-violation',
      `Cannot ${doing}: ${endpoint.connection.registry} sent no list of ${member}.`,
    );
  }
  return names;
}

function tooLong(doing: string, limit: string): OciError {
  return new OciError(
    'too-large',
    `Cannot ${doing} to the end: it is longer than the limit of ${limit}. What came so far is right.`,
  );
}
