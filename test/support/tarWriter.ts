/** A header block, byte for byte. Texts are latin-1; numbers that do not fit their field in octal are base 256; texts in number fields stand there as they are. */
export interface HeaderSpec {
  readonly name?: string;
  readonly prefix?: string;
  readonly type?: string;
  readonly size?: number | bigint | string;
  readonly mode?: number | bigint | string;
  readonly uid?: number | bigint | string;
  readonly gid?: number | bigint | string;
  readonly mtime?: number | bigint | string;
  readonly linkname?: string;
  readonly devmajor?: number | bigint | string;
  readonly devminor?: number | bigint | string;
  readonly format?: 'ustar' | 'gnu' | 'v7' | 'star';
  /** How the checksum is made. `signed`: as old Suns did. Default: unsigned. */
  readonly checksum?: 'unsigned' | 'signed' | 'wrong';
  /** Changes the block before its checksum is made. */
  readonly edit?: (block: Buffer) => void;
}

/** Records of a PAX header: name and value, bytes as latin-1. */
export type Records = readonly (readonly [string, string])[];

/** Two blocks of zeros. */
export const tarEnd = Buffer.alloc(1024);

/** A header block: a file of mode 0644 of root, right but for what it is told. */
export function headerBlock(spec: HeaderSpec = {}): Buffer {
  const block = Buffer.alloc(512);
  const { format = 'ustar' } = spec;
  block.write(spec.name ?? 'f', 0, 100, 'latin1');
  number(block, 100, 8, spec.mode ?? 0o644);
  number(block, 108, 8, spec.uid ?? 0);
  number(block, 116, 8, spec.gid ?? 0);
  number(block, 124, 12, spec.size ?? 0);
  number(block, 136, 12, spec.mtime ?? 0);
  block.write(spec.type ?? '0', 156, 1, 'latin1');
  block.write(spec.linkname ?? '', 157, 100, 'latin1');
  if (format !== 'v7') {
    block.write(format === 'gnu' ? 'ustar  \0' : 'ustar\x0000', 257, 'latin1');
    number(block, 329, 8, spec.devmajor ?? 0);
    number(block, 337, 8, spec.devminor ?? 0);
    block.write(spec.prefix ?? '', 345, format === 'star' ? 131 : 155, 'latin1');
  }
  if (format === 'star') block.write('tar\0', 508, 'latin1');
  spec.edit?.(block);
  return summed(block, spec.checksum);
}

/** An entry: its header and its content. The header says the content's size, unless it is told another. */
export function tarEntry(spec: HeaderSpec = {}, content: Uint8Array | string = ''): Buffer {
  const bytes = typeof content === 'string' ? Buffer.from(content, 'latin1') : content;
  return Buffer.concat([headerBlock({ size: bytes.length, ...spec }), filled(bytes)]);
}

/** A PAX header: of the next entry (`x`) or of all that follow (`g`). */
export function paxHeader(records: Records, type: 'x' | 'g' = 'x'): Buffer {
  const content = Buffer.concat(records.map(([name, value]) => paxRecord(name, value)));
  return tarEntry({ name: 'PaxHeaders/f', type }, content);
}

/** A PAX header of whatever. */
export function rawPax(content: string): Buffer {
  return tarEntry({ name: 'PaxHeaders/f', type: 'x' }, content);
}

/** `LENGTH NAME=VALUE\n` with its right length. */
export function paxRecord(name: string, value: string): Buffer {
  const rest = name.length + value.length + 3;
  let length = rest;
  while (rest + String(length).length !== length) length = rest + String(length).length;
  return Buffer.from(`${length} ${name}=${value}\n`, 'latin1');
}

/** GNU's header of a long name (`L`) or link target (`K`). */
export function longName(text: string, type: 'L' | 'K' = 'L'): Buffer {
  return tarEntry({ name: '././@LongLink', type, format: 'gnu' }, `${text}\0`);
}

/** An old GNU sparse file with its pieces: four in the header, 21 in each block after it. */
export function oldSparse(spec: HeaderSpec, realSize: number, pieces: readonly (readonly [number, number])[]): Buffer {
  const blocks: Buffer[] = [];
  for (let at = 4; at < pieces.length; at += 21) {
    const block = Buffer.alloc(512);
    for (const [index, piece] of pieces.slice(at, at + 21).entries()) writePiece(block, index * 24, piece);
    block.writeUInt8(at + 21 < pieces.length ? 1 : 0, 504);
    blocks.push(block);
  }
  const edit = (block: Buffer): void => {
    for (const [index, piece] of pieces.slice(0, 4).entries()) writePiece(block, 386 + index * 24, piece);
    block.writeUInt8(blocks.length > 0 ? 1 : 0, 482);
    number(block, 483, 12, realSize);
    spec.edit?.(block);
  };
  return Buffer.concat([headerBlock({ ...spec, type: 'S', format: spec.format ?? 'gnu', edit }), ...blocks]);
}

/** The map that stands before the content in GNU's sparse format 1.0. */
export function sparseMap(pieces: readonly (readonly [number, number])[]): Buffer {
  return filled(Buffer.from([pieces.length, ...pieces.flat()].map((value) => `${value}\n`).join('')));
}

/** The bytes and zeros up to the next block. */
export function filled(bytes: Uint8Array): Buffer {
  return Buffer.concat([bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)]);
}

/** The bytes in pieces of a length, each in memory of its own, as a stream gives them. */
export function* inPieces(bytes: Uint8Array, length: number): Generator<Uint8Array, void, undefined> {
  for (let at = 0; at < bytes.length; at += length) yield Uint8Array.from(bytes.subarray(at, at + length));
}

/** Writes the checksum of a header block into it. */
export function summed(block: Buffer, how: HeaderSpec['checksum'] = 'unsigned'): Buffer {
  block.fill(' ', 148, 156);
  let sum = how === 'wrong' ? 1 : 0;
  for (const byte of block) sum += how === 'signed' && byte > 127 ? byte - 256 : byte;
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return block;
}

function writePiece(block: Buffer, at: number, [offset, size]: readonly [number, number]): void {
  number(block, at, 12, offset);
  number(block, at + 12, 12, size);
}

function number(block: Buffer, at: number, length: number, value: number | bigint | string): void {
  if (typeof value === 'string') {
    block.write(value, at, length, 'latin1');
    return;
  }
  const digits = value.toString(8);
  if (!digits.startsWith('-') && digits.length < length) {
    block.write(`${digits.padStart(length - 1, '0')}\0`, at, 'latin1');
    return;
  }
  let rest = BigInt(value);
  for (let byte = at + length - 1; byte >= at; byte--, rest >>= 8n) block.writeUInt8(Number(rest & 0xffn), byte);
  block.writeUInt8(block.readUInt8(at) | 0x80, at);
}
