import type { Io } from '../content/store.ts';
import type { NameFilter } from './nameFilter.ts';

/** Names read in one go at most, where a filter lets few through. */
const maxScanned = 10_000;

/**
 * Reads names page by page as they are wanted, from one listing that stays open between the reads. A read that fails or is
 * cancelled ends the listing; the next one starts it again and goes on after the names that are known.
 */
export class NamePager {
  readonly #open: (io: Io) => AsyncIterable<readonly string[]>;
  readonly #accepts: NameFilter;
  readonly #seen = new Set<string>();
  readonly #names: string[] = [];
  #listing: { readonly pages: AsyncIterator<readonly string[]>; readonly controller: AbortController } | undefined;
  #done = false;

  constructor(open: (io: Io) => AsyncIterable<readonly string[]>, accepts: NameFilter) {
    this.#open = open;
    this.#accepts = accepts;
  }

  /** The accepted names so far, each once, in the order they came. */
  get names(): readonly string[] {
    return this.#names;
  }

  /** True where the registry has given all its names. */
  get done(): boolean {
    return this.#done;
  }

  /** Reads on until there are `wanted` names in all, or all of them, or 10,000 were looked at. Throws what the listing throws. */
  async read(wanted: number, io: Io): Promise<void> {
    io.signal.throwIfAborted();
    const listing = (this.#listing ??= this.#start());
    const abort = (): void => listing.controller.abort(io.signal.reason);
    io.signal.addEventListener('abort', abort, { once: true });
    try {
      const until = this.#seen.size + maxScanned;
      while (!this.#done && this.#names.length < wanted && this.#seen.size < until) await this.#page(listing.pages);
    } catch (error) {
      this.close();
      io.signal.throwIfAborted();
      throw error;
    } finally {
      io.signal.removeEventListener('abort', abort);
    }
  }

  /** Ends the listing; what was read stays. */
  close(): void {
    this.#listing?.controller.abort();
    this.#listing = undefined;
  }

  #start(): { readonly pages: AsyncIterator<readonly string[]>; readonly controller: AbortController } {
    const controller = new AbortController();
    return { controller, pages: this.#open({ signal: controller.signal })[Symbol.asyncIterator]() };
  }

  async #page(pages: AsyncIterator<readonly string[]>): Promise<void> {
    const page = await pages.next();
    if (page.done === true) {
      this.#done = true;
      return;
    }
    for (const name of page.value) {
      // A name that comes twice would be two nodes of one id, which the workbench answers by showing none.
      if (this.#seen.has(name)) continue;
      this.#seen.add(name);
      if (this.#accepts(name)) this.#names.push(name);
    }
  }
}
