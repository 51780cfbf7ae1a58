import { quoted, wrong } from './complaints.ts';
import { isSpace } from './logicalLines.ts';
import { replaced, trimmed } from './shellPattern.ts';
import { WordBudget } from './wordBudget.ts';

export interface ExpandOptions {
  /** The value of a variable; undefined where it is not set. */
  readonly variable: (name: string) => string | undefined;
  readonly escape: string;
  /** What becomes of quotes: `taken` off (default), `kept` around what they quote, or `plain` characters. */
  readonly quotes?: 'taken' | 'kept' | 'plain';
  /** What becomes of escape characters. Default: `taken`. */
  readonly escapes?: 'taken' | 'kept';
  /** What words may still cost. Default: enough for one. */
  readonly budget?: WordBudget;
  /** What stands for a variable that is not set. Default: `nothing`. */
  readonly unset?: 'nothing' | 'itself';
}

/** Longest text that a word may come to, in UTF-16 units. */
const maxExpanded = 1 << 20;
const maxDepth = 100;
const modifiers = ['-', '+', '?', '#', '%'];

/**
 * A word with its variables replaced and its quotes taken off, as BuildKit does it: `$name`, `${name}`, and in braces the
 * modifiers `:-` `-` `:+` `+` `:?` `?` `#` `##` `%` `%%` `/` `//`.
 * @throws OciError invalid-spec for what is not closed or has no meaning, for a failed `:?`, and above 1 MiB
 */
export function expandWord(text: string, options: ExpandOptions): string {
  return new Expansion(text, options).until(undefined, undefined);
}

/** The same, split at white space that is neither quoted nor escaped, also at that of values. */
export function expandWords(text: string, options: ExpandOptions): readonly string[] {
  const words = new Words();
  new Expansion(text, options).until(undefined, words);
  words.end();
  return words.done;
}

/** Words that text is split into while it is gathered. */
class Words {
  readonly done: string[] = [];
  #word = '';

  addRaw(text: string): void {
    this.#word += text;
  }

  addSplitting(text: string): void {
    for (const char of text) {
      if (isSpace(char)) this.end();
      else this.#word += char;
    }
  }

  end(): void {
    if (this.#word !== '') this.done.push(this.#word);
    this.#word = '';
  }
}

/** One pass over one text. */
class Expansion {
  readonly #text: string;
  readonly #options: ExpandOptions;
  readonly #budget: WordBudget;
  #at = 0;
  #depth = 0;
  #keepsEscapes: boolean;

  constructor(text: string, options: ExpandOptions) {
    this.#text = text;
    this.#options = options;
    this.#budget = options.budget ?? new WordBudget();
    this.#keepsEscapes = options.escapes === 'kept';
  }

  /** Up to a character that is taken too, or to the end; splits it into words where they are asked for. */
  until(stop: string | undefined, words: Words | undefined): string {
    if (++this.#depth > maxDepth) throw wrong(`variables may be ${maxDepth} deep inside each other.`);
    const parts: string[] = [];
    let length = 0;
    const add = (part: string): void => {
      length += part.length;
      this.#budget.write(part.length);
      if (length > maxExpanded) throw wrong(`it comes to more than ${maxExpanded} characters.`);
      parts.push(part);
    };
    for (let char = this.#peek(); char !== stop; char = this.#peek()) {
      if (char === undefined) throw wrong(`the ${stop ?? ''} of a \${…} is missing.`);
      this.#one(char, words, add);
    }
    if (stop !== undefined) this.#at++;
    this.#depth--;
    return parts.join('');
  }

  #one(char: string, words: Words | undefined, add: (part: string) => void): void {
    if (char === '$') {
      const value = this.#dollar();
      add(value);
      words?.addSplitting(value);
    } else if ((char === "'" || char === '"') && this.#options.quotes !== 'plain') {
      const value = char === "'" ? this.#singleQuoted() : this.#doubleQuoted();
      add(value);
      words?.addRaw(value);
    } else if (char === this.#options.escape) {
      this.#at++;
      const value = (this.#keepsEscapes ? char : '') + (this.#next() ?? '');
      add(value);
      words?.addRaw(value);
    } else {
      this.#at++;
      add(char);
      words?.addSplitting(char);
    }
  }

  #singleQuoted(): string {
    const end = this.#text.indexOf("'", this.#at + 1);
    if (end < 0) throw wrong("a ' has no other that closes it.");
    const keeps = this.#options.quotes === 'kept' ? 1 : 0;
    const value = this.#text.slice(this.#at + 1 - keeps, end + keeps);
    this.#at = end + 1;
    return value;
  }

