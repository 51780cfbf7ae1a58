import { cString, HeaderError, parseInt64, parseNumeric, parseOctal, parseTime } from './goNumbers.ts';

/**
 * What Go's archive/tar (1.25) reads of a tar, rule by rule and as slowly as it may be: `Reader.Next` until it fails, with the
 * content read to its end each time. Shares no code with the reader it judges.
 */
export function goTar(tar: Buffer): GoTar {
  const entries: GoEntry[] = [];
  try {
    for (const entry of next(new Input(tar))) entries.push(entry);
    return { entries, failed: false };
  } catch (error) {
    if (!(error instanceof HeaderError)) throw error;
    return { entries, failed: true };
  }
}

export interface GoTar {
  /** Those whose content was whole. */
  readonly entries: readonly GoEntry[];
  readonly failed: boolean;
}

export interface GoEntry {
  /** Bytes as latin-1, as all texts here. */
  readonly name: string;
  readonly linkname: string;
  readonly typeflag: string;
  readonly size: bigint;
  readonly mode: bigint;
  readonly uid: bigint;
  readonly gid: bigint;
  /** Whole seconds. */
  readonly mtime: bigint;
  readonly device: readonly [bigint, bigint];
  readonly fragments: readonly (readonly [bigint, bigint])[] | undefined;
  readonly xattrs: readonly (readonly [string, string])[];
  /** As stored. */
  readonly content: Buffer;
}

class Input {
  at = 0;
  readonly bytes: Buffer;
  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }
  get left(): number {
    return this.bytes.length - this.at;
  }
  read(length: number): Buffer {
    if (this.left < length) throw new HeaderError('unexpected EOF');
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }
}

const special = 1 << 20;

function* next(input: Input): Generator<GoEntry, void, undefined> {
  let pax = new Map<string, string>();
  let [longName, longLink] = ['', ''];
  for (;;) {
    if (input.left === 0) return;
    let block = input.read(512);
    if (block.every((byte) => byte === 0)) {
      if (input.left === 0) return;
      block = input.read(512);
      if (block.every((byte) => byte === 0)) return;
      throw new HeaderError('zero block and then non-zero block');
    }
    const header = readHeader(block);
    const size = regular(header.size, header.typeflag);
    if ('xgLK'.includes(header.typeflag)) {
      if (size > BigInt(special)) throw new HeaderError('header field too long');
      const content = input.read(Number(size));
      input.at = Math.min(input.bytes.length, input.at + padding(size));
      if (header.typeflag === 'x') pax = parsePax(content);
      if (header.typeflag === 'L') longName = cString(content);
      if (header.typeflag === 'K') longLink = cString(content);
      if (header.typeflag === 'g') {
        parsePax(content);
        pax = new Map();
        [longName, longLink] = ['', ''];
      }
      continue;
    }
    yield readFile(input, block, header, { pax, longName, longLink });
    pax = new Map();
    [longName, longLink] = ['', ''];
  }
}

type Header = ReturnType<typeof readHeader>;

function readFile(
  input: Input,
  block: Buffer,
  header: Header,
  { pax, longName, longLink }: { pax: Map<string, string>; longName: string; longLink: string },
): GoEntry {
  const merged = mergePax(header, pax);
  if (longName !== '') merged.name = longName;
  if (longLink !== '') merged.linkname = longLink;
  if (merged.typeflag === '\0') merged.typeflag = merged.name.endsWith('/') ? '5' : '0';
  let stored = regular(merged.size, merged.typeflag);
  const pad = padding(stored);
  const sparse = { size: merged.size, name: merged.name };
  let fragments: [bigint, bigint][] | undefined;
  if (merged.typeflag === 'S') {
    if (header.format !== 'gnu') throw new HeaderError('sparse, not GNU');
    sparse.size = parseNumeric(block.subarray(483, 495));
    fragments = oldMap(input, block);
  } else {
    const version = paxSparse(pax);
    if (version !== undefined) {
      sparse.name = pax.get('GNU.sparse.name') || merged.name;
      const real = pax.get('GNU.sparse.size') || pax.get('GNU.sparse.realsize') || '';
      if (real !== '') sparse.size = parseInt64(real);
      if (version === '1.0') {
        const map =
          Number(stored) > input.left
            ? input.bytes.subarray(input.at)
            : input.bytes.subarray(input.at, input.at + Number(stored));
        const inner = new Input(map);
        fragments = newMap(inner);
        input.at += inner.at;
        stored -= BigInt(inner.at);
      } else fragments = listedMap(pax);
    }
  }
  if (fragments !== undefined) {
    if ('123456'.includes(merged.typeflag)) throw new HeaderError('sparse, but no file');
    validate(fragments, sparse.size);
    // What the sparse reader finds at the end of the content.
    if (fragments.reduce((sum, [, length]) => sum + length, 0n) !== stored) throw new HeaderError('stored');
  }
  if (stored > BigInt(input.left)) throw new HeaderError('unexpected EOF');
  const content = input.read(Number(stored));
  input.at = Math.min(input.bytes.length, input.at + pad);
  const size = '123456'.includes(merged.typeflag) ? 0n : sparse.size;
  return { ...merged, ...sparse, fragments, content, size };
}

