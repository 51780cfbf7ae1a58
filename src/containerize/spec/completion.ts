import { type Cursor, cursorAt, keyAt } from './cursor.ts';
import { memberSchema, membersAt, type SchemaNode, schemasAt } from './specSchema.ts';
import { variableMeanings } from './template.ts';
import { yamlText } from './yamlText.ts';

/** Something that can be written at a place of a spec. */
export interface Completion {
  readonly kind: 'member' | 'value' | 'variable';
  readonly label: string;
  /** A snippet of VS Code: `$1` and `$0` are where the cursor stops. */
  readonly snippet: string;
  readonly documentation?: string;
}

/** What stands at a place, for people. */
export interface Explanation {
  readonly title: string;
  readonly text: string;
  readonly examples: readonly string[];
  /** Columns from 0. */
  readonly start: number;
  readonly end: number;
}

const ownVariables: Readonly<Record<string, string>> = {
  'env.NAME': 'An environment variable of this machine.',
  'var.NAME': 'A value that is given when the image is made: args.',
};

/** What can be written where a cursor is; `line` and `column` from 0. */
export function completionsAt(
  schema: SchemaNode,
  text: string,
  line: number,
  column: number,
): { readonly word: string; readonly items: readonly Completion[] } {
  const cursor = cursorAt(text.split(/\r?\n/), line, column);
  if (cursor === undefined) return { word: '', items: [] };
  const items =
    cursor.kind === 'member'
      ? memberItems(schema, cursor)
      : cursor.kind === 'value'
        ? valueItems(schema, cursor)
        : variableItems(cursor);
  return { word: cursor.word, items };
}

/** What the name or variable under a cursor means; undefined where there is none that is known. */
export function explanationAt(schema: SchemaNode, text: string, line: number, column: number): Explanation | undefined {
  const lines = text.split(/\r?\n/);
  for (const match of (lines[line] ?? '').matchAll(/(?<!\$)\$\{([A-Za-z0-9_.]{1,100})(?::-[^}]{0,200})?\}/g)) {
    const [start, end] = [match.index, match.index + match[0].length];
    if (column >= start && column <= end) return variableExplanation(match[1] ?? '', start, end);
  }
  const here = keyAt(lines, line);
  if (here === undefined || column < here.column || column > here.column + here.key.length) return undefined;
  const found = memberSchema(schema, here.steps, here.key);
  if (found?.description === undefined) return undefined;
  return {
    title: found.title ?? here.key,
    text: found.description,
    examples: (found.examples ?? []).map((example) => `${here.key}: ${flowText(example)}`),
    start: here.column,
    end: here.column + here.key.length,
  };
}

function memberItems(schema: SchemaNode, cursor: Cursor): readonly Completion[] {
  const members = [...membersAt(schema, cursor.steps)].filter(([name]) => !cursor.siblings.includes(name));
  if (members.length === 0) return valueItems(schema, cursor);
  return members.map(([name, member]) => ({
    kind: 'member',
    label: name,
    snippet: `${name}:${snippetOf(name, schema, [...cursor.steps, { member: name }])}`,
    ...(member.description === undefined ? {} : { documentation: member.description }),
  }));
}

const layerSnippet = '\n  - name: ${1:app}\n    files:\n      - from: ${2:dist}\n        to: ${3:/app}$0';
const fileSnippet = '\n  - from: ${1:dist}\n    to: ${2:/app}$0';

function snippetOf(name: string, schema: SchemaNode, steps: Cursor['steps']): string {
  if (name === 'layers') return layerSnippet;
  if (name === 'files') return fileSnippet;
  const nodes = schemasAt(schema, steps);
  const types = nodes.flatMap(({ type }) => type ?? []);
  if (nodes.some(({ properties }) => properties !== undefined) || types[0] === 'object') return '\n  $0';
  return types[0] === 'array' ? ' [$1]$0' : ' ';
}

function valueItems(schema: SchemaNode, { steps }: Cursor): readonly Completion[] {
  const values = schemasAt(schema, steps).flatMap((node) => [
    ...(node.enum ?? []),
    ...(node.const === undefined ? [] : [node.const]),
    ...(node.type === 'boolean' ? [true, false] : []),
    ...(node.examples ?? []).filter(isScalar),
  ]);
  return [...new Set(values.filter(isScalar))].map((value) => {
    const written = flowText(value);
    return { kind: 'value', label: written, snippet: written.replace(/[\\$}]/g, '\\$&') };
  });
}

function variableItems({ steps }: Cursor): readonly Completion[] {
  const last = steps.findLast((step) => step !== 'item');
  const usesPlatform = last !== undefined && (last.member === 'from' || last.member === 'to');
  const all = Object.entries({ ...variableMeanings, ...ownVariables });
  return all
    .filter(([name]) => usesPlatform || !name.startsWith('platform.'))
    .map(([name, documentation]) => ({ kind: 'variable', label: name, snippet: name, documentation }));
}

function variableExplanation(name: string, start: number, end: number): Explanation | undefined {
  const meaning = Object.hasOwn(variableMeanings, name) ? variableMeanings[name] : ownMeaning(name);
  return meaning === undefined ? undefined : { title: `\${${name}}`, text: meaning, examples: [], start, end };
}

function ownMeaning(name: string): string | undefined {
  return name.startsWith('env.')
    ? ownVariables['env.NAME']
    : name.startsWith('var.')
      ? ownVariables['var.NAME']
      : undefined;
}

function isScalar(value: unknown): value is string | number | boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

/** A value of the schema in one line of YAML; variables in it are meant. */
function flowText(value: unknown): string {
  if (typeof value === 'string') return value.includes('${') ? JSON.stringify(value) : yamlText(value);
  if (Array.isArray(value)) return `[${value.map(flowText).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return String(value);
  return `{${Object.entries(value)
    .map(([name, member]) => `${name}: ${flowText(member)}`)
    .join(', ')}}`;
}
