import type { Io } from '../content/store.ts';
import { OciError } from '../errors.ts';
import type { Digest } from '../oci/digest.ts';
import { abortReason } from '../content/abort.ts';
import { discard, isSuccess } from './answer.ts';
import type { Endpoint } from './endpoint.ts';
import type { HttpBody, HttpResponse } from './http.ts';
import { sameOriginUrl } from './links.ts';
import { registryError } from './registryError.ts';

/** Milliseconds that clearing up may take after a failure or cancellation. */
const clearingUp = 2000;

/** How a request that may open a session is sent: a cancelled caller still learns of the session, and closes it. */
export const opening = { lateMilliseconds: clearingUp } as const;

/**
 * One upload under way (distribution-spec, pushing blobs). Owned by one push: its address changes with every answer.
 * Its requests are sent once; whoever owns it finds out what became of them.
 */
export class UploadSession {
  readonly #endpoint: Endpoint;
  readonly #base: URL;
  readonly #doing: string;
  #location: URL;
  /** The smallest chunk the registry takes, in bytes; 0 where it does not say. */
  readonly minChunk: number;

  private constructor(endpoint: Endpoint, base: URL, location: URL, minChunk: number) {
    this.#endpoint = endpoint;
    this.#base = base;
    this.#location = location;
    this.minChunk = minChunk;
    this.#doing = `upload to ${endpoint.title}`;
  }

  /**
   * The session that a 202 opened; closed at once where the caller has cancelled meanwhile.
   * @throws OciError protocol-violation, untrusted-origin
   */
  static async of(endpoint: Endpoint, response: HttpResponse, io: Io): Promise<UploadSession> {
    const session = await UploadSession.#of(endpoint, response, io.signal.aborted ? brief() : io);
    if (!io.signal.aborted) return session;
    await session.cancel();
    throw abortReason(io.signal);
  }

  static async #of(endpoint: Endpoint, response: HttpResponse, io: Io): Promise<UploadSession> {
    const base = await endpoint.connection.base(io);
    const location = response.headers['location'];
    if (location === undefined) {
      throw new OciError(
        'protocol-violation',
        `${endpoint.title} opened an upload without saying where (no Location).`,
      );
    }
    const minimum = response.headers['oci-chunk-min-length'] ?? '';
    const minChunk = /^\d{1,15}$/.test(minimum) ? Number(minimum) : 0;
    return new UploadSession(endpoint, base, sameOriginUrl(location, response.url, base, 'upload address'), minChunk);
  }

  /** Ends the upload with the rest of the content. @throws RegistryError where the answer is not a success */
  async finish(digest: Digest, body: HttpBody, io: Io): Promise<HttpResponse> {
    const url = new URL(this.#location);
    // The registry's own query is kept letter for letter: it may be signed.
    url.search = `${url.search === '' ? '?' : `${url.search}&`}digest=${encodeURIComponent(digest)}`;
    return this.#send('PUT', url, body, {}, io);
  }

  /** Sends one chunk. @returns how many bytes the registry has now, undefined where it does not say */
  async patch(start: number, length: number, body: HttpBody, io: Io): Promise<number | undefined> {
    const headers = { 'content-range': `${start}-${start + length - 1}` };
    const response = await this.#send('PATCH', this.#location, body, headers, io);
    return this.#moved(response);
  }

  /** How many bytes the registry has, undefined where the session is gone or it does not say. */
  async committed(io: Io): Promise<number | undefined> {
    const request = { method: 'GET', scopes: this.#endpoint.push } as const;
    const response = await this.#endpoint.send(this.#location, request, io);
    await discard(response);
    // A Range of 0-0 is one byte by the specification, and none to registries that mean an empty session.
    const committed = response.status === 204 ? this.#moved(response) : undefined;
    return committed === 1 ? undefined : committed;
  }

  /** Tells the registry to forget the upload; nobody waits long for it or minds its failure. */
  async cancel(): Promise<void> {
    try {
      const request = { method: 'DELETE', scopes: this.#endpoint.push, retry: 'once' } as const;
      await discard(await this.#endpoint.send(this.#location, request, brief()));
    } catch {
      // The registry clears up by itself in time.
    }
  }

  async #send(
    method: 'PUT' | 'PATCH',
    url: URL,
    body: HttpBody,
    headers: Readonly<Record<string, string>>,
    io: Io,
  ): Promise<HttpResponse> {
    const request = {
      method,
      headers: { 'content-type': 'application/octet-stream', ...headers },
      body,
      scopes: this.#endpoint.push,
      retry: 'once',
    } as const;
    const response = await this.#endpoint.send(url, request, io);
    if (!isSuccess(response)) throw await registryError(method, response, this.#doing, io);
    await discard(response);
    return response;
  }

  #moved(response: HttpResponse): number | undefined {
    const location = response.headers['location'];
    if (location !== undefined) {
      this.#location = sameOriginUrl(location, response.url, this.#base, 'upload address');
    }
    const end = /^(?:bytes=)?0-(\d{1,15})$/.exec(response.headers['range'] ?? '')?.[1];
    return end === undefined ? undefined : Number(end) + 1;
  }
}

function brief(): Io {
  return { signal: AbortSignal.timeout(clearingUp) };
}
