import { readAll } from '../content/bytes.ts';
import type { Io } from '../content/store.ts';
import type { Credential, FoundCredential } from '../credentials/credential.ts';
import { isOciError, OciError } from '../errors.ts';
import { isObject, parseJson } from '../oci/json.ts';
import { escapeText } from '../oci/reference.ts';
import { isSuccess, readRefusal } from './answer.ts';
import { isWebPage } from './errorBody.ts';
import type { HttpClient, HttpRequest, HttpResponse } from './http.ts';
import { redactUrl } from './redact.ts';

/** One token to be asked for. */
export interface TokenRequest {
  /** `host[:port]` as in Reference.registry, for messages. */
  readonly registry: string;
  readonly realm: URL;
  readonly service: string | undefined;
  readonly scopes: readonly string[];
  /** Absent: an anonymous token. */
  readonly found: FoundCredential | undefined;
}

export interface Token {
  readonly text: string;
  /** Seconds it may be used for, from the moment it was asked for. */
  readonly lifetime: number;
}

const maxBytes = 256 << 10;
const clientId = 'gantry';
const shortest = 60;
const longest = 86_400;

/**
 * Asks a token service for a token (distribution's token and OAuth2 specifications): by GET, with Basic where there is a
 * password; by POST where there is a refresh token, and by GET after all where the service does not know POST.
 * @throws OciError unauthorized where the login is refused, forbidden, unavailable, protocol-violation, too-large
 */
export async function fetchToken(http: HttpClient, request: TokenRequest, io: Io): Promise<Token> {
  const credential = request.found?.credential;
  if (credential?.kind === 'identity-token') {
    const response = await http(refreshRequest(request, credential.token), io);
    if (![404, 405, 501].includes(response.status)) return readToken(request, response, 'POST', io);
    await readRefusal('POST', response, io);
  }
  return readToken(request, await http(tokenRequest(request), io), 'GET', io);
}

/** The Basic Authorization (RFC 7617) of a credential; undefined for a registry token, which is no password. */
export function basicAuthorization(found: FoundCredential): string | undefined {
  const login = loginOf(found.credential, found.account);
  return login === undefined ? undefined : `Basic ${Buffer.from(login, 'utf8').toString('base64')}`;
}

/** Whose login it was and where it came from, in words: `alice (credential helper docker-credential-pass)`. */
export function describeFound(found: FoundCredential): string {
  return `${found.account === undefined ? 'your account' : escapeText(found.account)} (${found.origin})`;
}

/** The error for a login that was refused. */
export function refusedLogin(registry: string, found: FoundCredential): OciError {
  return new OciError(
    'unauthorized',
    `${registry} did not accept the user name or password of ${describeFound(found)}. It was tried once. Sign in again.`,
  );
}

function loginOf(credential: Credential, account: string | undefined): string | undefined {
  if (credential.kind === 'basic') return `${credential.username}:${credential.password}`;
  return credential.kind === 'identity-token' ? `${account ?? '<token>'}:${credential.token}` : undefined;
}

function tokenRequest({ realm, service, scopes, found }: TokenRequest): HttpRequest {
  const url = new URL(realm);
  if (service !== undefined) url.searchParams.set('service', service);
  for (const scope of scopes) url.searchParams.append('scope', scope);
  const authorization = found === undefined ? undefined : basicAuthorization(found);
  if (authorization !== undefined) url.searchParams.set('client_id', clientId);
  return {
    method: 'GET',
    url,
    headers: { ...(authorization === undefined ? {} : { authorization }), accept: 'application/json' },
  };
}

function refreshRequest({ realm, service, scopes }: TokenRequest, refreshToken: string): HttpRequest {
  const form = new URLSearchParams({ grant_type: 'refresh_token', client_id: clientId, refresh_token: refreshToken });
  if (service !== undefined) form.set('service', service);
  if (scopes.length > 0) form.set('scope', scopes.join(' '));
  return {
    method: 'POST',
    url: realm,
    headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
    body: Buffer.from(form.toString()),
  };
}

async function readToken(
  request: TokenRequest,
  response: HttpResponse,
  method: 'GET' | 'POST',
  io: Io,
): Promise<Token> {
  if (!isSuccess(response)) throw await refusal(request, response, method, io);
  const what = `the answer of the token service ${redactUrl(request.realm)}`;
  const bytes = await readAll(response.body, maxBytes, what);
  if (isWebPage({ headers: response.headers, bytes })) {
    throw new OciError(
      'protocol-violation',
      `${what} is a web page, not a token. Is there a login page or a proxy in front of it?`,
    );
  }
  const json = parseTokenJson(bytes, what);
  const text = json['access_token'] ?? json['token'];
  if (typeof text !== 'string' || !/^[\x21-\x7e]+$/.test(text)) {
    throw new OciError('protocol-violation', `${what} holds no token. Ask whoever runs ${request.registry}.`);
  }
  const expires = json['expires_in'];
  const lifetime = typeof expires === 'number' ? Math.min(Math.max(expires, shortest), longest) : shortest;
  return { text, lifetime };
}

/** The parser's words quote the text, which may hold a token: they stay out, and so does the cause. */
function parseTokenJson(bytes: Uint8Array, what: string): Readonly<Record<string, unknown>> {
  let json: unknown;
  try {
    json = parseJson(bytes, what, 'protocol-violation');
  } catch (error) {
    if (!isOciError(error)) throw error;
  }
  if (isObject(json)) return json;
  throw new OciError('protocol-violation', `${what} is not a JSON object. Ask whoever runs it.`);
}

async function refusal(
  request: TokenRequest,
  response: HttpResponse,
  method: 'GET' | 'POST',
  io: Io,
): Promise<OciError> {
  await readRefusal(method, response, io);
  const { registry, found, scopes, realm } = request;
  const { status } = response;
  if (found !== undefined && (status === 401 || status === 400)) return refusedLogin(registry, found);
  if (status === 401 || status === 400) {
    return new OciError(
      'unauthorized',
      `${registry} gives no anonymous access to ${scopes.join(' ') || 'this'}. Sign in to ${registry}.`,
    );
  }
  if (status === 403) {
    const who = found === undefined ? 'nobody who has not signed in' : describeFound(found);
    return new OciError(
      'forbidden',
      `${registry} does not give ${who} access to ${scopes.join(' ') || 'this'} (403). Use another account.`,
    );
  }
  return new OciError(
    status >= 500 || status === 429 ? 'unavailable' : 'protocol-violation',
    `The token service ${redactUrl(realm)} of ${registry} answered ${status}. Try again; if it stays, ask whoever runs it.`,
  );
}
