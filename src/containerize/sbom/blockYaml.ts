import type { JsonObject } from '../../oci/json.ts';

type Members = Record<string, unknown>;

const maxDepth = 50;
/** Levels of brackets. */
const maxInLine = 5;

/**
 * The mappings of a lock file as pnpm and Yarn write them: YAML of one member a line, by indentation, with lists and mappings
 * in one line at the ends. What is of no such form is passed over. A parser of all of YAML needs seconds and hundreds of
 * megabytes for a lock file of a large project; this is linear, and makes nothing that the text does not hold.
 */
export function blockYaml(text: string): JsonObject {
  const root = mapping();
  const open: { readonly indent: number; readonly members: Members | undefined }[] = [{ indent: -1, members: root }];
  for (const line of text.replace(/^\uFEFF/, '').split(/\r?\n/)) {
    const content = line.trimStart();
    const indent = line.length - content.length;
    const member = memberOf(content);
    if (member === undefined || open.length > maxDepth) continue;
    while ((open.at(-1)?.indent ?? -1) >= indent) open.pop();
    const inner = member.value === '' ? mapping() : undefined;
    const parent = open.at(-1)?.members;
    // What stands deeper than a text goes on with it.
    if (parent !== undefined) parent[member.name] = inner ?? valueOf(member.value);
    open.push({ indent, members: parent === undefined ? undefined : inner });
  }
  return root;
}

/** Null prototype: the names are the file's. */
function mapping(): Members {
  return Object.create(null) as Members;
}

function memberOf(content: string): { readonly name: string; readonly value: string } | undefined {
  const quote = content.charAt(0);
  if (quote === '' || quote === '#' || quote === '-') return undefined;
  const isQuoted = quote === "'" || quote === '"';
  const end = isQuoted ? content.indexOf(`${quote}:`, 1) + 1 : content.search(/:(?: |$)/);
  if (end < 1 || !/^:(?: |$)/.test(content.slice(end, end + 2))) return undefined;
  return { name: plain(content.slice(0, end)), value: content.slice(end + 1).trim() };
}

function valueOf(value: string, depth = 0): unknown {
  if (value === 'true' || value === 'false') return value === 'true';
  const inside = value.slice(1, -1);
  const isList = value.startsWith('[') && value.endsWith(']');
  const isMapping = value.startsWith('{') && value.endsWith('}');
  if (!isList && !isMapping) return plain(value);
  if (depth >= maxInLine) return undefined;
  if (isList) return parts(inside).map((part) => valueOf(part, depth + 1));
  const members = mapping();
  for (const part of parts(inside)) {
    const member = memberOf(part);
    if (member !== undefined) members[member.name] = valueOf(member.value, depth + 1);
  }
  return members;
}

/** What stands between the commas that are in no quotes and brackets. */
function parts(text: string): readonly string[] {
  const found: string[] = [];
  let [start, depth, quote] = [0, 0, ''];
  for (let at = 0; at <= text.length; at++) {
    const letter = text.charAt(at);
    if (quote !== '') quote = letter === quote ? '' : quote;
    else if (letter === "'" || letter === '"') quote = letter;
    else if (letter === '{' || letter === '[') depth++;
    else if (letter === '}' || letter === ']') depth--;
    if (at < text.length && (letter !== ',' || depth !== 0 || quote !== '')) continue;
    found.push(text.slice(start, at).trim());
    start = at + 1;
  }
  return found.filter((part) => part !== '');
}

function plain(text: string): string {
  const quote = text.charAt(0);
  const isQuoted = text.length > 1 && (quote === "'" || quote === '"') && text.endsWith(quote);
  return isQuoted ? text.slice(1, -1).replaceAll("''", "'") : text;
}
