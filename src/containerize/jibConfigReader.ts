import { SpecError, type SpecProblem } from '../errors.ts';
import { escapeText } from '../oci/reference.ts';

/** Where in the file a member is: names and indexes from the top. */
export type MemberPath = readonly (string | number)[];

/** Tells the place of a member in the file that it was read from; lines and columns count from 1. */
export type FindPlace = (path: MemberPath) => { readonly line: number; readonly column: number };

const maxProblems = 100;
const maxItems = 10_000;

/** Reads members of a parsed YAML value and collects what is wrong with them. */
export class JibReader {
  readonly #file: string;
  readonly #at: FindPlace;
  readonly #problems: SpecProblem[] = [];

  constructor(file: string, at: FindPlace) {
    this.#file = file;
    this.#at = at;
  }

  /** One more thing that is wrong. */
  add(path: MemberPath, text: string): void {
    if (this.#problems.length < maxProblems) this.#problems.push({ file: this.#file, ...this.#at(path), text });
  }

  /** @throws SpecError with all that was wrong */
  throwIfAny(): void {
    const [first, ...more] = this.#problems;
    if (first === undefined) return;
    const others = more.length === 0 ? '' : ` And ${more.length} more.`;
    const place = `${escapeText(this.#file)}, line ${first.line}`;
    throw new SpecError(`${place}: ${first.text}${others}`, this.#problems);
  }

  /** The members of a mapping; one that is not known is a problem. Undefined where there is no mapping. */
  members(value: unknown, path: MemberPath, known: readonly string[]): ReadonlyMap<string, unknown> | undefined {
    const members = this.mapping(value, path);
    for (const name of members?.keys() ?? []) {
      if (known.includes(name)) continue;
      this.add([...path, name], `${escapeText(name)} is not a member of it. There are: ${known.join(', ')}.`);
    }
    return members;
  }

  mapping(value: unknown, path: MemberPath): ReadonlyMap<string, unknown> | undefined {
    if (value === undefined || value === null) return undefined;
    const isMapping = typeof value === 'object' && !Array.isArray(value);
    const entries: readonly (readonly [unknown, unknown])[] = !isMapping
      ? []
      : value instanceof Map
        ? [...value]
        : Object.entries(value);
    if (!isMapping) this.add(path, `${nameOf(path)} must be a mapping.`);
    else if (entries.length > maxItems) this.add(path, `${nameOf(path)} has more than ${maxItems} members.`);
    else return new Map(entries.map(([name, member]) => [String(name), member]));
    return undefined;
  }

  list(value: unknown, path: MemberPath): readonly unknown[] {
    if (value === undefined || value === null) return [];
    if (!Array.isArray(value)) this.add(path, `${nameOf(path)} must be a list.`);
    else if (value.length > maxItems) this.add(path, `${nameOf(path)} has more than ${maxItems} items.`);
    else return value;
    return [];
  }

  /** A text that is not empty, without NUL; numbers and truth values count as what they are written like. */
  text(value: unknown, path: MemberPath): string | undefined {
    if (value === undefined || value === null) return undefined;
    const isScalar = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
    if (!isScalar) this.add(path, `${nameOf(path)} must be a text.`);
    else if (String(value).trim() === '') this.add(path, `${nameOf(path)} must not be empty.`);
    else if (String(value).includes('\0')) this.add(path, `${nameOf(path)} must not hold a NUL.`);
    else return String(value);
    return undefined;
  }

  /** The same where it must be there. */
  required(value: unknown, path: MemberPath): string {
    if (value === undefined || value === null) this.add(path, `${nameOf(path)} is missing.`);
    return this.text(value, path) ?? '';
  }

  texts(value: unknown, path: MemberPath): readonly string[] {
    return this.list(value, path).flatMap((one, at) => this.required(one, [...path, at]));
  }

  /** A mapping of texts, which may be empty. */
  textMap(value: unknown, path: MemberPath): ReadonlyMap<string, string> {
    const texts = new Map<string, string>();
    for (const [name, member] of this.mapping(value, path) ?? []) {
      const text = member === '' ? '' : this.required(member, [...path, name]);
      if (name.trim() === '') this.add([...path, name], `a name in ${nameOf(path)} is empty.`);
      else texts.set(name, text);
    }
    return texts;
  }
}

/** `layers.entries[0].name` */
function nameOf(path: MemberPath): string {
  const text = path.map((one) => (typeof one === 'number' ? `[${one}]` : `.${one}`)).join('');
  return text === '' ? 'the file' : escapeText(text.replace(/^\./, ''));
}
