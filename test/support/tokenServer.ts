import { createSign, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import { listen, type Listening, readBody } from './listen.ts';
import type { TokenAuth } from './dockerRegistry.ts';
import { selfSigned } from './tls.ts';

export interface TokenServerOptions {
  /** A directory for the signing key. */
  readonly directory: string;
  /** User name to password. */
  readonly users: Readonly<Record<string, string>>;
  /** Refresh token to user name, for `grant_type=refresh_token`. */
  readonly refreshTokens?: Readonly<Record<string, string>>;
  /** What requests without a login get. Default: 401. */
  readonly anonymous?: 'pull' | 'refuse';
}

/** One request to the token service, as it came. */
export interface TokenRequest {
  readonly method: string;
  readonly scopes: readonly string[];
  /** The user it named; undefined for anonymous. */
  readonly user: string | undefined;
  readonly status: number;
}

/**
 * A token service for `docker-registry`'s `auth: token`: RS256 tokens with the certificate in `x5c`.
 * What it grants can be changed while it runs.
 */
export interface TokenServer extends TokenAuth {
  readonly host: string;
  readonly requests: readonly TokenRequest[];
  /** Seconds that the registry accepts a new token for. */
  lifetimeSeconds: number;
  /** Seconds that the answer says; default as lifetimeSeconds. */
  announcedSeconds: number | undefined;
  /** Never granted: `repository:team/app:push`. */
  readonly denied: Set<string>;
  stop(): Promise<void>;
}

/** Distribution accepts tokens for this long after they have expired. */
const registryLeewaySeconds = 60;

/** Starts the token service on loopback; needs `openssl`. */
export async function startTokenServer(options: TokenServerOptions): Promise<TokenServer> {
  const signer = selfSigned(options.directory, 'token-signer');
  const requests: TokenRequest[] = [];
  const listening: Listening = await listen(
    http.createServer(
      (request, response) => void answer(request, response).catch((e: unknown) => response.destroy(e as Error)),
    ),
  );
  const server: TokenServer = {
    host: listening.host,
    realm: `http://${listening.host}/token`,
    service: 'registry of the tests',
    issuer: 'gantry tests',
    certFile: signer.certFile,
    requests,
    lifetimeSeconds: 300,
    announcedSeconds: undefined,
    denied: new Set(),
    stop: () => listening.stop(),
  };
  return server;

  async function answer(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', `http://${listening.host}`);
    const form = new URLSearchParams((await readBody(request)).toString('utf8'));
    const scopes = [...url.searchParams.getAll('scope'), ...form.getAll('scope')].flatMap((scope) => scope.split(' '));
    const user = identify(request, form);
    const refused = user === 'wrong' || (user === undefined && options.anonymous !== 'pull');
    const status = url.pathname !== '/token' ? 404 : refused ? 401 : 200;
    requests.push({ method: request.method ?? '', scopes, user: user === 'wrong' ? undefined : user, status });
    const body =
      status === 200
        ? { token: sign(user, scopes), expires_in: server.announcedSeconds ?? server.lifetimeSeconds }
        : { errors: [{ code: 'UNAUTHORIZED', message: 'incorrect username or password' }] };
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  }

  function identify(request: http.IncomingMessage, form: URLSearchParams): string | undefined {
    const refresh = form.get('refresh_token');
    if (refresh !== null) return options.refreshTokens?.[refresh] ?? 'wrong';
    const basic = /^Basic (.+)$/.exec(request.headers.authorization ?? '')?.[1];
    if (basic === undefined) return undefined;
    const [name = '', ...password] = Buffer.from(basic, 'base64').toString('utf8').split(':');
    return options.users[name] === password.join(':') ? name : 'wrong';
  }

  function sign(user: string | undefined, scopes: readonly string[]): string {
    const now = Math.floor(Date.now() / 1000);
    const x5c = [readFileSync(signer.certFile, 'utf8').replace(/-----[^-]+-----|\s/g, '')];
    const claims = {
      iss: server.issuer,
      sub: user ?? '',
      aud: server.service,
      nbf: now - 600,
      iat: now - 600,
      exp: now + server.lifetimeSeconds - registryLeewaySeconds,
      jti: randomUUID(),
      access: scopes.map((scope) => granted(user, scope)),
    };
    const text = [{ typ: 'JWT', alg: 'RS256', x5c }, claims].map(encode).join('.');
    return `${text}.${createSign('RSA-SHA256').update(text).sign(readFileSync(signer.keyFile)).toString('base64url')}`;
  }

  function granted(user: string | undefined, scope: string): object {
    const [type = '', ...rest] = scope.split(':');
    const actions = (rest.pop() ?? '').split(',');
    const name = rest.join(':');
    return {
      type,
      name,
      actions: actions.filter(
        (action) => !server.denied.has(`${type}:${name}:${action}`) && (user !== undefined || action === 'pull'),
      ),
    };
  }
}

function encode(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url');
}
