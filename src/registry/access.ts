import type { Io } from '../content/store.ts';
import type { CredentialSource, FoundCredential } from '../credentials/credential.ts';
import { OciError } from '../errors.ts';
import { type Challenge, parseChallenges } from './challenge.ts';
import type { Clock } from './clock.ts';
import { Flights } from './flights.ts';
import type { HttpClient, HttpRequest, HttpResponse } from './http.ts';
import type { RegistryOptions } from './options.ts';
import { PasswordGuard } from './passwordGuard.ts';
import { checkRealm, untrustedRealm } from './realm.ts';
import { coversScopes, describeScopes, repositoryOf, unionScopes } from './scopes.ts';
import { TokenCache } from './tokenCache.ts';
import { basicAuthorization, describeFound, refusedLogin } from './tokens.ts';

export interface AccessOptions {
  readonly registry: RegistryOptions;
  readonly credentials: CredentialSource;
  /** For token services: adds no credential of its own and follows nowhere else. */
  readonly http: HttpClient;
  readonly clock: Clock;
}

/** What one request may carry to the registry, and what it rests on. */
export interface Grant {
  readonly authorization: string;
  readonly scheme: 'basic' | 'bearer';
  /** Of a bearer token. */
  readonly scopes: readonly string[];
  readonly found: FoundCredential | undefined;
  /** It was asked for on behalf of this request. */
  readonly fresh: boolean;
}

/** How long a credential is used before its source is asked again: helpers are slow, and users sign out. */
const credentialLife = 60_000;

/**
 * Who we are to one registry: the only place that makes an Authorization header for it. Learns from challenges how the
 * registry wants to be addressed, and asks for credentials only then.
 */
export class Access {
  readonly #options: AccessOptions;
  readonly #tokens: TokenCache;
  readonly #found = new Map<string, { readonly found: FoundCredential | undefined; readonly until: number }>();
  readonly #finding = new Flights<FoundCredential | undefined>();
  readonly #guard: PasswordGuard;
  #challenge: Challenge | undefined;

  constructor(options: AccessOptions) {
    this.#options = options;
    this.#tokens = new TokenCache(options.http, options.clock);
    this.#guard = new PasswordGuard(options.clock);
  }

