import http from 'node:http';
import { connect } from '../../src/registry/connect.ts';
import type { Clock } from '../../src/registry/clock.ts';
import type { Connection, HttpClient, HttpRequest, RequestRecord } from '../../src/registry/http.ts';
import { defaultNetwork, type NetworkOptions, type RegistryOptions } from '../../src/registry/options.ts';
import { Transport, type TransportOptions } from '../../src/registry/transport.ts';
import type { FoundCredential } from '../../src/credentials/credential.ts';
import { testIo } from '../support/io.ts';
import { listen, type Listening, readBody } from '../support/listen.ts';

/** A clock that stands still unless told; waits are over at once and remembered, in milliseconds. */
export interface FakeClock extends Clock {
  time: number;
  readonly waits: number[];
}

export function fakeClock(): FakeClock {
  const clock: FakeClock = {
    time: 1_000_000,
    waits: [],
    now: () => clock.time,
    random: () => 0.5,
    sleep: async (milliseconds, io) => {
      io.signal.throwIfAborted();
      clock.waits.push(milliseconds);
    },
  };
  return clock;
}

/** A request as a server of the tests saw it. */
export interface Seen {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly host: string;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: string;
}

export interface Reply {
  readonly status?: number;
  readonly headers?: http.OutgoingHttpHeaders;
  readonly body?: string | Buffer;
}

export type Answerer = (seen: Seen) => Reply | undefined;

/** A server that answers by a function and remembers what it saw; undefined closes the connection without an answer. */
export interface Site extends Listening {
  readonly seen: Seen[];
  readonly url: string;
}

export async function startSite(answer: Answerer): Promise<Site> {
  const seen: Seen[] = [];
  const listening = await listen(http.createServer(recording(seen, answer)));
  return { ...listening, seen, url: `http://${listening.host}` };
}

/** A node:http listener that answers by a function. */
export function recording(seen: Seen[], answer: Answerer): http.RequestListener {
  return (request, response) => {
    const answered = readBody(request).then((body) => {
      const { method = '', url = '', headers } = request;
      const one: Seen = { method, path: url, host: headers.host ?? '', headers, body: body.toString('latin1') };
      seen.push(one);
      const reply = answer(one);
      if (reply === undefined) request.socket.destroy();
      else response.writeHead(reply.status ?? 200, reply.headers ?? {}).end(reply.body);
    });
    // The client gave up.
    answered.catch(() => response.destroy());
  };
}

export interface Opened {
  readonly connection: Connection;
  readonly transport: Transport;
  readonly clock: FakeClock;
  readonly log: RequestRecord[];
  readonly warnings: string[];
  /** Credential look-ups: `registry repository`. */
  readonly asked: string[];
}

export interface OpenOptions extends Partial<NetworkOptions>, TransportOptions {
  readonly registry: RegistryOptions;
  found?: FoundCredential | undefined;
}

/** A connection with a fake clock, all of its records kept. */
export function open(options: OpenOptions): Opened {
  const { registry, lookup, ...rest } = options;
  const network = { ...defaultNetwork, timeoutSeconds: 5, ...rest };
  const transport = new Transport(network, lookup === undefined ? {} : { lookup });
  const clock = fakeClock();
  const log: RequestRecord[] = [];
  const [warnings, asked]: [string[], string[]] = [[], []];
  const connection = connect({
    registry,
    network,
    transport,
    clock,
    credentials: {
      find: async (name, repository) => {
        asked.push(`${name} ${repository ?? ''}`);
        return options.found;
      },
    },
    log: (record) => void log.push(record),
    onWarning: (_registry, text) => void warnings.push(text),
  });
  return { connection, transport, clock, log, warnings, asked };
}

/** Sends a request to a path of the registry and reads the answer as text. */
export async function ask(
  connection: Connection,
  path: string,
  request: Partial<HttpRequest> = {},
): Promise<{ readonly status: number; readonly text: string; readonly url: URL }> {
  const io = testIo();
  const url = new URL(path, await connection.base(io));
  return text(connection.http, { method: 'GET', url, ...request });
}

/** Sends a request and reads the answer as text. */
export async function text(
  http: HttpClient,
  request: HttpRequest,
): Promise<{ readonly status: number; readonly text: string; readonly url: URL }> {
  const response = await http(request, testIo());
  const chunks: Uint8Array[] = [];
  for await (const chunk of response.body) chunks.push(chunk);
  return { status: response.status, text: Buffer.concat(chunks).toString('utf8'), url: response.url };
}

/** The error that a promise rejects with. */
export async function failure(promise: Promise<unknown>): Promise<Error & { readonly code?: string }> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof Error) return error;
    throw error;
  }
  throw new Error('did not fail');
}

export const alice: FoundCredential = {
  credential: { kind: 'basic', username: 'alice', password: 'canary-4711' },
  origin: 'a file of the tests',
  account: 'alice',
};

/** Settings of a registry and of the network in one. */
export interface Use extends TransportOptions {
  readonly registry?: Partial<RegistryOptions>;
  readonly timeoutSeconds?: number;
  readonly proxyFor?: NonNullable<NetworkOptions['proxyFor']>;
}

/** Runs `test` with a client of the registry at `host` that sends each request once and adds nothing. */
export async function withClient(host: string, use: Use, test: (http: HttpClient) => Promise<void>): Promise<void> {
  const { lookup, timeoutSeconds = 2, proxyFor, registry } = use;
  const network = { ...defaultNetwork, timeoutSeconds, ...(proxyFor === undefined ? {} : { proxyFor }) };
  const transport = new Transport(network, lookup === undefined ? {} : { lookup });
  try {
    await test(transport.client({ registry: host, ...registry }));
  } finally {
    await transport.close();
  }
}

/** A GET of a host's root. */
export function get(host: string, scheme = 'http'): { readonly method: 'GET'; readonly url: URL } {
  return { method: 'GET', url: new URL(`${scheme}://${host}/v2/`) };
}
