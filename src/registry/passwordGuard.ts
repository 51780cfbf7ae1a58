import type { Io } from '../content/store.ts';
import type { Clock } from './clock.ts';
import type { HttpResponse } from './http.ts';
import { Limiter } from './limiter.ts';

/** How long a refused password is not sent again: requests that started together must not lock an account. */
const refusedFor = 10_000;

/** A password on its way. */
export interface Attempt {
  readonly authorization: string;
  readonly repository: string | undefined;
  /** The registry's origin: what others answer after a redirect says nothing about the password. */
  readonly origin: string;
}

/** Keeps a wrong password from being tried by many requests at once, as registries and companies count failures. */
export class PasswordGuard {
  readonly #clock: Clock;
  readonly #accepted = new Set<string>();
  /** Until when, on the clock. */
  readonly #refused = new Map<string, number>();
  readonly #one = new Limiter(1);

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** True where the registry has just refused this Authorization for this repository. */
  refuses(authorization: string, repository: string | undefined): boolean {
    return (this.#refused.get(JSON.stringify([authorization, repository])) ?? -Infinity) > this.#clock.now();
  }

  /** Sends a request with an Authorization that was accepted before, or waits for the one that tries it; undefined where that was refused. */
  async send(attempt: Attempt, send: () => Promise<HttpResponse>, io: Io): Promise<HttpResponse | undefined> {
    const { authorization, repository } = attempt;
    if (this.#accepted.has(authorization)) return this.#watch(attempt, await send());
    return this.#one.run(async () => {
      if (this.refuses(authorization, repository)) return undefined;
      return this.#watch(attempt, await send());
    }, io);
  }

  #watch({ authorization, repository, origin }: Attempt, response: HttpResponse): HttpResponse {
    if (response.url.origin !== origin) return response;
    if (response.status === 401) {
      if (this.#refused.size > 1000) this.#refused.clear();
      this.#refused.set(JSON.stringify([authorization, repository]), this.#clock.now() + refusedFor);
    } else if (response.status < 500) {
      this.#accepted.add(authorization);
    }
    return response;
  }
}
