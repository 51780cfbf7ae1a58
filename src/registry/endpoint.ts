import type { Io } from '../content/store.ts';
import { isOciError, OciError, type OciErrorCode } from '../errors.ts';
import { type Answer, readAnswer } from './answer.ts';
import type { Clock } from './clock.ts';
import type { Connection, HttpMethod, HttpRequest, HttpResponse } from './http.ts';
import { describeWait } from './retryAfter.ts';

/** What a request of this program needs beside its address. */
export interface EndpointRequest extends Pick<HttpRequest, 'headers' | 'body' | 'retry' | 'lateMilliseconds'> {
  readonly method: HttpMethod;
  readonly scopes: readonly string[];
}

const tries = 3;
/** Milliseconds that are waited at a registry's wish. */
const longestPause = 60_000;

/** The API of one registry, or of one repository of it: addresses, token scopes, requests. */
export class Endpoint {
  readonly connection: Connection;
  /** The repository; empty for the registry as a whole. */
  readonly name: string;
  readonly clock: Clock;

  constructor(connection: Connection, name: string, clock: Clock) {
    this.connection = connection;
    this.name = name;
    this.clock = clock;
  }

  /** What people call it: `localhost:5000/app`. */
  get title(): string {
    return this.name === '' ? this.connection.registry : `${this.connection.registry}/${this.name}`;
  }

  get pull(): readonly string[] {
    return [`repository:${this.name}:pull`];
  }

  get push(): readonly string[] {
    return [`repository:${this.name}:pull,push`];
  }

  get delete(): readonly string[] {
    return [`repository:${this.name}:pull,delete`];
  }

  /** The address of `path` below `/v2/` and the repository's name. */
  async url(path: string, io: Io): Promise<URL> {
    const base = await this.connection.base(io);
    return new URL(`v2/${this.name === '' ? '' : `${this.name}/`}${path}`, base);
  }

  /** Sends a request to a path, or to an address that was checked to be of the registry's origin. */
  async send(target: string | URL, request: EndpointRequest, io: Io): Promise<HttpResponse> {
    io.signal.throwIfAborted();
    const url = typeof target === 'string' ? await this.url(target, io) : target;
    return this.connection.http({ ...request, url }, io);
  }

  /** Waits before a repetition (1 is the first): 250 ms doubled each time, at most 8 s, fully jittered. */
  pause(repetition: number, io: Io): Promise<void> {
    return this.clock.sleep(this.clock.random() * Math.min(8000, 250 * 2 ** (repetition - 1)), io);
  }

  /**
   * Waits `asked` milliseconds where the registry asked for it (Retry-After), else as `pause` does.
   * @throws OciError rate-limited where it asks for more than a minute
   */
  async pauseFor(asked: number | undefined, repetition: number, io: Io): Promise<void> {
    if (asked === undefined) return this.pause(repetition, io);
    if (asked > longestPause) {
      throw new OciError(
        'rate-limited',
        `${this.title} takes no more requests now. Wait ${describeWait(asked)}, then try again.`,
      );
    }
    await this.clock.sleep(asked, io);
  }

  /** Sends a request and reads its answer whole; a GET whose body breaks is sent again. @throws OciError too-large above `limit` bytes */
  async ask(target: string | URL, request: EndpointRequest, limit: number, io: Io): Promise<Answer> {
    for (let attempt = 1; ; attempt++) {
      const response = await this.send(target, request, io);
      try {
        return await readAnswer(request.method, response, limit, io);
      } catch (error) {
        io.signal.throwIfAborted();
        if (attempt === tries || request.method !== 'GET' || !isOciError(error, ...broken)) throw error;
        await this.pause(attempt, io);
      }
    }
  }
}

const broken: readonly OciErrorCode[] = ['unavailable', 'protocol-violation'];
