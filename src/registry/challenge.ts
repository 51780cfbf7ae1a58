/** One way to authenticate that a server offers (RFC 9110, 11.6.1). */
export interface Challenge {
  /** Lower case: `bearer`, `basic`. */
  readonly scheme: string;
  /** Names in lower case; of a name that stands twice the first value. */
  readonly parameters: ReadonlyMap<string, string>;
}

const token = /[!#$%&'*+.^_`|~0-9A-Za-z-]+/y;
const token68 = /[0-9A-Za-z._~+/-]+=*(?=[ \t]*(?:,|$))/y;
const blank = /[ \t]*/y;
const separators = /[ \t,]*/y;
const quoted = /"((?:[^"\\]|\\.)*)("|$)/sy;
const rest = /[^,]*/y;

/** Reads a WWW-Authenticate header, several of them joined by commas included. Never throws; takes linear time. */
export function parseChallenges(header: string): readonly Challenge[] {
  const challenges: { readonly scheme: string; readonly parameters: Map<string, string> }[] = [];
  const scan = new Scanner(header);
  for (scan.take(separators); !scan.done; scan.take(separators)) {
    const name = scan.take(token);
    if (name === '') {
      scan.take(rest);
      continue;
    }
    const blanks = scan.take(blank);
    if (scan.literal('=')) {
      scan.take(blank);
      const value = scan.value();
      const current = challenges.at(-1)?.parameters;
      if (current !== undefined && !current.has(name.toLowerCase())) current.set(name.toLowerCase(), value);
      continue;
    }
    challenges.push({ scheme: name.toLowerCase(), parameters: new Map() });
    if (blanks !== '') scan.take(token68);
  }
  return challenges;
}

class Scanner {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get done(): boolean {
    return this.#at >= this.#text.length;
  }

  take(pattern: RegExp): string {
    return this.#match(pattern)?.[0] ?? '';
  }

  literal(character: string): boolean {
    if (this.#text[this.#at] !== character) return false;
    this.#at++;
    return true;
  }

  /** A quoted string, or what stands before the next comma: servers leave the quotes out around URLs. */
  value(): string {
    const match = this.#match(quoted);
    if (match !== undefined) return (match[1] ?? '').replace(/\\(.)/gs, '$1');
    return this.take(rest).trimEnd();
  }

  #match(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text);
    if (match === null) return undefined;
    this.#at += match[0].length;
    return match;
  }
}
