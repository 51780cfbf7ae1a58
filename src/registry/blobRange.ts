import { streamOf } from '../content/bytes.ts';
import { checkRange } from '../content/checkRange.ts';
import type { ByteRange, ByteStream, Io } from '../content/store.ts';
import { isOciError, OciError } from '../errors.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { discard } from './answer.ts';
import { blobSize, closable, foreign, wrongSize } from './blobs.ts';
import type { Endpoint } from './endpoint.ts';
import type { HttpResponse } from './http.ts';
import { registryError } from './registryError.ts';

/** Breaks in a row that are mended, and the progress in bytes that starts the count anew. */
const mends = 5;
const progress = 1 << 20;
/** Where a registry sends the whole blob, so many bytes of it are taken for the sake of a part. */
const wholeBytes = 1 << 20;

/**
 * The unverified bytes of a part of a blob (distribution-spec, pulling blobs: Range): exactly so many. A connection that breaks is
 * taken up where it broke.
 * @throws OciError not-found; unsupported-media-type where the registry gives out whole blobs only; content-mismatch where
 * the blob has another size
 */
export async function fetchBlobRange(
  endpoint: Endpoint,
  descriptor: Descriptor,
  range: ByteRange,
  io: Io,
): Promise<ByteStream> {
  io.signal.throwIfAborted();
  checkRange(descriptor, range);
  if (range.start === range.end) return streamOf(new Uint8Array());
  const part = new BlobPart(endpoint, descriptor, range, io);
  await part.open();
  return closable(part.chunks(), () => part.close());
}

/** Reads a part of one blob over as many connections as it takes. */
class BlobPart {
  readonly #endpoint: Endpoint;
  readonly #descriptor: Descriptor;
  readonly #end: number;
  readonly #io: Io;
  #response: HttpResponse | undefined;
  /** Where in the blob the next byte stands that is given out. */
  #offset: number;
  /** Where in the blob the next byte of the answer stands. */
  #at = 0;

  constructor(endpoint: Endpoint, descriptor: Descriptor, { start, end }: ByteRange, io: Io) {
    this.#endpoint = endpoint;
    this.#descriptor = descriptor;
    this.#offset = start;
    this.#end = end;
    this.#io = io;
  }

  /** Asks for what is missing. */
  async open(): Promise<void> {
    const { pull } = this.#endpoint;
    const headers = { range: `bytes=${this.#offset}-${this.#end - 1}` };
    const path = `blobs/${this.#descriptor.digest}`;
    const response = await this.#endpoint.send(path, { method: 'GET', headers, scopes: pull }, this.#io);
    const refusal = await this.#refusal(response);
    if (refusal !== undefined) {
      await discard(response);
      throw refusal;
    }
    this.#at = response.status === 200 ? 0 : this.#offset;
    this.#response = response;
  }

  async *chunks(): AsyncGenerator<Uint8Array, void, undefined> {
    for (let breaks = 0; ;) {
      const from = this.#offset;
      let failure: OciError | undefined;
      try {
        yield* this.#rest();
      } catch (error) {
        this.#io.signal.throwIfAborted();
        if (!isOciError(error, 'unavailable', 'protocol-violation')) throw error;
        failure = error;
      }
      if (this.#offset >= this.#end) return;
      breaks = this.#offset - from >= progress ? 1 : breaks + 1;
      if (breaks > mends) throw failure ?? this.#short();
      if (breaks > 1) await this.#endpoint.pause(breaks - 1, this.#io);
      await this.open();
    }
  }

  async close(): Promise<void> {
    if (this.#response !== undefined) await discard(this.#response);
  }

  async *#rest(): AsyncGenerator<Uint8Array, void, undefined> {
    for await (const chunk of this.#response?.body ?? []) {
      const wanted = chunk.subarray(Math.max(0, this.#offset - this.#at), Math.max(0, this.#end - this.#at));
      this.#at += chunk.length;
      this.#offset += wanted.length;
      if (wanted.length > 0) yield wanted;
      // Not sooner: an answer that is read to its end leaves its connection to the next.
      if (this.#at > this.#end) return;
    }
  }

  async #refusal(response: HttpResponse): Promise<OciError | undefined> {
    const { status } = response;
    if (status === 206) return this.#misfit(response);
    if (status === 416) return this.#mismatch('there is no such part of it');
    if (status === 200) {
      const size = blobSize(response);
      if (size !== undefined && size !== this.#descriptor.size)
        return wrongSize(this.#endpoint, this.#descriptor, size);
      return this.#end > wholeBytes ? this.#unsupported('it sends the whole blob') : undefined;
    }
    const error = await registryError('GET', response, `read a part of ${this.#title}`, this.#io);
    return status === 404 && this.#descriptor.urls !== undefined ? foreign(this.#descriptor, this.#endpoint) : error;
  }

  #misfit({ headers }: HttpResponse): OciError | undefined {
    const said = headers['content-range'] ?? '';
    const [, start, end, total] = /^bytes (\d{1,16})-(\d{1,16})\/(\d{1,16}|\*)$/.exec(said) ?? [];
    if (total !== undefined && total !== '*' && Number(total) !== this.#descriptor.size) {
      return wrongSize(this.#endpoint, this.#descriptor, Number(total));
    }
    const fits = Number(start) === this.#offset && Number(end) === this.#end - 1;
    const encoded = (headers['content-encoding'] ?? 'identity') !== 'identity';
    return fits && !encoded ? undefined : this.#unsupported('it sends another part than it was asked for');
  }

  get #title(): string {
    return `blob ${this.#descriptor.digest} of ${this.#endpoint.title}`;
  }

  #unsupported(reason: string): OciError {
    return new OciError(
      'unsupported-media-type',
      `Cannot read a part of ${this.#title}: ${reason}. Read the blob as a whole.`,
    );
  }

  #mismatch(reason: string): OciError {
    return new OciError(
      'content-mismatch',
      `Cannot read bytes ${this.#offset} to ${this.#end} of ${this.#title}: ${reason}. The blob is damaged there.`,
    );
  }

  #short(): OciError {
    return this.#mismatch('the answer ends before them');
  }
}
