/** Bytes kept for the next look, and how many pieces. */
const limits = { bytes: 64 << 20, pieces: 64 };

/** Contents by their addresses: read once however many ask, and the latest kept, for an editor asks several times. */
export class SharedBytes {
  readonly #reading = new Map<string, Promise<Uint8Array>>();
  readonly #kept = new Map<string, Uint8Array>();
  #size = 0;

  async once(key: string, read: () => Promise<Uint8Array>): Promise<Uint8Array> {
    const kept = this.#kept.get(key);
    if (kept !== undefined) {
      this.#kept.delete(key);
      this.#kept.set(key, kept);
      return kept;
    }
    const reading = this.#reading.get(key) ?? read();
    if (!this.#reading.has(key)) {
      this.#reading.set(key, reading);
      const done = (): void => void this.#reading.delete(key);
      reading
        .then(
          (bytes) => this.#keep(key, bytes),
          () => undefined,
        )
        .finally(done);
    }
    return reading;
  }

  clear(): void {
    this.#kept.clear();
    this.#size = 0;
  }

  #keep(key: string, bytes: Uint8Array): void {
    this.#kept.set(key, bytes);
    this.#size += bytes.length;
    for (const [oldest, old] of this.#kept) {
      if (this.#size <= limits.bytes && this.#kept.size <= limits.pieces) return;
      this.#kept.delete(oldest);
      this.#size -= old.length;
    }
  }
}
