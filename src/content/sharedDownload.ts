import type { Descriptor } from '../oci/descriptor.ts';
import { leave, untilAborted } from './abort.ts';
import { CacheCopy } from './cacheCopy.ts';
import type { CacheFolder } from './cacheFolder.ts';
import { DownloadReader, type Followed } from './downloadReader.ts';
import type { ByteStream, ContentSource, Io } from './store.ts';

/** Bytes of a blob that may be missing when its last reader leaves for it to be fetched to its end all the same. */
const worthFinishing = 64 << 20;
/** Bytes that are held for readers who are a little behind the first. */
const recentBytes = 1 << 20;

interface Recent {
  readonly start: number;
  readonly chunk: Uint8Array;
}

/**
 * One transfer of a blob into the cache, for all who read it at the same time. The reader who is ahead pulls it, at his pace;
 * the others read what was held or written. A reader who leaves, or is cancelled, does not disturb the others.
 */
export class SharedDownload implements Followed {
  readonly #source: ContentSource;
  readonly #descriptor: Descriptor;
  readonly #copy: CacheCopy;
  readonly #onEnd: () => void;
  readonly #stop = new AbortController();
  #chunks: AsyncIterator<Uint8Array> | undefined;
  #recent: Recent[] = [];
  #held = 0;
  #pulled = 0;
  #pulling: Promise<void> | undefined;
  #state: 'open' | 'whole' | { readonly failure: unknown } = 'open';
  #readers = 0;

  /** @param onEnd called once, when nobody new may join */
  constructor(source: ContentSource, descriptor: Descriptor, folder: CacheFolder, onEnd: () => void) {
    this.#source = source;
    this.#descriptor = descriptor;
    this.#copy = new CacheCopy(folder, descriptor.digest);
    this.#onEnd = onEnd;
  }

  /**
   * The blob from its start. Where the transfer fails that another reader's source began, or this reader falls behind and there
   * is no copy, the reader's own source is asked.
   */
  async join(source: ContentSource, io: Io): Promise<ByteStream> {
    this.#readers++;
    const reader = new DownloadReader(this, source, io);
    await reader.open();
    return { [Symbol.asyncIterator]: () => reader };
  }

  get source(): ContentSource {
    return this.#source;
  }

  get descriptor(): Descriptor {
    return this.#descriptor;
  }

  async opened(io: Io): Promise<void> {
    if (this.#chunks === undefined) await this.#step(io);
    this.#throwFailure();
  }

  async at(position: number, io: Io): Promise<Uint8Array | 'end' | 'gone'> {
    for (;;) {
      if (position === this.#pulled) {
        this.#throwFailure();
        if (this.#state === 'whole') return 'end';
        await this.#step(io);
        continue;
      }
      return this.#recentAt(position) ?? (await this.#copy.read(position)) ?? 'gone';
    }
  }

  async leave({ cancelled }: { readonly cancelled: boolean }): Promise<void> {
    if (--this.#readers > 0) return;
    if (this.#state !== 'open') {
      await this.#copy.close();
      return;
    }
    const missing = this.#descriptor.size - this.#pulled;
    if (!cancelled && this.#copy.lives && missing <= worthFinishing) void this.#finishAlone();
    else await this.#giveUp();
  }

  async #finishAlone(): Promise<void> {
    while (this.#state === 'open' && this.#readers === 0) await this.#pull();
    if (this.#readers === 0) await this.#copy.close();
  }

  async #giveUp(): Promise<void> {
    this.#end({ failure: new Error('nobody reads this blob any more') });
    this.#stop.abort();
    leave(this.#chunks);
    await this.#copy.drop();
  }

  async #step(io: Io): Promise<void> {
    await untilAborted(this.#pull(), io);
  }

  /** Opens the source or takes its next chunk. Does not throw. */
  #pull(): Promise<void> {
    this.#pulling ??= this.#take().finally(() => (this.#pulling = undefined));
    return this.#pulling;
  }

  async #take(): Promise<void> {
    try {
      if (this.#chunks === undefined) {
        await this.#open();
        return;
      }
      const next = await this.#chunks.next();
      if (next.done !== true) await this.#keep(next.value);
      else {
        await this.#copy.finish();
        this.#end('whole');
      }
    } catch (failure) {
      this.#end({ failure });
      await this.#copy.drop();
    }
  }

  async #open(): Promise<void> {
    const stream = await this.#source.fetch(this.#descriptor, this.#stop);
    await this.#copy.begin();
    this.#chunks = stream[Symbol.asyncIterator]();
    if (this.#state === 'open') return;
    // Everybody left meanwhile.
    leave(this.#chunks);
    await this.#copy.drop();
  }

  async #keep(chunk: Uint8Array): Promise<void> {
    this.#recent.push({ start: this.#pulled, chunk });
    this.#held += chunk.length;
    this.#pulled += chunk.length;
    await this.#copy.write(chunk);
    for (let [first] = this.#recent; first !== undefined && this.#mayForget(first); [first] = this.#recent) {
      this.#recent.shift();
      this.#held -= first.chunk.length;
    }
  }

  /** A copy must have what is forgotten here. */
  #mayForget({ start, chunk }: Recent): boolean {
    if (this.#held <= recentBytes) return false;
    return !this.#copy.lives || start + chunk.length <= this.#copy.written;
  }

  #recentAt(position: number): Uint8Array | undefined {
    const found = this.#recent.findLast(({ start }) => start <= position);
    return found?.chunk.subarray(position - found.start);
  }

  #end(state: 'whole' | { readonly failure: unknown }): void {
    if (this.#state !== 'open') return;
    this.#state = state;
    this.#onEnd();
  }

  #throwFailure(): void {
    if (typeof this.#state === 'object') throw this.#state.failure;
  }
}
