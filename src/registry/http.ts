import type { ByteStream, Io, OpenContent } from '../content/store.ts';

export type HttpMethod = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** Small bodies are bytes. A streamed body has its exact length in bytes and can be opened again for a retry. */
export type HttpBody = Uint8Array | { readonly open: OpenContent; readonly size: number };

export interface HttpRequest {
  readonly method: HttpMethod;
  readonly url: URL;
  /** Names in lower case. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: HttpBody;
  /** Token scopes the request needs, most important first, such as `repository:library/redis:pull`. */
  readonly scopes?: readonly string[];
  /** `once`: not repeated after a failure that may have reached the server; the caller reads back. Default: repeated. */
  readonly retry?: 'once';
  /**
   * Milliseconds that an answer is still waited for when the caller cancels after the request went out: where the answer
   * tells what is to be cleared up. Default: 0.
   */
  readonly lateMilliseconds?: number;
}

export interface HttpResponse {
  readonly status: number;
  /** Where the answer came from, after redirects. */
  readonly url: URL;
  /** Names in lower case; repeated headers are joined with `, ` (Link, Warning, WWW-Authenticate). */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** Raw bytes as stored: content-encoding is identity. Must be consumed or returned from. */
  readonly body: ByteStream;
  /** How often the request was sent, where it was repeated in vain: for error messages. */
  readonly tries?: number;
}

/**
 * The whole of HTTP. Any status is an answer; it throws OciError unavailable (connection, time-out), protocol-violation
 * (not HTTP), untrusted-origin, too-large, or the signal's reason.
 */
export type HttpClient = (request: HttpRequest, io: Io) => Promise<HttpResponse>;

/** Auth, redirects, retry, limits and log are each one of these around the next. */
export type HttpMiddleware = (next: HttpClient) => HttpClient;

/** A registry as the repository client sees it: where its API is, and HTTP with auth, redirects, retry and limits around it. */
export interface Connection {
  /** `host[:port]` as in Reference.registry. */
  readonly registry: string;
  /** The API's root, `https://registry-1.docker.io/`; found out at first use (scheme, ping), then remembered. */
  base(io: Io): Promise<URL>;
  readonly http: HttpClient;
}

/** One request as the log shows it: no secret, no query, registry text escaped. */
export interface RequestRecord {
  readonly method: HttpMethod;
  readonly url: string;
  /** Absent where there was no answer; `failure` says why. */
  readonly status?: number;
  readonly milliseconds: number;
  readonly bytesSent: number;
  readonly failure?: string;
}

export type RequestLog = (record: RequestRecord) => void;
