import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { fileError } from '../layout/fileError.ts';
import { escapeText } from '../oci/reference.ts';
import { proofOf } from './address.ts';
import { sendError } from './errorAnswer.ts';
import { sendJson } from './exchange.ts';
import { refuseStrangers } from './guard.ts';
import type { RegistryStorage } from './registryStorage.ts';
import { findTarget, notAllowed } from './router.ts';

export interface ServerOptions {
  readonly storage: RegistryStorage;
  readonly secret: string;
  /** Called where something may have come to be unused. */
  readonly freed: () => void;
  readonly log?: (line: string) => void;
}

const maxConnections = 512;
const idleMilliseconds = 120_000;
const headerMilliseconds = 30_000;
const maxHeaderSize = 16_384;

/** The HTTP server of the local registry, not yet listening. No request can make it throw. */
export function createRegistryServer(options: ServerOptions): Server {
  const limits = {
    ...{ maxHeaderSize, headersTimeout: headerMilliseconds, requestTimeout: 0 },
    // Longer than clients keep an idle connection, so that none of their requests meets a closing one.
    keepAliveTimeout: idleMilliseconds,
  };
  const server = createServer(limits, (request, response) => {
    handle(request, response, options).catch(() => response.destroy());
  });
  server.maxConnections = maxConnections;
  // A large blob may take as long as it wants as long as bytes move.
  server.setTimeout(idleMilliseconds, (socket: Socket) => socket.destroy());
  server.on('error', (error) => options.log?.(`the local registry failed: ${escapeText(error.message)}`));
  server.on('clientError', (_error, socket) => {
    if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
    else socket.destroy();
  });
  return server;
}

/** Listens on 127.0.0.1; port 0 lets the system choose. @returns the port @throws OciError unavailable, forbidden */
export async function listen(server: Server, port: number): Promise<number> {
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', () => {
        server.off('error', reject);
        resolve();
      });
    });
  } catch (error) {
    throw fileError(error, 'starting the local registry on 127.0.0.1');
  }
  return portOf(server);
}

/** Stops listening and cuts every connection. */
export async function closeServer(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => void server.close(() => resolve()));
  server.closeAllConnections();
  await closed;
}

async function handle(request: IncomingMessage, response: ServerResponse, options: ServerOptions): Promise<void> {
  const started = performance.now();
  const controller = new AbortController();
  let failure: unknown;
  request.on('error', () => undefined);
  response.on('error', () => undefined);
  response.once('close', () => {
    controller.abort();
    options.log?.(logLine(request, response, performance.now() - started, failure));
  });
  try {
    await answer(request, response, options, controller.signal);
  } catch (error) {
    failure = error;
    sendError({ request, response }, error);
  }
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  { storage, secret, freed }: ServerOptions,
  signal: AbortSignal,
): Promise<void> {
  response.setHeader('docker-distribution-api-version', 'registry/2.0');
  response.setHeader('x-content-type-options', 'nosniff');
  refuseStrangers(request, request.socket.localPort ?? 0);
  if (/^\/v2\/?(?:\?|$)/.test(request.url ?? '')) {
    sendPing(request, response, secret);
    return;
  }
  const { endpoint, repository, reference, query } = findTarget(request);
  await endpoint({ request, response, storage, repository, reference, query, freed, io: { signal } });
}

function sendPing(request: IncomingMessage, response: ServerResponse, secret: string): void {
  if (request.method !== 'GET' && request.method !== 'HEAD') throw notAllowed(['GET', 'HEAD']);
  const proof = proofOf(request.headers['gantry-challenge'], secret);
  sendJson({ request, response }, 200, {}, proof === undefined ? {} : { 'gantry-proof': proof });
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

function logLine(request: IncomingMessage, response: ServerResponse, milliseconds: number, failure: unknown): string {
  const path = escapeText((request.url ?? '').split('?')[0] ?? '').slice(1, -1);
  const reason = failure instanceof Error ? ` ${escapeText(failure.message)}` : '';
  return `${request.method ?? ''} ${path} ${response.statusCode} ${milliseconds.toFixed(0)} ms${reason}`;
}
