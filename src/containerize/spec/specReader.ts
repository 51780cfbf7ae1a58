import type { SpecProblem } from '../../errors.ts';
import { escapeText } from '../../oci/reference.ts';
import { nearest } from './nearest.ts';
import type { Expander } from './variables.ts';
import type { YamlDocument, YamlPath } from './yamlDocument.ts';

/** Says what a text should be where it is not that: `a tag: letters, digits, …`. */
export type TextCheck = (text: string) => string | undefined;

export interface TextRules {
  readonly check?: TextCheck;
  /** The text may differ between platforms. Default: false. */
  readonly usesPlatform?: boolean;
  /** No variables may stand in it: it decides what is read next. Default: false. */
  readonly isFixed?: boolean;
}

const maxItems = 10_000;

/** Reads a spec's values by their paths and collects what is wrong with them, so that all of it is said at once. */
export class SpecReader {
  readonly document: YamlDocument;
  readonly #expand: Expander;
  readonly #problems: SpecProblem[] = [];

  constructor(document: YamlDocument, expand: Expander) {
    this.document = document;
    this.#expand = expand;
  }

  /** In the order they were found. */
  get problems(): readonly SpecProblem[] {
    return this.#problems;
  }

  report(path: YamlPath, text: string, part: 'key' | 'value' = 'value'): void {
    this.#problems.push({ file: this.document.file, ...this.document.at(path, part), text });
  }

  value(path: YamlPath): unknown {
    let value: unknown = this.document.value;
    for (const step of path) {
      value = isMapping(value)
        ? value[step]
        : Array.isArray(value)
          ? (value as readonly unknown[])[Number(step)]
          : undefined;
    }
    return value;
  }

  /** True where something is there, were it nothing but a name without value. */
  has(path: YamlPath): boolean {
    return this.value(path) !== undefined;
  }

  /** The names in a mapping, all of them in `known`; undefined where it is none. */
  members(
    path: YamlPath,
    known: readonly string[],
    otherNames: ReadonlyMap<string, string> = new Map(),
  ): readonly string[] | undefined {
    const value = this.value(path);
    if (value === undefined) return undefined;
    if (!isMapping(value)) {
      this.report(path, `${nameOf(path)} must be members with values, one a line`);
      return undefined;
    }
    const names = Object.keys(value);
    for (const name of names.filter((one) => !known.includes(one))) {
      const meant = otherNames.get(name.toLowerCase()) ?? nearest(name, known);
      const hint = meant === undefined ? `Here stand ${known.join(', ')}` : `Did you mean ${meant}?`;
      this.report([...path, name], `${escapeText(name)} is not known here. ${hint}`, 'key');
    }
    return names;
  }

  /** A text, a number as it is written, true or false as a text; with its variables filled in where they have values. */
  text(path: YamlPath, rules: TextRules = {}): string | undefined {
    const value = this.value(path);
    if (value === undefined) return undefined;
    if (value === null) {
      this.report(path, `${nameOf(path)} has no value. Write "" for an empty one, or leave it out`, 'key');
      return undefined;
    }
    const source = this.document.source(path);
    if (source === undefined) {
      this.report(path, `${nameOf(path)} must be a text`);
      return undefined;
    }
    if (source.includes('\0')) {
      this.report(path, `${nameOf(path)} holds a NUL`);
      return undefined;
    }
    if (rules.isFixed === true) return this.#fixed(path, source, rules);
    const { text, problem } = this.#expand(source, { usesPlatform: rules.usesPlatform === true });
    if (problem !== undefined) {
      this.report(path, problem);
      return undefined;
    }
    const wanted = text === undefined ? undefined : rules.check?.(text);
    // The text as it is written: what variables stand for may be a secret.
    if (wanted !== undefined) {
      this.report(path, `${escapeText(source)} is not ${wanted}`);
      return undefined;
    }
    return text ?? source;
  }

  #fixed(path: YamlPath, source: string, { check }: TextRules): string | undefined {
    const wanted = source.includes('${') ? 'what can stand here: no variables do' : check?.(source);
    if (wanted === undefined) return source;
    this.report(path, `${escapeText(source)} is not ${wanted}`);
    return undefined;
  }

  /** A list of texts. */
  texts(path: YamlPath, rules: TextRules & { readonly example?: string } = {}): readonly string[] | undefined {
    const count = this.items(path, rules.example);
    if (count === undefined) return undefined;
    return Array.from({ length: count }, (_, at) => this.text([...path, at], rules)).filter((one) => one !== undefined);
  }

  /** How many items a list has; undefined where there is none. */
  items(path: YamlPath, example = '[…]'): number | undefined {
    const value = this.value(path);
    if (value === undefined) return undefined;
    if (!Array.isArray(value)) {
      this.report(path, `${nameOf(path)} must be a list, such as ${example}`);
      return undefined;
    }
    if (value.length > maxItems) {
      this.report(path, `${nameOf(path)} has more than ${maxItems} items`);
      return undefined;
    }
    return value.length;
  }

  /** Names with texts. */
  textMap(path: YamlPath): Readonly<Record<string, string>> | undefined {
    const value = this.value(path);
    if (value === undefined) return undefined;
    if (!isMapping(value)) {
      this.report(path, `${nameOf(path)} must be names with values, one a line: name: value`);
      return undefined;
    }
    const entries = Object.keys(value).map((name) => [name, this.text([...path, name])] as const);
    if (Object.hasOwn(value, '__proto__')) {
      this.report([...path, '__proto__'], 'no name may be __proto__', 'key');
      return undefined;
    }
    return Object.fromEntries(entries.filter((entry): entry is readonly [string, string] => entry[1] !== undefined));
  }

  flag(path: YamlPath): boolean | undefined {
    const value = this.value(path);
    if (value === undefined || typeof value === 'boolean') return value;
    this.report(path, `${nameOf(path)} must be true or false`);
    return undefined;
  }

  choice<const Name extends string>(path: YamlPath, names: readonly Name[]): Name | undefined {
    const value = this.value(path);
    if (value === undefined) return undefined;
    const chosen = names.find((name) => name === value);
    if (chosen !== undefined) return chosen;
    const meant = typeof value === 'string' ? nearest(value, names) : undefined;
    const hint = meant === undefined ? '' : `. Did you mean ${meant}?`;
    this.report(path, `${nameOf(path)} must be ${names.slice(0, -1).join(', ')} or ${names.at(-1) ?? ''}${hint}`);
    return undefined;
  }

  count(path: YamlPath, most: number): number | undefined {
    const value = this.value(path);
    if (value === undefined) return undefined;
    if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= most) return value;
    this.report(path, `${nameOf(path)} must be a whole number from 0 to ${most}`);
    return undefined;
  }
}

function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Such as `layers[0].files[1].to`; the file itself is `gantry.yaml`. */
function nameOf(path: YamlPath): string {
  if (path.length === 0) return 'a spec';
  const name = path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`)).join('');
  return /^\.[\w.[\]]+$/.test(name) ? name.slice(1) : escapeText(name.slice(1));
}
