/** An element of an XML document (XML 1.0), its name without the prefix of a namespace. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly XmlElement[];
  /** The text directly inside, without spaces at either end. */
  readonly text: string;
}

interface Open {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: XmlElement[];
  text: string;
}

const maxCharacters = 4 << 20;
const maxElements = 100_000;
const maxDepth = 64;
const entities: ReadonlyMap<string, string> = new Map([
  ['lt', '<'],
  ['gt', '>'],
  ['amp', '&'],
  ['quot', '"'],
  ['apos', "'"],
]);

/**
 * The root element of a document; undefined for what is no well-formed XML, too large (4 Mi characters, 100,000 elements,
 * 64 deep) or has a document type: entities of its own are never expanded.
 */
export function parseXml(text: string): XmlElement | undefined {
  if (text.length > maxCharacters) return undefined;
  const top: Open = { name: '', attributes: new Map(), children: [], text: '' };
  const open = [top];
  let elements = 0;
  for (let at = 0; at < text.length;) {
    const inner = open[open.length - 1];
    const start = text.indexOf('<', at);
    if (inner === undefined) return undefined;
    inner.text += resolved(text.slice(at, start < 0 ? text.length : start));
    if (start < 0) break;
    const skipped = skip(text, start);
    if (skipped === undefined) return undefined;
    if (skipped.end > start) {
      inner.text += skipped.text;
      at = skipped.end;
      continue;
    }
    const end = tagEnd(text, start);
    if (end < 0 || ++elements > 2 * maxElements || !take(open, text.slice(start + 1, end))) return undefined;
    at = end + 1;
  }
  const [root, ...more] = top.children;
  return open.length === 1 && more.length === 0 ? root : undefined;
}

/** The first child of a name. */
export function child(element: XmlElement | undefined, name: string): XmlElement | undefined {
  return element?.children.find((one) => one.name === name);
}

/** The text of the first child of a name; undefined where it is empty too. */
export function childText(element: XmlElement | undefined, name: string): string | undefined {
  const text = child(element, name)?.text;
  return text === '' ? undefined : text;
}

/** All elements below one, the outer first. */
export function* descendants(element: XmlElement): Generator<XmlElement, void, undefined> {
  for (const one of element.children) {
    yield one;
    yield* descendants(one);
  }
}

/** Where a comment, CDATA or declaration that starts here ends, with the text it stands for; `end` is `start` for a tag. */
function skip(text: string, start: number): { readonly end: number; readonly text: string } | undefined {
  for (const [opens, closes] of [
    ['<!--', '-->'],
    ['<![CDATA[', ']]>'],
    ['<?', '?>'],
  ] as const) {
    if (!text.startsWith(opens, start)) continue;
    const end = text.indexOf(closes, start + opens.length);
    if (end < 0) return undefined;
    const content = opens === '<![CDATA[' ? text.slice(start + opens.length, end) : '';
    return { end: end + closes.length, text: content };
  }
  return text.startsWith('<!', start) ? undefined : { end: start, text: '' };
}

/** Where a tag ends: `>` may be in the value of an attribute. */
function tagEnd(text: string, start: number): number {
  let quote = '';
  for (let at = start + 1; at < text.length; at++) {
    const character = text.charAt(at);
    if (quote !== '') quote = character === quote ? '' : quote;
    else if (character === '"' || character === "'") quote = character;
    else if (character === '>') return at;
  }
  return -1;
}

function take(open: Open[], tag: string): boolean {
  const closing = tag.startsWith('/');
  const isEmpty = tag.endsWith('/');
  const name = localName((closing ? tag.slice(1) : tag).trimStart());
  if (name === undefined) return false;
  if (!closing) {
    if (open.length > maxDepth) return false;
    open.push({ name, attributes: attributesOf(tag), children: [], text: '' });
  }
  if (!closing && !isEmpty) return true;
  const done = open.pop();
  const parent = open[open.length - 1];
  if (done?.name !== name || parent === undefined) return false;
  parent.children.push({ ...done, text: done.text.trim() });
  return true;
}

function localName(tag: string): string | undefined {
  const [, name] = /^(?:[\w.-]{1,200}:)?([\w.-]{1,200})(?=[\s/]|$)/.exec(tag) ?? [];
  return name;
}

function attributesOf(tag: string): ReadonlyMap<string, string> {
  const found = tag.matchAll(/\s([\w.:-]{1,200})\s{0,20}=\s{0,20}(?:"([^"]*)"|'([^']*)')/g);
  return new Map([...found].map(([, name = '', double, single]) => [name, resolved(double ?? single ?? '')]));
}

function resolved(text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(/&(?:#(\d{1,7})|#x([\da-fA-F]{1,6})|(\w{1,20}));/g, (whole, decimal, hex, name) => {
    const code =
      typeof decimal === 'string' ? Number(decimal) : typeof hex === 'string' ? parseInt(hex, 16) : undefined;
    if (code !== undefined) return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
    return entities.get(String(name)) ?? whole;
  });
}
