const most = 256;

/** Remembers something of the paths that were set last. */
export class Recent<Value> {
  readonly #values = new Map<string, Value>();

  get(path: string): Value | undefined {
    return this.#values.get(path);
  }

  set(path: string, value: Value): void {
    if (this.#values.size >= most)
      for (const oldest of [...this.#values.keys()].slice(0, most / 2)) this.#values.delete(oldest);
    this.#values.set(path, value);
  }
}
