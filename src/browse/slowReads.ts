import type { Io } from '../content/store.ts';
import { Seen } from './seen.ts';

/** Milliseconds. */
export interface Patience {
  /** How long a reading may take before something is shown of it. */
  readonly first: number;
  /** How often what is shown of it is drawn again. */
  readonly every: number;
}

export const defaultPatience: Patience = { first: 400, every: 1000 };

interface SlowRead {
  readonly seen: Seen;
  readonly controller: AbortController;
  readonly ended: Promise<void>;
  done: boolean;
  drawing?: NodeJS.Timeout;
}

/** Readings that go on while the tree shows what there is so far; each belongs to a node. */
export class SlowReads {
  readonly #patience: Patience;
  readonly #redraw: (id: string) => void;
  readonly #reads = new Map<string, SlowRead>();

  /** `redraw` is called with a node's id when there is more to show below it. */
  constructor(redraw: (id: string) => void, patience = defaultPatience) {
    this.#redraw = redraw;
    this.#patience = patience;
  }

  /**
   * Runs the reading of a node where it is not under way, and waits a moment for it. Undefined: it has ended. Else what it has
   * seen so far: it goes on, and the node will be drawn again. Throws what it throws, and the signal's reason where that aborts
   * meanwhile, which stops it.
   */
  async unfinished(id: string, read: (seen: Seen, io: Io) => Promise<unknown>, io: Io): Promise<Seen | undefined> {
    const known = this.#reads.get(id);
    const slow = known ?? this.#start(id, read);
    const stop = (): void => this.stop((other) => other === id, io.signal.reason);
    io.signal.addEventListener('abort', stop, { once: true });
    try {
      if (known === undefined) await this.#moment(slow);
      io.signal.throwIfAborted();
      slow.controller.signal.throwIfAborted();
      if (!slow.done) {
        this.#drawLater(id, slow);
        return slow.seen;
      }
      if (this.#reads.get(id) === slow) this.#reads.delete(id);
      await slow.ended;
      return undefined;
    } finally {
      io.signal.removeEventListener('abort', stop);
    }
  }

  /** Ends readings that nobody wants to see any more. */
  stop(matches: (id: string) => boolean, reason?: unknown): void {
    for (const [id, slow] of this.#reads) {
      if (!matches(id)) continue;
      this.#reads.delete(id);
      clearTimeout(slow.drawing);
      slow.controller.abort(reason);
    }
  }

  #start(id: string, read: (seen: Seen, io: Io) => Promise<unknown>): SlowRead {
    const controller = new AbortController();
    const seen = new Seen();
    const ended = read(seen, { signal: controller.signal }).then(() => undefined);
    const slow: SlowRead = { seen, controller, ended, done: false };
    const end = (): void => {
      slow.done = true;
      if (slow.drawing === undefined) return;
      clearTimeout(slow.drawing);
      if (this.#reads.get(id) === slow) this.#redraw(id);
    };
    ended.then(end, end);
    this.#reads.set(id, slow);
    return slow;
  }

  /** Ends with the reading, after a moment, or when the reading is stopped. */
  #moment({ ended, controller }: SlowRead): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, this.#patience.first);
      const end = (): void => {
        clearTimeout(timer);
        resolve();
      };
      ended.then(end, end);
      controller.signal.addEventListener('abort', end, { once: true });
    });
  }

  #drawLater(id: string, slow: SlowRead): void {
    clearTimeout(slow.drawing);
    slow.drawing = setTimeout(() => this.#redraw(id), this.#patience.every);
  }
}
