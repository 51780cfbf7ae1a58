import { Worker } from 'node:worker_threads';
import type { Io } from '../content/store.ts';
import { type LineMatch, lineMatches, type LinePattern } from './lineMatches.ts';

/** What the thread runs: one text after the other, with a pattern that may take for ever. */
const program = `const { parentPort, workerData } = require('node:worker_threads');
const search = ${lineMatches.toString()};
parentPort.on('message', ({ bytes, limit }) => parentPort.postMessage(search(bytes, workerData, limit)));`;

/** Megabytes of memory that a search may take. */
const maxMegabytes = 256;

/** Looks for a pattern in texts on a thread of its own, which a text that takes too long does not outlive. One at a time. */
export class LineSearcher {
  readonly #pattern: LinePattern;
  #worker: Worker | undefined;

  constructor(pattern: LinePattern) {
    this.#pattern = pattern;
  }

  /**
   * The lines that match, at most `limit`; undefined where that takes longer than `milliseconds`, or too much memory.
   * The bytes are the thread's then.
   */
  async search(
    bytes: Uint8Array<ArrayBuffer>,
    { limit, milliseconds }: { readonly limit: number; readonly milliseconds: number },
    io: Io,
  ): Promise<readonly LineMatch[] | undefined> {
    io.signal.throwIfAborted();
    const worker = (this.#worker ??= this.#start());
    const { promise, resolve } = Promise.withResolvers<readonly LineMatch[] | undefined>();
    const giveUp = (): void => resolve(undefined);
    const timer = setTimeout(giveUp, milliseconds);
    const found = (matches: readonly LineMatch[]): void => resolve(matches);
    worker.once('message', found).once('error', giveUp);
    io.signal.addEventListener('abort', giveUp, { once: true });
    worker.postMessage({ bytes, limit }, [bytes.buffer]);
    try {
      const matches = await promise;
      if (matches === undefined) await this.close();
      io.signal.throwIfAborted();
      return matches;
    } finally {
      clearTimeout(timer);
      io.signal.removeEventListener('abort', giveUp);
      worker.off('message', found).off('error', giveUp);
    }
  }

  /** Ends the thread, whatever it does. */
  async close(): Promise<void> {
    const worker = this.#worker;
    this.#worker = undefined;
    await worker?.terminate();
  }

  #start(): Worker {
    const resourceLimits = { maxOldGenerationSizeMb: maxMegabytes };
    const worker = new Worker(program, { eval: true, workerData: this.#pattern, resourceLimits, execArgv: [] });
    // Who waits for an answer hears of it; a thread that fails between two is found out by the next.
    return worker.on('error', () => undefined);
  }
}
