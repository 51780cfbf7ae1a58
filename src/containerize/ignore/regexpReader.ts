/** What Go's regexp package refuses, or what of it is not understood here. */
export class PatternError extends Error {}

/** Reads a text from its start to its end, in characters of any plane. */
export class RegexpReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  isAtEnd(): boolean {
    return this.#at >= this.#text.length;
  }

  startsWith(text: string): boolean {
    return this.#text.startsWith(text, this.#at);
  }

  /** The character so many places ahead, counted in UTF-16 units; empty behind the end. */
  peek(ahead: number): string {
    return this.#text.charAt(this.#at + ahead);
  }

  /** Goes behind `text` where it comes next, and says whether it did. */
  skip(text: string): boolean {
    const isNext = this.startsWith(text);
    if (isNext) this.#at += text.length;
    return isNext;
  }

  /** Goes behind what a sticky expression matches here; undefined where it does not. */
  skipPattern(sticky: RegExp): string | undefined {
    sticky.lastIndex = this.#at;
    const found = sticky.exec(this.#text)?.[0];
    this.#at += found?.length ?? 0;
    return found;
  }

  /** Everything up to and with the next `end`, two places on at the earliest; undefined and unmoved where there is none. */
  until(end: string): string | undefined {
    const found = this.#text.indexOf(end, this.#at + 2);
    if (found < 0) return undefined;
    const text = this.#text.slice(this.#at, found + end.length);
    this.#at = found + end.length;
    return text;
  }

  /** The next character; empty at the end. */
  char(): string {
    const char = String.fromCodePoint(this.#text.codePointAt(this.#at) ?? 0);
    this.#at += char.length;
    return char;
  }
}
