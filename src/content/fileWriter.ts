import type { FileHandle } from 'node:fs/promises';

const bufferBytes = 512 << 10;

/** Writes to a file from its start in large pieces: small chunks are gathered in one buffer while the other is written. */
export class FileWriter {
  readonly #handle: FileHandle;
  #filling = Buffer.allocUnsafeSlow(bufferBytes);
  #spare = Buffer.allocUnsafeSlow(bufferBytes);
  #filled = 0;
  #written = 0;
  #writing: Promise<void> = Promise.resolve();

  constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  /** Bytes that can be read from the file. */
  get written(): number {
    return this.#written;
  }

  /** Takes a chunk, which may be changed afterwards; waits where the file is slower than its content. */
  async write(chunk: Uint8Array): Promise<void> {
    for (let at = 0; at < chunk.length;) {
      const part = chunk.subarray(at, at + bufferBytes - this.#filled);
      this.#filling.set(part, this.#filled);
      this.#filled += part.length;
      at += part.length;
      if (this.#filled === bufferBytes) await this.#flush();
    }
  }

  /** Writes what is left. */
  async end(): Promise<void> {
    await this.#flush();
    await this.#writing;
  }

  /** Resolves when nothing is being written any more, whether that succeeded or not. */
  async settled(): Promise<void> {
    await this.#writing.catch(() => undefined);
  }

  async #flush(): Promise<void> {
    await this.#writing;
    this.#writing = this.#writeWhole(this.#filling.subarray(0, this.#filled));
    // Its failure is thrown by the flush that waits for it.
    this.#writing.catch(() => undefined);
    [this.#filling, this.#spare] = [this.#spare, this.#filling];
    this.#filled = 0;
  }

  async #writeWhole(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length;) {
      const { bytesWritten } = await this.#handle.write(bytes, at, bytes.length - at, this.#written);
      at += bytesWritten;
      this.#written += bytesWritten;
    }
  }
}