  #doubleQuoted(): string {
    const quote = this.#options.quotes === 'kept' ? '"' : '';
    const parts = [quote];
    this.#at++;
    for (let char = this.#peek(); char !== '"'; char = this.#peek()) {
      if (char === undefined) throw wrong('a " has no other that closes it.');
      if (char === '$') parts.push(this.#dollar());
      else {
        this.#at++;
        parts.push(char === this.#options.escape ? this.#escapedInQuotes(char) : char);
      }
    }
    this.#at++;
    return [...parts, quote].join('');
  }

  /** Only quotes, dollars and escape characters are escaped there; before others it stands for itself. */
  #escapedInQuotes(escape: string): string {
    const kept = this.#keepsEscapes ? escape : '';
    const next = this.#peek();
    if (next === undefined) return kept;
    if (next !== '"' && next !== '$' && next !== escape) return kept + escape;
    this.#at++;
    return kept + next;
  }

  #dollar(): string {
    this.#at++;
    if (this.#peek() === '{') return this.#braces();
    const name = this.#name();
    if (name === '') return '$';
    return this.#options.variable(name) ?? (this.#options.unset === 'itself' ? `$${name}` : '');
  }

  #braces(): string {
    this.#at++;
    const first = this.#peek();
    if (first === undefined) throw wrong('the } of a ${…} is missing.');
    if ('{}:'.includes(first)) throw wrong(`\${${first} is no variable: write a name behind \${.`);
    const name = this.#name();
    const value = this.#options.variable(name);
    const sign = this.#next();
    if (sign === undefined) throw wrong('the } of a ${…} is missing.');
    if (sign === '}') return value ?? (this.#options.unset === 'itself' ? `\${${name}}` : '');
    if (sign === '/') return this.#replacement(name, value);
    const modifier = sign === ':' ? (this.#next() ?? '') : sign;
    const written = sign === ':' ? `:${modifier}` : sign;
    const takesPattern = modifier === '#' || modifier === '%';
    const isKnown = modifiers.includes(modifier) && !(takesPattern && sign === ':');
    if (!isKnown && sign !== ':') throw wrong(`${quoted(written)} behind \${${name} has no meaning.`);
    const word = this.#argument('}', takesPattern);
    if (!isKnown) throw wrong(`${quoted(written)} behind \${${name} has no meaning.`);
    if (value === undefined && this.#options.unset === 'itself') return `\${${name}${written}${word}}`;
    return this.#modified({ name, value, word, modifier, isEmptyUnset: sign === ':' });
  }

  #modified(parts: {
    readonly name: string;
    readonly value: string | undefined;
    readonly word: string;
    readonly modifier: string;
    readonly isEmptyUnset: boolean;
  }): string {
    const { name, value = '', word, modifier } = parts;
    const isUnset = parts.value === undefined || (parts.isEmptyUnset && value === '');
    if (modifier === '-') return isUnset ? word : value;
    if (modifier === '+') return isUnset ? '' : word;
    if (modifier === '?') {
      if (!isUnset) return value;
      const reason = parts.value === undefined ? 'it is not set' : 'it is empty';
      throw wrong(`${name} must have a value: ${word === '' ? reason : quoted(word)}. Give it as a build argument.`);
    }
    const which = word.startsWith(modifier) ? 'most' : 'least';
    const end = modifier === '#' ? 'start' : 'end';
    return trimmed(value, which === 'most' ? word.slice(1) : word, { end, which }, this.#budget);
  }

  #replacement(name: string, value: string | undefined): string {
    const count = this.#peek() === '/' ? 'every' : 'first';
    if (count === 'every') this.#at++;
    const pattern = this.#argument('/', true);
    const by = this.#argument('}', true);
    if (value === undefined && this.#options.unset === 'itself') return `\${${name}/${pattern}/${by}}`;
    return replaced(value ?? '', pattern, { by, count }, this.#budget);
  }

  #argument(stop: string, keepsEscapes: boolean): string {
    const before = this.#keepsEscapes;
    this.#keepsEscapes = keepsEscapes;
    const text = this.until(stop, undefined);
    this.#keepsEscapes = before;
    return text;
  }

  /** Letters, digits and `_`; of a name that begins with a digit all digits; or one of the shell's own signs. */
  #name(): string {
    const pattern = /\p{Nd}+|[@*#?$!-]|[\p{L}_][\p{L}\p{Nd}_]*/uy;
    pattern.lastIndex = this.#at;
    const name = pattern.exec(this.#text)?.[0] ?? '';
    this.#at += name.length;
    return name;
  }

  #peek(): string | undefined {
    return this.#at < this.#text.length ? this.#text.charAt(this.#at) : undefined;
  }

  #next(): string | undefined {
    const char = this.#peek();
    if (char !== undefined) this.#at++;
    return char;
  }
}
