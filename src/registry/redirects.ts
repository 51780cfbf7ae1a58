import { OciError } from '../errors.ts';
import { escapeText } from '../oci/reference.ts';
import { discard } from './answer.ts';
import type { HttpMiddleware, HttpRequest, HttpResponse } from './http.ts';
import { redactUrl } from './redact.ts';

/** Most redirects that are followed, for the API and for blobs, which registries keep elsewhere. */
const apiLimit = 5;
const blobLimit = 10;
const longestLocation = 8192;

const redirecting = new Set([301, 302, 303, 307, 308]);

/** What another origin may see of a request: nothing that tells who asks or belongs to the registry. */
const harmless = new Set(['accept', 'range', 'content-type', 'content-range']);

/**
 * Follows redirects (RFC 9110, 15.4). An origin is scheme, host and port: another one gets no credential and no header of the
 * registry, and the way back brings none of them back. Methods and bodies stay, but after a 303.
 * @throws OciError protocol-violation after too many, untrusted-origin where it leads from https to something else
 */
export const redirects: HttpMiddleware = (next) => async (request, io) => {
  const isBlob = request.url.pathname.includes('/blobs/sha') && (request.method === 'GET' || request.method === 'HEAD');
  const limit = isBlob ? blobLimit : apiLimit;
  let current = request;
  for (let followed = 0; ; followed++) {
    const response = await next(current, io);
    if (!redirecting.has(response.status)) return response;
    await discard(response);
    if (followed === limit) {
      throw new OciError(
        'protocol-violation',
        `too many redirects (${limit}) from ${redactUrl(request.url)}. Ask whoever runs the registry.`,
      );
    }
    current = redirected(current, response);
  }
};

/** Token services are not followed to another origin: login and refresh token are part of what is sent. */
export const sameOriginRedirects: HttpMiddleware = (next) =>
  redirects(async (request, io) => {
    const response = await next(request, io);
    const location = response.headers['location'];
    if (!redirecting.has(response.status) || location === undefined) return response;
    const target = parseLocation(location, request.url);
    if (target.origin === request.url.origin) return response;
    await discard(response);
    throw refused(request.url, target, 'a token service must answer itself');
  });

function redirected(request: HttpRequest, response: HttpResponse): HttpRequest {
  const location = response.headers['location'];
  if (location === undefined) {
    throw new OciError(
      'protocol-violation',
      `${redactUrl(request.url)} answered ${response.status} without saying where to go. Ask whoever runs the registry.`,
    );
  }
  const url = parseLocation(location, request.url);
  if (request.url.protocol === 'https:' && url.protocol !== 'https:') {
    throw refused(request.url, url, 'what is sent there can be read by anyone on the way');
  }
  const same = url.origin === request.url.origin;
  const headers = Object.entries(request.headers ?? {}).filter(([name]) => same || harmless.has(name));
  const { body, ...rest } = request;
  const drops = response.status === 303 && request.method !== 'GET' && request.method !== 'HEAD';
  const kept = drops ? headers.filter(([name]) => !name.startsWith('content-')) : headers;
  return {
    ...rest,
    url,
    headers: Object.fromEntries(kept),
    ...(drops ? { method: 'GET' } : body === undefined ? {} : { body }),
  };
}

function parseLocation(location: string, from: URL): URL {
  const url =
    location.length <= longestLocation && URL.canParse(location, from.href) ? new URL(location, from) : undefined;
  if (url === undefined) {
    throw new OciError(
      'protocol-violation',
      `${redactUrl(from)} redirects to something that is not a URL: ${shown(location)}.`,
    );
  }
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw refused(from, url, 'it is not an https address');
  if (url.username !== '' || url.password !== '') throw refused(from, url, 'its address holds a user name');
  return url;
}

function refused(from: URL, to: URL, reason: string): OciError {
  return new OciError(
    'untrusted-origin',
    `${redactUrl(from)} redirects to ${redactUrl(to)}: ${reason}. It was not followed. Ask whoever runs the registry.`,
  );
}

function shown(location: string): string {
  return escapeText((location.split(/[?#]/)[0] ?? '').replace(/\/\/[^/@]*@/, '//').slice(0, 100));
}
