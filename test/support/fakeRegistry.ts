import http from 'node:http';
import https from 'node:https';
import {
  type FakeAnswer,
  type FakeBehaviour,
  type FakeContent,
  type FakeRequest,
  type FakeRepository,
  answerRequest,
  failure,
  sha256,
} from './fakeRoutes.ts';
import { listen, readBody } from './listen.ts';

/** What a test does to a request: answer it, let `next()` answer, never answer, or reset the connection. */
export type Override = (
  request: FakeRequest,
  next: () => FakeAnswer,
) => FakeAnswer | 'hang' | 'reset' | Promise<FakeAnswer | 'hang' | 'reset'>;

export interface FakeRegistryOptions extends FakeBehaviour {
  readonly tls?: { readonly cert: string; readonly key: string };
  /** After so many requests every answer is 429 with `retry-after: 1`. */
  readonly rateLimit?: number;
  readonly override?: Override;
}

/**
 * A registry in memory that speaks distribution-spec 1.1 and can be made to misbehave. It checks less than a real
 * one, and shows what docker-registry cannot: paging of tags, referrers, chunk minimum, rate limits.
 */
export interface FakeRegistry extends FakeContent {
  readonly host: string;
  /** `http://HOST` or `https://HOST`. */
  readonly origin: string;
  /** Every request so far, in order of arrival. */
  readonly requests: readonly FakeRequest[];
  override: Override | undefined;
  stop(): Promise<void>;
}

/** Starts a fake registry on loopback. */
export async function startFakeRegistry(options: FakeRegistryOptions = {}): Promise<FakeRegistry> {
  const requests: FakeRequest[] = [];
  const repositories = new Map<string, FakeRepository>();
  const uploads = new Map<string, Buffer>();
  const handler = (request: http.IncomingMessage, response: http.ServerResponse): void => {
    serve(request, response).catch(() => response.destroy());
  };
  const server = options.tls === undefined ? http.createServer(handler) : https.createServer(options.tls, handler);
  const { host, stop } = await listening(server);
  const origin = `${options.tls === undefined ? 'http' : 'https'}://${host}`;

  const fake: FakeRegistry = {
    host,
    origin,
    requests,
    repositories,
    uploads,
    override: options.override,
    repository: (name) => {
      const known = repositories.get(name) ?? { blobs: new Map(), manifests: new Map(), tags: new Map() };
      repositories.set(name, known);
      return known;
    },
    putBlob: (repository, body) => {
      const digest = sha256(body);
      fake.repository(repository).blobs.set(digest, Buffer.from(body));
      return digest;
    },
    putManifest: (repository, mediaType, text, tag) => {
      const body = Buffer.from(text);
      const digest = sha256(body);
      const { manifests, tags } = fake.repository(repository);
      manifests.set(digest, { mediaType, body });
      if (tag !== undefined) tags.set(tag, digest);
      return digest;
    },
    stop,
  };
  return fake;

  async function serve(incoming: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const path = incoming.url ?? '/';
    const request: FakeRequest = {
      method: incoming.method ?? '',
      path,
      url: new URL(path, origin),
      headers: joined(incoming.headers),
      body: await readBody(incoming),
    };
    requests.push(request);
    const limited = options.rateLimit !== undefined && requests.length > options.rateLimit;
    const next = (): FakeAnswer =>
      limited
        ? { ...failure(429, 'TOOMANYREQUESTS'), headers: { 'retry-after': '1' } }
        : answerRequest(fake, options, request);
    const answer = fake.override === undefined ? next() : await fake.override(request, next);
    if (answer === 'hang') return;
    if (answer === 'reset') {
      incoming.socket.resetAndDestroy();
      return;
    }
    const body = Buffer.from(answer.body ?? '');
    const sized =
      answer.headers?.['content-length'] !== undefined || answer.headers?.['transfer-encoding'] !== undefined;
    const length = sized || answer.status === 204 ? {} : { 'content-length': String(body.length) };
    response.writeHead(answer.status, { ...length, ...answer.headers } as http.OutgoingHttpHeaders);
    response.end(request.method === 'HEAD' ? undefined : body);
  }
}

async function listening(server: http.Server | https.Server): Promise<{ host: string; stop: () => Promise<void> }> {
  const started = await listen(server);
  return { host: started.host, stop: () => started.stop() };
}

function joined(headers: http.IncomingHttpHeaders): Readonly<Record<string, string | undefined>> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value]),
  );
}
