import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Io } from '../content/store.ts';
import type { RegistryStorage } from './registryStorage.ts';

/** One request to the local registry, with what the router found in its URL. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly storage: RegistryStorage;
  /** A valid repository name; empty for the endpoints that have none. */
  readonly repository: string;
  /** The last component of the path: a tag, a digest or an upload id, unchecked. */
  readonly reference: string;
  readonly query: URLSearchParams;
  /** To be called where something may have come to be unused. */
  readonly freed: () => void;
  /** Aborts when the client goes away or the server closes. */
  readonly io: Io;
}

export type Endpoint = (exchange: Exchange) => Promise<void>;

/** Answers without a body. */
export function sendEmpty(
  { response }: Exchange,
  status: number,
  headers: Readonly<Record<string, string | number>> = {},
): void {
  response.writeHead(status, status === 204 ? headers : { 'content-length': 0, ...headers }).end();
}

/** Answers with bytes, or for a HEAD request with their length. */
export function sendBytes(
  { request, response }: Pick<Exchange, 'request' | 'response'>,
  status: number,
  bytes: Uint8Array,
  headers: Readonly<Record<string, string | number>>,
): void {
  response.writeHead(status, { 'content-length': bytes.length, ...headers });
  response.end(request.method === 'HEAD' ? undefined : bytes);
}

/** Answers with JSON. */
export function sendJson(
  exchange: Pick<Exchange, 'request' | 'response'>,
  status: number,
  value: unknown,
  headers: Readonly<Record<string, string | number>> = {},
): void {
  const bytes = Buffer.from(JSON.stringify(value));
  sendBytes(exchange, status, bytes, { 'content-type': 'application/json', ...headers });
}
