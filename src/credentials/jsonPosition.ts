/** Where a text stops being JSON, counted from 1. */
export interface TextPosition {
  readonly line: number;
  readonly column: number;
}

const token =
  /[ \t\r\n]*(?:([{}[\],:])|("(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*")|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|true|false|null)/y;

/** What may come next. `first` stands for a value or name that may also be missing: `[]`, `{}`. */
type State = 'value' | 'firstValue' | 'name' | 'firstName' | 'colon' | 'separator' | 'end';

/**
 * The place of the first error of a text that JSON.parse refuses. JSON.parse's own message is of no use:
 * it quotes the text, which may hold a password, and often has no position. Linear in the text.
 */
export function jsonErrorPosition(text: string): TextPosition {
  const open: string[] = [];
  let state: State = 'value';
  let at = 0;
  for (;;) {
    token.lastIndex = at;
    const match = token.exec(text);
    const next: State | undefined = match === null ? undefined : step(state, match[1], match[2] !== undefined, open);
    if (match === null || next === undefined) return positionOf(text, skipSpace(text, at));
    at += match[0].length;
    state = next;
  }
}

function step(state: State, mark: string | undefined, isString: boolean, open: string[]): State | undefined {
  if (mark === '}' || mark === ']') return close(state, mark, open);
  if (state === 'colon') return mark === ':' ? 'value' : undefined;
  if (state === 'separator') return mark !== ',' ? undefined : open.at(-1) === '}' ? 'name' : 'value';
  if (state === 'name' || state === 'firstName') return isString ? 'colon' : undefined;
  if (state === 'end' || mark === ',' || mark === ':') return undefined;
  if (mark === undefined) return afterValue(open);
  open.push(mark === '{' ? '}' : ']');
  return mark === '{' ? 'firstName' : 'firstValue';
}

function close(state: State, mark: string, open: string[]): State | undefined {
  const may = state === 'separator' || state === 'firstName' || state === 'firstValue';
  return may && open.pop() === mark ? afterValue(open) : undefined;
}

function afterValue(open: readonly string[]): State {
  return open.length === 0 ? 'end' : 'separator';
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (at < text.length && ' \t\r\n'.includes(text.charAt(at))) at++;
  return at;
}

function positionOf(text: string, offset: number): TextPosition {
  const before = text.slice(0, offset);
  return { line: before.split('\n').length, column: offset - before.lastIndexOf('\n') };
}