function regular(size: bigint, typeflag: string): bigint {
  const held = '123456'.includes(typeflag) ? 0n : size;
  if (held < 0n) throw new HeaderError('negative size');
  return held;
}

function padding(size: bigint): number {
  return Number((512n - (size % 512n)) % 512n);
}

function readHeader(block: Buffer) {
  let [unsigned, signed] = [0, 0];
  for (let at = 0; at < 512; at++) {
    const byte = at >= 148 && at < 156 ? 0x20 : block.readUInt8(at);
    unsigned += byte;
    signed += byte > 127 ? byte - 256 : byte;
  }
  const stated = parseOctal(block.subarray(148, 156));
  if (stated !== BigInt(unsigned) && stated !== BigInt(signed)) throw new HeaderError('checksum');
  const magic = block.toString('latin1', 257, 263);
  const isStar = block.toString('latin1', 508, 512) === 'tar\0';
  const format =
    magic === 'ustar\0'
      ? isStar
        ? 'star'
        : 'ustar'
      : block.toString('latin1', 257, 265) === 'ustar  \0'
        ? 'gnu'
        : 'v7';
  const field = (from: number, length: number): bigint => parseNumeric(block.subarray(from, from + length));
  const text = (from: number, length: number): string => cString(block.subarray(from, from + length));
  let prefix = '';
  if (format === 'ustar') prefix = text(345, 155);
  if (format === 'star') {
    prefix = text(345, 131);
    field(476, 12);
    field(488, 12);
  }
  if (format === 'gnu') {
    try {
      if (block[345] !== 0) field(345, 12);
      if (block[357] !== 0) field(357, 12);
    } catch {
      // Go before 1.8 wrote a prefix there.
      const mistaken = text(345, 155);
      if (/^[\x01-\x7f]*$/.test(mistaken)) prefix = mistaken;
    }
  }
  const name = text(0, 100);
  return {
    format,
    name: prefix === '' ? name : `${prefix}/${name}`,
    typeflag: block.toString('latin1', 156, 157),
    linkname: text(157, 100),
    size: field(124, 12),
    mode: field(100, 8),
    uid: field(108, 8),
    gid: field(116, 8),
    mtime: field(136, 12),
    device: format === 'v7' ? ([0n, 0n] as const) : ([field(329, 8), field(337, 8)] as const),
  };
}

function parsePax(content: Buffer): Map<string, string> {
  const found = new Map<string, string>();
  const map: string[] = [];
  let rest = content.toString('latin1');
  while (rest !== '') {
    const blank = rest.indexOf(' ');
    if (blank < 0) throw new HeaderError('no blank');
    const length = parseInt64(rest.slice(0, blank));
    if (length < 5n || length > BigInt(rest.length) || Number(length) - blank - 1 <= 0) throw new HeaderError('length');
    const record = rest.slice(blank + 1, Number(length));
    rest = rest.slice(Number(length));
    const equals = record.indexOf('=');
    if (!record.endsWith('\n') || equals < 0) throw new HeaderError('record');
    const [name, value] = [record.slice(0, equals), record.slice(equals + 1, -1)];
    if (name === '') throw new HeaderError('no name');
    if ((['path', 'linkpath', 'uname', 'gname'].includes(name) ? value : name).includes('\0'))
      throw new HeaderError('NUL');
    if (name === 'GNU.sparse.offset' || name === 'GNU.sparse.numbytes') {
      if (name !== ['GNU.sparse.offset', 'GNU.sparse.numbytes'][map.length % 2] || value.includes(','))
        throw new HeaderError('map');
      map.push(value);
    } else found.set(name, value);
  }
  if (map.length > 0) found.set('GNU.sparse.map', map.join(','));
  return found;
}

