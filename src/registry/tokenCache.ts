import type { Io } from '../content/store.ts';
import type { FoundCredential } from '../credentials/credential.ts';
import { isOciError, type OciError } from '../errors.ts';
import { digestOf } from '../oci/digest.ts';
import type { Clock } from './clock.ts';
import { Flights } from './flights.ts';
import type { HttpClient } from './http.ts';
import { fetchToken, type TokenRequest } from './tokens.ts';

interface Entry {
  readonly text: string;
  /** The clock's time in milliseconds. */
  readonly until: number;
}

interface Refusal {
  readonly error: OciError;
  readonly until: number;
}

/** A token before its end, so that it does not run out on its way. */
const early = 10_000;
/** How long a refused login is not tried again: requests that started together must not lock an account. */
const refusedFor = 10_000;
const maxEntries = 1000;

/** The tokens of one registry, by token service, credential and scopes; each is asked for once at a time. */
export class TokenCache {
  readonly #http: HttpClient;
  readonly #clock: Clock;
  readonly #tokens = new Map<string, Entry>();
  readonly #refusals = new Map<string, Refusal>();
  readonly #flights = new Flights<string>();

  constructor(http: HttpClient, clock: Clock) {
    this.#http = http;
    this.#clock = clock;
  }

  /**
   * A token for the request.
   * @param rejected a token that the registry did not take, not to be given out again
   * @throws OciError as fetchToken does
   */
  async get(request: TokenRequest, rejected: string | undefined, io: Io): Promise<string> {
    const key = keyOf(request);
    const known = this.#tokens.get(key);
    if (known !== undefined && known.text !== rejected && known.until > this.#clock.now()) return known.text;
    const refusal = this.#refusals.get(key);
    if (refusal !== undefined && refusal.until > this.#clock.now()) throw refusal.error;
    return this.#flights.join(key, (flight) => this.#fetch(key, request, flight), io);
  }

  async #fetch(key: string, request: TokenRequest, io: Io): Promise<string> {
    const asked = this.#clock.now();
    try {
      const { text, lifetime } = await fetchToken(this.#http, request, io);
      remember(this.#tokens, key, { text, until: asked + lifetime * 1000 - early });
      this.#refusals.delete(key);
      return text;
    } catch (error) {
      if (isOciError(error, 'unauthorized', 'forbidden')) {
        remember(this.#refusals, key, { error, until: this.#clock.now() + refusedFor });
      }
      throw error;
    }
  }
}

function remember<T>(map: Map<string, T>, key: string, value: T): void {
  map.delete(key);
  map.set(key, value);
  const [oldest] = map.keys();
  if (map.size > maxEntries && oldest !== undefined) map.delete(oldest);
}

function keyOf({ realm, service, scopes, found }: TokenRequest): string {
  return JSON.stringify([realm.href, service, scopes.toSorted(), credentialKey(found)]);
}

/** Tells credentials apart without holding them. */
export function credentialKey(found: FoundCredential | undefined): string {
  return found === undefined ? '' : digestOf(Buffer.from(JSON.stringify([found.credential, found.account])));
}
