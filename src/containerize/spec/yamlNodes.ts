import { isAlias, isMap, isScalar, isSeq } from 'yaml';
import { escapeText } from '../../oci/reference.ts';

/** A value of a YAML document and where it begins, as an offset in the text. */
export interface YamlNode {
  readonly offset: number;
  readonly value: unknown;
  /** Of a scalar: as it is written, without quotes. */
  readonly source?: string;
  /** Of a mapping by name, of a sequence by index. */
  readonly children?: ReadonlyMap<string | number, YamlChild>;
}

interface YamlChild {
  readonly keyOffset: number;
  readonly node: YamlNode;
}

interface NodeProblem {
  readonly offset: number;
  readonly text: string;
}

/** What was read, or why not. */
export interface ReadNodes {
  readonly root: YamlNode;
  readonly problems: readonly NodeProblem[];
}

const maxDepth = 100;
const maxFromAliases = 10_000;

interface Reading {
  readonly problems: NodeProblem[];
  /** The latest node of each anchor. */
  readonly anchors: Map<string, unknown>;
  /** What is being read now: an alias to one of these would never end. */
  readonly open: Set<unknown>;
  fromAliases: number;
}

interface Place {
  readonly offset: number;
  readonly depth: number;
  readonly viaAlias: boolean;
}

/** Turns what the parser found into plain data: keys stand once, aliases are bounded, nothing holds itself. */
export function readNodes(contents: unknown): ReadNodes {
  const reading: Reading = { problems: [], anchors: new Map(), open: new Set(), fromAliases: 0 };
  const root = nodeOf(contents, { offset: 0, depth: 0, viaAlias: false }, reading);
  return { root, problems: reading.problems };
}

function nodeOf(found: unknown, place: Place, reading: Reading): YamlNode {
  const offset = place.viaAlias ? place.offset : (startOf(found) ?? place.offset);
  const here = { ...place, offset };
  if (place.viaAlias) reading.fromAliases += 1;
  if (isAlias(found)) return aliased(found.source, here, reading);
  if (isScalar(found)) {
    if (found.anchor !== undefined) reading.anchors.set(found.anchor, found);
    return { offset, value: found.value, source: sourceOf(found) };
  }
  if (!isMap(found) && !isSeq(found)) return { offset, value: null, source: '' };
  if (place.depth >= maxDepth) return refused(`it is nested deeper than ${maxDepth} levels`, offset, reading);
  if (found.anchor !== undefined) reading.anchors.set(found.anchor, found);
  reading.open.add(found);
  const node = isMap(found) ? mapping(found.items, here, reading) : sequence(found.items, here, reading);
  reading.open.delete(found);
  return node;
}

function sourceOf(scalar: { readonly value: unknown; readonly source?: string }): string {
  return typeof scalar.value === 'string' ? scalar.value : (scalar.source ?? '');
}

function aliased(name: string, place: Place, reading: Reading): YamlNode {
  const target = reading.anchors.get(name);
  if (target === undefined)
    return refused(`no anchor ${escapeText(name)} stands before this alias`, place.offset, reading);
  if (reading.open.has(target))
    return refused(`the alias ${escapeText(name)} stands in what it names`, place.offset, reading);
  if (reading.fromAliases > maxFromAliases) {
    return refused(`aliases stand for more than ${maxFromAliases} values`, place.offset, reading);
  }
  return nodeOf(target, { ...place, depth: place.depth + 1, viaAlias: true }, reading);
}

function mapping(items: readonly { key: unknown; value: unknown }[], place: Place, reading: Reading): YamlNode {
  const value: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  const children = new Map<string, YamlChild>();
  for (const item of items) {
    const keyOffset = place.viaAlias ? place.offset : (startOf(item.key) ?? place.offset);
    const key = isScalar(item.key) ? item.key.value : undefined;
    if (typeof key !== 'string') refused('a key must be a plain text', keyOffset, reading);
    else if (children.has(key)) refused(`${escapeText(key)} stands here a second time`, keyOffset, reading);
    else {
      const node = nodeOf(item.value, { ...place, offset: keyOffset, depth: place.depth + 1 }, reading);
      children.set(key, { keyOffset, node });
      value[key] = node.value;
    }
  }
  return { offset: place.offset, value, children };
}

function sequence(items: readonly unknown[], place: Place, reading: Reading): YamlNode {
  const children = new Map<number, YamlChild>();
  const value: unknown[] = [];
  for (const [index, item] of items.entries()) {
    const node = nodeOf(item, { ...place, depth: place.depth + 1 }, reading);
    children.set(index, { keyOffset: node.offset, node });
    value.push(node.value);
  }
  return { offset: place.offset, value, children };
}

function refused(text: string, offset: number, reading: Reading): YamlNode {
  reading.problems.push({ offset, text });
  return { offset, value: null };
}

/** Where a node begins; undefined for a value that is not written at all. */
function startOf(found: unknown): number | undefined {
  if (!isAlias(found) && !isScalar(found) && !isMap(found) && !isSeq(found)) return undefined;
  const { range } = found;
  if (range === null || range === undefined) return undefined;
  return isScalar(found) && found.source === '' && found.value === null ? undefined : range[0];
}