function mergePax(header: Header, pax: Map<string, string>) {
  const merged = { ...header, xattrs: [] as [string, string][] };
  for (const [name, value] of pax) {
    if (name.startsWith('SCHILY.xattr.')) merged.xattrs.push([name.slice('SCHILY.xattr.'.length), value]);
    if (value === '') continue;
    if (name === 'path') merged.name = value;
    if (name === 'linkpath') merged.linkname = value;
    if (name === 'uid') merged.uid = parseInt64(value);
    if (name === 'gid') merged.gid = parseInt64(value);
    if (name === 'size') merged.size = parseInt64(value);
    if (name === 'mtime') merged.mtime = parseTime(value);
    if (name === 'atime' || name === 'ctime') parseTime(value);
  }
  return merged;
}

function paxSparse(pax: Map<string, string>): string | undefined {
  const [major, minor] = [pax.get('GNU.sparse.major') ?? '', pax.get('GNU.sparse.minor') ?? ''];
  if (major === '0' && (minor === '0' || minor === '1')) return '0.x';
  if (major === '1' && minor === '0') return '1.0';
  if (major !== '' || minor !== '') return undefined;
  return (pax.get('GNU.sparse.map') ?? '') === '' ? undefined : '0.x';
}

function listedMap(pax: Map<string, string>): [bigint, bigint][] {
  const count = parseInt64(pax.get('GNU.sparse.numblocks') ?? '');
  const text = pax.get('GNU.sparse.map') ?? '';
  const numbers = text === '' ? [] : text.split(',');
  if (count < 0n || BigInt(numbers.length) !== 2n * count) throw new HeaderError('count');
  return pairs(numbers);
}

function newMap(input: Input): [bigint, bigint][] {
  let [text, lines, wanted] = ['', 0, 1];
  const feed = (): void => {
    while (lines < wanted) {
      const block = input.read(512).toString('latin1');
      text += block;
      lines += block.split('\n').length - 1;
    }
  };
  feed();
  const count = parseInt64(text.split('\n')[0] ?? '');
  if (count < 0n || count > 65_536n) throw new HeaderError('count');
  wanted = 1 + 2 * Number(count);
  feed();
  return pairs(text.split('\n').slice(1, wanted));
}

function oldMap(input: Input, block: Buffer): [bigint, bigint][] {
  const found: [bigint, bigint][] = [];
  let [pieces, isExtended] = [block.subarray(386, 482), block[482] !== 0];
  for (;;) {
    for (let at = 0; at < pieces.length && pieces[at] !== 0; at += 24) {
      found.push([parseNumeric(pieces.subarray(at, at + 12)), parseNumeric(pieces.subarray(at + 12, at + 24))]);
    }
    if (found.length > 65_536) throw new HeaderError('too many');
    if (!isExtended) return found;
    const more = input.read(512);
    [pieces, isExtended] = [more.subarray(0, 504), more[504] !== 0];
  }
}

function pairs(numbers: readonly string[]): [bigint, bigint][] {
  const found: [bigint, bigint][] = [];
  for (let at = 0; at < numbers.length; at += 2)
    found.push([parseInt64(numbers[at] ?? ''), parseInt64(numbers[at + 1] ?? '')]);
  return found;
}

function validate(fragments: readonly (readonly [bigint, bigint])[], size: bigint): void {
  let end = 0n;
  if (size < 0n) throw new HeaderError('negative size');
  for (const [offset, length] of fragments) {
    if (offset < 0n || length < 0n || offset + length > size || end > offset) throw new HeaderError('fragments');
    end = offset + length;
  }
}
