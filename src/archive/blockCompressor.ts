import type { Transform } from 'node:stream';

type Done = (error?: Error | null) => void;

/** A compressor of `node:zlib` that is given one block after another and says when it has read each, and what has come of it. */
export class BlockCompressor {
  readonly #stream: Transform;
  #pieces: Uint8Array[] = [];

  constructor(stream: Transform) {
    this.#stream = stream;
    // All output of a write comes before its callback.
    stream.on('data', (piece: Uint8Array) => void this.#pieces.push(piece));
    // Whoever waits hears of it; an event that nobody hears would end the program.
    stream.on('error', () => undefined);
  }

  /** The output there is when all of a block has been read: its memory may be used again then. */
  write(block: Uint8Array): Promise<readonly Uint8Array[]> {
    return this.#outputOf((done) => this.#stream.write(block, done));
  }

  /** The rest of the output. */
  end(): Promise<readonly Uint8Array[]> {
    return this.#outputOf((done) => {
      this.#stream.once('end', () => done());
      this.#stream.end((error?: Error | null) => (error instanceof Error ? done(error) : undefined));
    });
  }

  close(): void {
    this.#stream.destroy();
  }

  async #outputOf(start: (done: Done) => unknown): Promise<readonly Uint8Array[]> {
    const { promise, resolve, reject } = Promise.withResolvers<undefined>();
    this.#stream.once('error', reject);
    start((error) => (error instanceof Error ? reject(error) : resolve(undefined)));
    try {
      await promise;
    } finally {
      this.#stream.off('error', reject);
    }
    const pieces = this.#pieces;
    this.#pieces = [];
    return pieces;
  }
}
