import type { ByteStream, ContentSource, ContentTarget, Io, Mounter } from '../content/store.ts';
import { isOciError } from '../errors.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { type LinkedIo, linkIo } from './parallel.ts';
import { on, withSide } from './transferFailure.ts';

/** How a blob came to be in the target. */
export type TransferOutcome = 'present' | 'mounted' | 'transferred';

/** Called with each number of bytes that arrived for the first time: never in all more than the descriptor's size. */
export type OnBytes = (bytes: number) => void;

/**
 * Makes sure that the target has a blob: mounted where source and target are in one registry, else kept where it is there,
 * else pushed. @throws OciError with the side that failed
 */
export async function transferBlob(
  source: ContentSource,
  target: ContentTarget & Partial<Mounter>,
  descriptor: Descriptor,
  io: Io,
  onBytes?: OnBytes,
): Promise<TransferOutcome> {
  const from = target.mountableFrom?.(source);
  if (from !== undefined && (await mountBlob(target, descriptor, from, io))) return 'mounted';
  if (await on('target', target.has(descriptor, io))) return 'present';
  await pushBlob(source, target, descriptor, io, onBytes);
  return 'transferred';
}

/** True where the blob was mounted and is there with its size: a registry may answer 201 without having it. */
async function mountBlob(
  target: ContentTarget & Partial<Mounter>,
  descriptor: Descriptor,
  from: string,
  io: Io,
): Promise<boolean> {
  try {
    const mounted = (await target.mount?.(descriptor, from, io)) ?? false;
    return mounted && (await target.has(descriptor, io));
  } catch (error) {
    io.signal.throwIfAborted();
    // A refused mount is no reason to fail: the upload that follows works or tells why not.
    if (isOciError(error)) return false;
    throw error;
  }
}

/** Pushes a blob without asking whether it is there. @throws OciError with the side that failed */
export async function pushBlob(
  source: ContentSource,
  target: ContentTarget,
  descriptor: Descriptor,
  io: Io,
  onBytes?: OnBytes,
): Promise<void> {
  const reading = new BlobReading(source, descriptor, io, onBytes ?? (() => undefined));
  try {
    await target.push(descriptor, () => reading.open(), io);
    reading.complete();
  } catch (error) {
    io.signal.throwIfAborted();
    throw reading.failure ?? withSide(error, 'target');
  } finally {
    reading.close();
  }
}

/** One blob that is read from the source, possibly more than once. Each opening ends the one before. */
class BlobReading {
  readonly #source: ContentSource;
  readonly #descriptor: Descriptor;
  readonly #io: Io;
  readonly #onBytes: OnBytes;
  #opening: LinkedIo | undefined;
  #reported = 0;
  /** What the source did wrong in the last opening. */
  failure: Error | undefined;

  constructor(source: ContentSource, descriptor: Descriptor, io: Io, onBytes: OnBytes) {
    this.#source = source;
    this.#descriptor = descriptor;
    this.#io = io;
    this.#onBytes = onBytes;
  }

  async open(): Promise<ByteStream> {
    this.close();
    this.failure = undefined;
    const opening = linkIo(this.#io);
    this.#opening = opening;
    try {
      return this.#watched(await this.#source.fetch(this.#descriptor, opening.io), opening);
    } catch (error) {
      throw this.#failed(error, opening);
    }
  }

  /** The target has it all, whether or not it needed to read to the end. */
  complete(): void {
    this.#report(this.#descriptor.size);
  }

  /** Ends a response that nobody reads to its end. */
  close(): void {
    this.#opening?.unlink();
    this.#opening?.abort(new Error('the source is not read any further'));
    this.#opening = undefined;
  }

  /** A plain iterator: a generator stage would cost more per chunk than everything else here. */
  #watched(stream: ByteStream, opening: LinkedIo): ByteStream {
    return {
      [Symbol.asyncIterator]: () => {
        const chunks = stream[Symbol.asyncIterator]();
        let read = 0;
        const count = (next: IteratorResult<Uint8Array>): IteratorResult<Uint8Array> => {
          if (next.done !== true) this.#report((read += next.value.length));
          return next;
        };
        const fail = (error: unknown): never => {
          throw this.#failed(error, opening);
        };
        return {
          next: () => chunks.next().then(count, fail),
          return: async () => (await chunks.return?.()) ?? { done: true, value: undefined },
        };
      },
    };
  }

  #report(read: number): void {
    const known = Math.min(read, this.#descriptor.size);
    if (known <= this.#reported) return;
    this.#onBytes(known - this.#reported);
    this.#reported = known;
  }

  #failed(error: unknown, opening: LinkedIo): Error {
    const failure = withSide(error, 'source');
    // An opening that was given up ends with an error of its own, which explains nothing.
    if (opening === this.#opening) this.failure = failure;
    return failure;
  }
}
