import type { Io } from '../content/store.ts';
import { OciError } from '../errors.ts';
import type { Access, Grant } from './access.ts';
import { discard } from './answer.ts';
import type { HttpMiddleware, HttpRequest } from './http.ts';

/** Times that a 401 is answered for one request. */
const maxRounds = 2;

export interface AuthorizeOptions {
  readonly registry: string;
  readonly access: Access;
  /** The registry's root; nothing else ever gets its credential. */
  readonly base: (io: Io) => Promise<URL>;
  /** The challenge of the registry's root, for those that give none with the 401 of a request. */
  readonly rootChallenge: (io: Io) => Promise<string | undefined>;
}

/**
 * Adds Authorization to requests to the registry's own origin, and answers its 401s there. Whatever else a caller put into
 * that header is dropped.
 * @throws OciError unauthorized, forbidden, untrusted-origin as Access does
 */
export function authorizing(options: AuthorizeOptions): HttpMiddleware {
  const { registry, access } = options;
  return (next) => async (request, io) => {
    const base = await options.base(io);
    if (request.url.origin !== base.origin) return next(carrying(request, undefined), io);
    const scopes = request.scopes ?? [];
    let grant = await access.expected(base, scopes, io);
    for (let rounds = 0; ; rounds++) {
      const carried = carrying(request, grant);
      const response = await access.carry(grant, request, () => next(carried, io), io);
      if (response.status !== 401 || response.url.origin !== base.origin) return response;
      await discard(response);
      if (rounds === maxRounds) {
        throw new OciError(
          'unauthorized',
          `${registry}: authentication keeps failing (401 after new tokens). Sign in again.`,
        );
      }
      const header = response.headers['www-authenticate'] ?? (await options.rootChallenge(io)) ?? '';
      grant = await access.answer(base, scopes, header, grant, io);
    }
  };
}

function carrying(request: HttpRequest, grant: Grant | undefined): HttpRequest {
  const headers = Object.entries(request.headers ?? {}).filter(([name]) => name.toLowerCase() !== 'authorization');
  const authorization: readonly [string, string][] =
    grant === undefined ? [] : [['authorization', grant.authorization]];
  return { ...request, headers: Object.fromEntries([...headers, ...authorization]) };
}
