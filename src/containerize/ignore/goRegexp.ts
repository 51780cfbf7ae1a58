import { anyChar, type CharSet, type Glob, type GlobStep } from './glob.ts';
import { escapedChar, perlClass, readClass, word } from './regexpClass.ts';
import { PatternError, RegexpReader } from './regexpReader.ts';

const noNewline: CharSet = (point) => point !== 0x0a;

const atStart = { kind: 'place', holds: (_: string, at: number) => at === 0 } as const satisfies GlobStep;
const atEnd = { kind: 'place', holds: (text: string, at: number) => at === text.length } as const satisfies GlobStep;
const anything = { kind: 'many', of: anyChar } as const satisfies GlobStep;

/**
 * What a regular expression that moby's patternmatcher makes of a pattern matches, as Go's regexp package understands it. Its
 * only repetitions are those of classes and of `.`.
 * @throws PatternError where Go has an error too, and for `\p`, `\P`, `\Q` and counts such as `{2}`, which nobody means
 */
export function goRegexp(source: string): Glob {
  const reader = new RegexpReader(source);
  const lists: GlobStep[][] = [[]];
  while (!reader.isAtEnd()) {
    if (reader.skip('|')) lists.push([]);
    else add(lists.at(-1) ?? [], readStep(reader));
  }
  return lists.map(anchored);
}

function add(steps: GlobStep[], step: GlobStep): void {
  const last = steps.at(-1);
  if (step.kind !== 'text' || last?.kind !== 'text') steps.push(step);
  else steps[steps.length - 1] = { kind: 'text', text: last.text + step.text };
}

/** An expression is found anywhere, a glob matches the whole. */
function anchored(steps: readonly GlobStep[]): readonly GlobStep[] {
  const fromStart = steps[0] === atStart ? steps.slice(1) : [anything, ...steps];
  return fromStart.at(-1) === atEnd ? fromStart.slice(0, -1) : [...fromStart, anything];
}

function readStep(reader: RegexpReader): GlobStep {
  if (reader.skip('(.*/)?')) return { kind: 'folders', of: noNewline };
  if (reader.skip('.*')) return { kind: 'many', of: noNewline };
  if (reader.skip('[')) {
    const of = readClass(reader);
    return { kind: reader.skip('*') ? 'many' : 'one', of };
  }
  if (reader.skip('^')) return atStart;
  if (reader.skip('$')) return atEnd;
  if (reader.startsWith('\\')) return readEscape(reader);
  if (reader.skipPattern(/\{(?:0|[1-9][0-9]*)(?:,(?:0|[1-9][0-9]*)?)?\}/y) !== undefined) {
    throw new PatternError('numbers in { } would be a count');
  }
  return { kind: 'text', text: reader.char() };
}

const conditions: Readonly<Record<string, (text: string, at: number) => boolean>> = {
  A: atStart.holds,
  z: atEnd.holds,
  b: isWordBorder,
  B: (text, at) => !isWordBorder(text, at),
};

function readEscape(reader: RegexpReader): GlobStep {
  const name = reader.peek(1);
  const holds = Object.hasOwn(conditions, name) ? conditions[name] : undefined;
  if (holds !== undefined) {
    reader.skip(`\\${name}`);
    return { kind: 'place', holds };
  }
  const of = perlClass(reader);
  return of === undefined ? { kind: 'text', text: String.fromCodePoint(escapedChar(reader)) } : { kind: 'one', of };
}

function isWordBorder(text: string, at: number): boolean {
  const isWord = (place: number): boolean => word(text.codePointAt(place) ?? -1);
  return isWord(at - 1) !== isWord(at);
}