  /** What a request can carry from the start; undefined before the first challenge and for anonymous Basic. */
  async expected(base: URL, scopes: readonly string[], io: Io): Promise<Grant | undefined> {
    const challenge = this.#challenge;
    if (challenge === undefined) return undefined;
    const found = await this.#find(scopes, io);
    if (challenge.scheme === 'basic') return found === undefined ? undefined : this.#basic(found, scopes);
    return { ...(await this.#bearer(challenge, base, scopes, found, undefined, io)), fresh: false };
  }

  /**
   * Sends a request that carries a grant. A password that was not accepted yet is carried by one request at a time.
   * @throws OciError unauthorized where another request has found out meanwhile that it is wrong
   */
  async carry(
    grant: Grant | undefined,
    request: HttpRequest,
    send: () => Promise<HttpResponse>,
    io: Io,
  ): Promise<HttpResponse> {
    // What a streamed body reads may have to wait for the same password.
    const streams = request.body !== undefined && !(request.body instanceof Uint8Array);
    if (grant?.scheme !== 'basic' || grant.found === undefined || streams) return send();
    const repository = repositoryOf(request.scopes ?? []);
    const attempt = { authorization: grant.authorization, repository, origin: request.url.origin };
    const response = await this.#guard.send(attempt, send, io);
    if (response === undefined) throw this.#refused(grant.found);
    return response;
  }

  /**
   * What to carry after a 401.
   * @param header its WWW-Authenticate
   * @param refused what the request carried
   * @throws OciError unauthorized where nothing else can be carried, forbidden where the account may not do this
   */
  async answer(
    base: URL,
    scopes: readonly string[],
    header: string,
    refused: Grant | undefined,
    io: Io,
  ): Promise<Grant> {
    const challenge = choose(parseChallenges(header));
    if (challenge === undefined) throw this.#noWay();
    this.#challenge = challenge;
    if (refused !== undefined) this.#found.delete(repositoryOf(scopes) ?? '');
    const found = await this.#find(scopes, io);
    if (challenge.scheme === 'basic') {
      const grant = this.#basic(found, scopes);
      if (found !== undefined && grant.authorization === refused?.authorization) throw this.#refused(found);
      return grant;
    }
    const wanted = unionScopes(scopes, (challenge.parameters.get('scope') ?? '').split(' ').filter(Boolean));
    if (refused?.fresh === true && refused.scheme === 'bearer' && coversScopes(refused.scopes, wanted)) {
      throw this.#denied(wanted, challenge, refused.found);
    }
    return this.#bearer(challenge, base, wanted, found, refused, io);
  }

  #basic(found: FoundCredential | undefined, scopes: readonly string[]): Grant {
    if (found === undefined) throw this.#signIn();
    const authorization = basicAuthorization(found);
    if (authorization === undefined) throw this.#noWay();
    if (this.#guard.refuses(authorization, repositoryOf(scopes))) throw this.#refused(found);
    return { authorization, scheme: 'basic', scopes: [], found, fresh: true };
  }

  async #bearer(
    challenge: Challenge,
    base: URL,
    scopes: readonly string[],
    found: FoundCredential | undefined,
    refused: Grant | undefined,
    io: Io,
  ): Promise<Grant> {
    const { registry } = this.#options;
    const grant = { scheme: 'bearer', scopes, found, fresh: true } as const;
    if (found?.credential.kind === 'registry-token') {
      const authorization = `Bearer ${found.credential.token}`;
      if (refused?.authorization === authorization) throw this.#refused(found);
      return { ...grant, authorization };
    }
    const { url: realm, trusted } = checkRealm(challenge.parameters.get('realm') ?? '', base, registry);
    if (found !== undefined && !trusted) throw untrustedRealm(registry.registry, realm);
    const service = challenge.parameters.get('service');
    const request = { registry: registry.registry, realm, service, scopes, found };
    const rejected = refused?.authorization.replace(/^Bearer /, '');
    return { ...grant, authorization: `Bearer ${await this.#tokens.get(request, rejected, io)}` };
  }

  async #find(scopes: readonly string[], io: Io): Promise<FoundCredential | undefined> {
    const { registry, credentials, clock } = this.#options;
    const repository = repositoryOf(scopes);
    const key = repository ?? '';
    const known = this.#found.get(key);
    if (known !== undefined && known.until > clock.now()) return known.found;
    const found = await this.#finding.join(
      key,
      (flight) => credentials.find(registry.registry, repository, flight),
      io,
    );
    if (this.#found.size > 1000) this.#found.clear();
    this.#found.set(key, { found, until: clock.now() + credentialLife });
    return found;
  }

  #refused(found: FoundCredential): OciError {
    return refusedLogin(this.#options.registry.registry, found);
  }

  #signIn(): OciError {
    const { registry } = this.#options.registry;
    return new OciError('unauthorized', `${registry} wants a login and none was found for it. Sign in to ${registry}.`);
  }

  #noWay(): OciError {
    const { registry } = this.#options.registry;
    return new OciError(
      'unauthorized',
      `${registry} answered 401 without a way to sign in that is known here (Bearer or Basic). Ask whoever runs it.`,
    );
  }

  #denied(scopes: readonly string[], challenge: Challenge, found: FoundCredential | undefined): OciError {
    const { registry } = this.#options.registry;
    const what = describeScopes(scopes);
    if (found === undefined) {
      return new OciError(
        'unauthorized',
        `${registry} does not allow ${what} without a login. It may not exist. Sign in to ${registry}.`,
      );
    }
    if (challenge.parameters.get('error') !== 'insufficient_scope') {
      return new OciError(
        'unauthorized',
        `${registry}: authentication keeps failing for ${describeFound(found)}. Sign in again.`,
      );
    }
    return new OciError(
      'forbidden',
      `${registry} does not allow ${describeFound(found)} ${what}: the account may not do it, or it does not exist. ` +
        'Check the name, or sign in with another account.',
    );
  }
}

/** Bearer before Basic, as a token is worth less to whoever gets hold of it. */
function choose(challenges: readonly Challenge[]): Challenge | undefined {
  return (
    challenges.find(({ scheme, parameters }) => scheme === 'bearer' && parameters.has('realm')) ??
    challenges.find(({ scheme }) => scheme === 'basic')
  );
}
