import type { Io } from '../content/store.ts';
import { isOciError, OciError } from '../errors.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { discard } from './answer.ts';
import type { Endpoint } from './endpoint.ts';
import type { HttpResponse } from './http.ts';
import { registryError } from './registryError.ts';

/** Breaks in a row that are mended, and the progress in bytes that starts the count anew. */
const mends = 5;
const progress = 1 << 20;

/** Reads one blob's bytes over as many connections as it takes (distribution-spec, pulling blobs: Range). */
export class BlobReader {
  readonly #endpoint: Endpoint;
  readonly #descriptor: Descriptor;
  readonly #io: Io;
  #response: HttpResponse;
  /** Bytes given out so far. */
  #offset = 0;
  /** Bytes of the current answer that were given out before. */
  #skip = 0;

  constructor(endpoint: Endpoint, descriptor: Descriptor, response: HttpResponse, io: Io) {
    this.#endpoint = endpoint;
    this.#descriptor = descriptor;
    this.#response = response;
    this.#io = io;
  }

  /** The bytes, unverified. @throws OciError unavailable after 5 breaks in a row, content-mismatch where the blob ends early */
  async *chunks(): AsyncGenerator<Uint8Array, void, undefined> {
    let breaks = 0;
    for (;;) {
      const from = this.#offset;
      let failure: OciError | undefined;
      try {
        yield* this.#rest();
      } catch (error) {
        this.#io.signal.throwIfAborted();
        if (!isOciError(error, 'unavailable', 'protocol-violation')) throw error;
        failure = error;
      }
      if (this.#offset >= this.#descriptor.size) return;
      breaks = this.#offset - from >= progress ? 1 : breaks + 1;
      if (breaks > mends) throw failure ?? this.#short();
      if (breaks > 1) await this.#endpoint.pause(breaks - 1, this.#io);
      await this.#resume();
    }
  }

  async *#rest(): AsyncGenerator<Uint8Array, void, undefined> {
    for await (const chunk of this.#response.body) {
      const fresh = this.#skip === 0 ? chunk : chunk.subarray(Math.min(this.#skip, chunk.length));
      this.#skip -= chunk.length - fresh.length;
      this.#offset += fresh.length;
      if (fresh.length > 0) yield fresh;
    }
  }

  async #resume(): Promise<void> {
    const ranged = await this.#get({ range: `bytes=${this.#offset}-` });
    if (ranged.status === 206 && this.#continues(ranged)) {
      this.#take(ranged, 0);
      return;
    }
    let whole = ranged;
    if (ranged.status === 206 || ranged.status === 416) {
      await discard(ranged);
      whole = await this.#get({});
    }
    if (whole.status !== 200) throw await this.#refused(whole);
    this.#take(whole, this.#offset);
  }

  #take(response: HttpResponse, skip: number): void {
    this.#response = response;
    this.#skip = skip;
  }

  #get(headers: Readonly<Record<string, string>>): Promise<HttpResponse> {
    const { pull } = this.#endpoint;
    return this.#endpoint.send(`blobs/${this.#descriptor.digest}`, { method: 'GET', headers, scopes: pull }, this.#io);
  }

  /** True where the answer starts at the byte that was asked for and is of a blob of the right size. */
  #continues(response: HttpResponse): boolean {
    const range = /^bytes (\d{1,16})-\d{1,16}\/(\d{1,16}|\*)$/.exec(response.headers['content-range'] ?? '');
    const [, start, total] = range ?? [];
    return Number(start) === this.#offset && (total === '*' || Number(total) === this.#descriptor.size);
  }

  #refused(response: HttpResponse): Promise<Error> {
    return registryError(
      'GET',
      response,
      `go on reading blob ${this.#descriptor.digest} of ${this.#endpoint.title}`,
      this.#io,
    );
  }

  #short(): OciError {
    const { digest, size } = this.#descriptor;
    return new OciError(
      'content-mismatch',
      `${this.#endpoint.title} sent ${this.#offset} of the ${size} bytes of blob ${digest} and stopped. Try again; if it stays, the blob is damaged there.`,
    );
  }
}
