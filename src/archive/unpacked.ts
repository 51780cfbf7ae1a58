import type { ByteStream } from '../content/store.ts';
import { decompress, detectCompression, magicBytes } from './decompress.ts';

/**
 * The content of a stream that is plain, gzip or zstd by its first bytes.
 * @throws OciError corrupt-archive, unsupported-media-type; an error of the stream as it is
 */
export async function* unpacked(stream: ByteStream): AsyncGenerator<Uint8Array, void, undefined> {
  const chunks = stream[Symbol.asyncIterator]();
  try {
    const head = await headOf(chunks);
    yield* decompress(new Rejoined(head, chunks), detectCompression(head));
  } finally {
    await chunks.return?.();
  }
}

async function headOf(chunks: AsyncIterator<Uint8Array>): Promise<Uint8Array> {
  let head: Uint8Array = new Uint8Array();
  while (head.length < magicBytes) {
    const next = await chunks.next();
    if (next.done === true) break;
    head = head.length === 0 ? next.value : Buffer.concat([head, next.value]);
  }
  return head;
}

/** A stream whose first bytes were taken, from its start. */
class Rejoined implements AsyncIterableIterator<Uint8Array, undefined> {
  readonly #rest: AsyncIterator<Uint8Array>;
  #head: Uint8Array | undefined;

  constructor(head: Uint8Array, rest: AsyncIterator<Uint8Array>) {
    this.#head = head;
    this.#rest = rest;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<Uint8Array, undefined>> {
    const value = this.#head;
    this.#head = undefined;
    if (value !== undefined && value.length > 0) return { done: false, value };
    const next = await this.#rest.next();
    return next.done === true ? { done: true, value: undefined } : next;
  }

  async return(): Promise<IteratorResult<Uint8Array, undefined>> {
    await this.#rest.return?.();
    return { done: true, value: undefined };
  }
}
