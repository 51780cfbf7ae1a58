import { LineCounter, parseDocument } from 'yaml';
import { SpecError, type SpecProblem } from '../../errors.ts';
import { escapeText } from '../../oci/reference.ts';
import { readNodes, type YamlNode } from './yamlNodes.ts';

/** A place in a text: lines and columns count from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** Where in a document something is: names of members and indexes. */
export type YamlPath = readonly (string | number)[];

/** A YAML file as data, with where each part of it stands. */
export interface YamlDocument {
  /** As it was given, for messages. */
  readonly file: string;
  /** Mappings are objects without a prototype; a file without content is null. */
  readonly value: unknown;
  /** Where a value or its key stands; of what is not there, the place of the nearest thing around it. */
  at(path: YamlPath, part?: 'key' | 'value'): Position;
  /** A scalar as it is written, without quotes: `1.10` where the value is the number 1.1. Undefined for what is no scalar. */
  source(path: YamlPath): string | undefined;
}

export interface YamlOptions {
  /** Most characters of a text. Default: 1 MiB. */
  readonly maxLength?: number;
}

const maxProblems = 100;
const tooDeep = 'it is nested too deep';
/** For what the parser says in other words, by its codes. */
const ownWords: ReadonlyMap<string, string> = new Map([
  ['MULTIPLE_DOCS', 'a second document starts here; a file holds one'],
  ['RESOURCE_EXHAUSTION', tooDeep],
  ['NON_STRING_KEY', 'a key must be a plain text'],
]);

/**
 * Reads one YAML 1.2 document (core schema). There are no merge keys and no tags but the core schema's; keys are strings
 * and stand once; aliases may stand for a few thousand values, and nothing may hold itself.
 * @throws SpecError with every problem at its line and column
 */
export function parseYaml(text: string, file: string, options: YamlOptions = {}): YamlDocument {
  const { maxLength = 1 << 20 } = options;
  if (text.length > maxLength) {
    throw failure(file, [problem(file, { line: 1, column: 1 }, `it has more than ${maxLength} characters`)]);
  }
  const lines = new LineCounter();
  const position = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const { root, problems } = read(text.startsWith('\ufeff') ? text.slice(1) : text, lines);
  if (root === undefined || problems.length > 0) {
    const sorted = [...problems].sort((a, b) => a.offset - b.offset);
    const found = sorted.map(({ offset, text: what }) => problem(file, position(offset), what));
    throw failure(file, found.slice(0, maxProblems));
  }
  return {
    file,
    value: root.value,
    at: (path, part = 'value') => position(offsetOf(root, path, part)),
    source: (path) => find(root, path)?.source,
  };
}

interface Read {
  readonly root?: YamlNode;
  readonly problems: readonly { readonly offset: number; readonly text: string }[];
}

function read(text: string, lineCounter: LineCounter): Read {
  try {
    const document = parseDocument(text, {
      lineCounter,
      prettyErrors: false,
      logLevel: 'error',
      version: '1.2',
      schema: 'core',
      resolveKnownTags: false,
      merge: false,
      stringKeys: true,
      // The parser compares each key with each other; readNodes does so with a map.
      uniqueKeys: false,
    });
    // A warning is a tag that is not known, which would change what the text means.
    const syntax = [...document.errors, ...document.warnings].map((error) => ({
      offset: error.pos[0],
      text: ownWords.get(error.code) ?? plain(error.message),
    }));
    return syntax.length > 0 ? { problems: syntax } : readNodes(document.contents);
  } catch (error) {
    // What is nested deeper than the stack of this thread.
    if (error instanceof RangeError) return { problems: [{ offset: 0, text: tooDeep }] };
    throw error;
  }
}

function find(root: YamlNode, path: YamlPath): YamlNode | undefined {
  let node: YamlNode | undefined = root;
  for (const step of path) node = node?.children?.get(step)?.node;
  return node;
}

function offsetOf(root: YamlNode, path: YamlPath, part: 'key' | 'value'): number {
  let node = root;
  let offset = root.offset;
  for (const [index, step] of path.entries()) {
    const child = node.children?.get(step);
    if (child === undefined) break;
    const isLast = index === path.length - 1;
    offset = isLast && part === 'key' ? child.keyOffset : child.node.offset;
    node = child.node;
  }
  return offset;
}

function problem(file: string, place: Position, text: string): SpecProblem {
  return { file, ...place, text };
}

/** The parser's own sentence, which may quote the file: one line of printable characters. */
function plain(message: string): string {
  const text = message.length > 200 ? `${message.slice(0, 200)}…` : message;
  return text.replace(/[^\x20-\x7e…]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function failure(file: string, problems: readonly SpecProblem[]): SpecError {
  const [first] = problems;
  const rest = problems.length > 1 ? ` and ${problems.length - 1} more` : '';
  const where = first === undefined ? '' : ` at line ${first.line}, column ${first.column}: ${first.text}${rest}`;
  return new SpecError(`${escapeText(file)} cannot be read as YAML${where}.`, problems);
}
