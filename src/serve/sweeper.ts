import { escapeText } from '../oci/reference.ts';
import type { RegistryStorage } from './registryStorage.ts';
import { sweep } from './sweep.ts';

/** Sweeps in the background of a server: one sweep at a time, and one more where something was freed meanwhile. */
export class Sweeper {
  readonly #storage: RegistryStorage;
  readonly #log: (line: string) => void;
  readonly #stop = new AbortController();
  #running: Promise<void> | undefined;
  #again = false;

  constructor(storage: RegistryStorage, log: (line: string) => void) {
    this.#storage = storage;
    this.#log = log;
  }

  /** Something may have come to be unused. */
  request(): void {
    this.#again = true;
    if (!this.#stop.signal.aborted) this.#running ??= this.#run();
  }

  /** Ends a sweep that is under way, and begins no other. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    while (this.#again && !this.#isStopped()) {
      this.#again = false;
      try {
        const { blobs, bytes } = await sweep(this.#storage, { signal: this.#stop.signal });
        if (blobs > 0) this.#log(`removed ${blobs} unused blobs, ${bytes} bytes`);
      } catch (error) {
        // The registry serves all the same; the disk is not freed.
        const reason = error instanceof Error ? error.message : String(error);
        if (!this.#isStopped()) this.#log(`unused blobs stay: ${escapeText(reason)}`);
      }
    }
    this.#running = undefined;
  }

  #isStopped(): boolean {
    return this.#stop.signal.aborted;
  }
}
