import type { SchemaStep } from './specSchema.ts';

/** What is being written at a place of a spec that need not be whole yet. */
export interface Cursor {
  readonly kind: 'member' | 'value' | 'variable';
  /** Around the member or value; for a variable around its text. */
  readonly steps: readonly SchemaStep[];
  /** What is there before the cursor of the word that is being written. */
  readonly word: string;
  /** Names that stand beside it in the same mapping. */
  readonly siblings: readonly string[];
  /** The column of the word, from 0: further members stand below it. */
  readonly column: number;
}

interface Line {
  /** Columns of the dashes before the content. */
  readonly dashes: readonly number[];
  /** Of the content. */
  readonly column: number;
  readonly key: string | undefined;
  /** What stands behind the colon, or the whole content without a key. */
  readonly rest: string;
}

const maxLines = 5000;

/** Where a cursor is, by the indentation of the lines: `line` and `column` from 0. Undefined in comments and in what it cannot tell. */
export function cursorAt(lines: readonly string[], line: number, column: number): Cursor | undefined {
  const before = (lines[line] ?? '').slice(0, column);
  const here = parseLine(before);
  if (here === undefined || isInComment(before)) return undefined;
  const steps = stepsAbove(lines, line, here);
  const common = { siblings: siblingsOf(lines, line, here), column: here.column };
  const inside = here.key === undefined ? steps : [...steps, { member: here.key }];
  const variable = /(?:^|[^$])\$\{([A-Za-z0-9_.]*)$/.exec(before)?.[1];
  if (variable !== undefined) return { kind: 'variable', steps: inside, word: variable, ...common };
  const item = /^\[(?:[^[\]{}]*,)?\s*(["']?[\w./:-]*)$/.exec(here.rest.trimStart())?.[1];
  if (here.key !== undefined && item !== undefined)
    return { kind: 'value', steps: [...inside, 'item'], word: item, ...common };
  if (here.key !== undefined)
    return plainWord(here.rest) ? { kind: 'value', steps: inside, word: here.rest.trim(), ...common } : undefined;
  if (!plainWord(here.rest)) return undefined;
  return { kind: 'member', steps, word: here.rest, ...common };
}

/** The names that lead to the key of a line, that key last; undefined where the line has none. */
export function keyAt(
  lines: readonly string[],
  line: number,
): { readonly steps: readonly SchemaStep[]; readonly key: string; readonly column: number } | undefined {
  const here = parseLine(lines[line] ?? '');
  if (here?.key === undefined) return undefined;
  return { steps: stepsAbove(lines, line, here), key: here.key, column: here.column };
}

function plainWord(text: string): boolean {
  return /^\s*["']?[\w./:-]*$/.test(text);
}

function isInComment(before: string): boolean {
  return /(?:^|\s)#/.test(before.replace(/"(?:[^"\\]|\\.)*"?|'[^']*'/g, ''));
}

function parseLine(text: string): Line | undefined {
  if (text.includes('\t')) return undefined;
  const dashes: number[] = [];
  let column = text.length - text.trimStart().length;
  while (/^-(?: |$)/.test(text.slice(column))) {
    dashes.push(column);
    const after = text.slice(column + 1);
    column += 1 + after.length - after.trimStart().length;
  }
  const content = text.slice(column);
  const match = /^(?:"([^"\\]*)"|'([^']*)'|([\w.$/-]+)):(?: |$)/.exec(content);
  const key = match?.[1] ?? match?.[2] ?? match?.[3];
  return { dashes, column, key, rest: content.slice(match?.[0].length ?? 0) };
}

/** Climbs from a line to the lines that it stands in, by their indentation. */
function stepsAbove(lines: readonly string[], from: number, here: Line): readonly SchemaStep[] {
  const steps: SchemaStep[] = [];
  // A list may stand as far left as the name that it belongs to.
  let limit = climb(here, here.column, steps);
  for (let at = from - 1; at >= Math.max(0, from - maxLines) && (limit.column > 0 || limit.isList); at -= 1) {
    const line = parseLine(lines[at] ?? '');
    if (line === undefined || isBlank(lines[at])) continue;
    const isAround =
      line.column < limit.column || (limit.isList && line.column === limit.column && line.key !== undefined);
    if (isAround && line.key !== undefined) steps.unshift({ member: line.key });
    if (isAround) limit = climb(line, line.column, steps);
    else if (line.dashes.some((dash) => dash < limit.column)) {
      const dashes = line.dashes.filter((dash) => dash < limit.column);
      limit = climb({ ...line, dashes }, dashes[0] ?? 0, steps);
    }
  }
  return steps;
}

interface Limit {
  readonly column: number;
  readonly isList: boolean;
}

function climb({ dashes }: Pick<Line, 'dashes'>, column: number, steps: SchemaStep[]): Limit {
  for (let count = 0; count < dashes.length; count += 1) steps.unshift('item');
  const [first] = dashes;
  return first === undefined ? { column, isList: false } : { column: first, isList: true };
}

/** The names in the same mapping, above and below. */
function siblingsOf(lines: readonly string[], at: number, here: Line): readonly string[] {
  const names: string[] = [];
  const take = (index: number): boolean => {
    const line = parseLine(lines[index] ?? '');
    if (line === undefined || isBlank(lines[index])) return true;
    if (line.column < here.column) return false;
    if (line.column === here.column && line.key !== undefined) names.push(line.key);
    return true;
  };
  const startsItem = (index: number): boolean => {
    const dashes = parseLine(lines[index] ?? '')?.dashes ?? [];
    return dashes.length > 0 && (dashes[0] ?? 0) < here.column;
  };
  if (here.dashes.length === 0) {
    for (let index = at - 1; index >= Math.max(0, at - maxLines) && take(index) && !startsItem(index); index -= 1);
  }
  for (
    let index = at + 1;
    index < Math.min(lines.length, at + maxLines) && !startsItem(index) && take(index);
    index += 1
  );
  return names;
}

function isBlank(text: string | undefined): boolean {
  return /^\s*(?:#|$)/.test(text ?? '');
}
