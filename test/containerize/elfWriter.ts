/** What a written ELF file says of itself. */
export interface ElfSpec {
  readonly bits?: 32 | 64;
  readonly endian?: 'little' | 'big';
  /** e_machine. Default: 62, x86-64. */
  readonly machine?: number;
  /** e_type. Default: 3, what programs are today. */
  readonly type?: number;
  readonly flags?: number;
  readonly osAbi?: number;
  readonly interpreter?: string;
  readonly needed?: readonly string[];
  readonly soname?: string;
  readonly rpath?: string;
  readonly runpath?: string;
  /** DT_FLAGS_1. */
  readonly flags1?: number;
  /** Library to versions that are asked of it; `weak:` before one makes it weak. */
  readonly needs?: Readonly<Record<string, readonly string[]>>;
  readonly definitions?: readonly string[];
  /** Names of dynamic symbols. */
  readonly wants?: readonly string[];
  readonly offers?: readonly string[];
  /** Notes: owner, type and content. */
  readonly notes?: readonly { readonly owner: string; readonly type: number; readonly content: Buffer }[];
  /** Bytes of code before what the file says of itself. */
  readonly codeBytes?: number;
  /** Put behind all else, not loaded. */
  readonly tail?: string;
}

type Width = 1 | 2 | 4 | 8;

/** An ELF file with one loaded segment, the whole of it at address 0, and no sections. */
export function elfOf(spec: ElfSpec): Buffer {
  const { bits = 64, endian = 'little', machine = 62, type = 3 } = spec;
  const wide = bits === 64;
  const word: Width = wide ? 8 : 4;
  const number = (value: number, width: Width): Buffer => {
    const bytes = Buffer.alloc(width);
    if (width === 8) {
      if (endian === 'little') bytes.writeBigUInt64LE(BigInt(value));
      else bytes.writeBigUInt64BE(BigInt(value));
    } else if (endian === 'little') bytes.writeUIntLE(value, 0, width);
    else bytes.writeUIntBE(value, 0, width);
    return bytes;
  };
  const record = (...fields: readonly (readonly [number, Width])[]): Buffer =>
    Buffer.concat(fields.map(([value, width]) => number(value, width)));

  const headerBytes = wide ? 64 : 52;
  const segmentBytes = wide ? 56 : 32;
  const parts: Buffer[] = [];
  let at = headerBytes + 4 * segmentBytes;
  const put = (bytes: Buffer): number => {
    const padding = (8 - (at % 8)) % 8;
    parts.push(Buffer.alloc(padding), bytes);
    const start = at + padding;
    at = start + bytes.length;
    return start;
  };

  put(Buffer.alloc(spec.codeBytes ?? 0));
  let texts = '\0';
  const text = (value: string): number => {
    const found = texts.length;
    texts += `${value}\0`;
    return found;
  };
  const tags: (readonly [number, number])[] = (spec.needed ?? []).map((name) => [1, text(name)] as const);
  if (spec.soname !== undefined) tags.push([14, text(spec.soname)]);
  if (spec.rpath !== undefined) tags.push([15, text(spec.rpath)]);
  if (spec.runpath !== undefined) tags.push([29, text(spec.runpath)]);
  if (spec.flags1 !== undefined) tags.push([0x6ffffffb, spec.flags1]);
  const libraries = Object.entries(spec.needs ?? {});
  const needs = libraries.flatMap(([library, versions], index) => {
    const isLast = index === libraries.length - 1;
    const next = isLast ? 0 : 16 + 16 * versions.length;
    const head = record([1, 2], [versions.length, 2], [text(library), 4], [16, 4], [next, 4]);
    const entries = versions.map((version, each) => {
      const flags = version.startsWith('weak:') ? 2 : 0;
      const name = text(version.replace(/^weak:/, ''));
      return record([0, 4], [flags, 2], [2, 2], [name, 4], [each === versions.length - 1 ? 0 : 16, 4]);
    });
    return [head, ...entries];
  });
  if (needs.length > 0) tags.push([0x6ffffffe, put(Buffer.concat(needs))], [0x6fffffff, libraries.length]);
  const definitions = (spec.definitions ?? []).map((version, index, all) => {
    const next = index === all.length - 1 ? 0 : 28;
    const head = record([1, 2], [0, 2], [index + 1, 2], [1, 2], [0, 4], [20, 4], [next, 4]);
    return Buffer.concat([head, record([text(version), 4], [0, 4])]);
  });
  if (definitions.length > 0) {
    tags.push([0x6ffffffc, put(Buffer.concat(definitions))], [0x6ffffffd, definitions.length]);
  }
  const symbols = [
    ...(spec.wants ?? []).map((name) => [name, 0] as const),
    ...(spec.offers ?? []).map((name) => [name, 1] as const),
  ];
  if (symbols.length > 0) {
    const entries = [['', 0] as const, ...symbols].map(([name, section], index) => {
      const [nameAt, info] = [name === '' ? 0 : text(name), index === 0 ? 0 : 0x12];
      return wide
        ? record([nameAt, 4], [info, 1], [0, 1], [section, 2], [0, 8], [0, 8])
        : record([nameAt, 4], [0, 4], [0, 4], [info, 1], [0, 1], [section, 2]);
    });
    tags.push([6, put(Buffer.concat(entries))]);
    // A hash table of one bucket, for the number of symbols in it.
    tags.push([4, put(record([1, 4], [entries.length, 4], [0, 4]))]);
  }
  const isDynamic = tags.length > 0;
  const strings = Buffer.from(texts);
  if (isDynamic) tags.push([5, put(strings)], [10, strings.length], [0, 0]);
  const dynamic = Buffer.concat(tags.map(([tag, value]) => record([tag, word], [value, word])));
  const dynamicAt = isDynamic ? put(dynamic) : 0;
  const interpreter = Buffer.from(`${spec.interpreter ?? ''}\0`);
  const interpreterAt = spec.interpreter === undefined ? 0 : put(interpreter);
  const notes = Buffer.concat(
    (spec.notes ?? []).map(({ owner, type: noteType, content }) => {
      const name = Buffer.alloc(Math.ceil((owner.length + 1) / 4) * 4);
      name.write(owner);
      const head = record([owner.length + 1, 4], [content.length, 4], [noteType, 4]);
      return Buffer.concat([head, name, content]);
    }),
  );
  const notesAt = notes.length === 0 ? 0 : put(notes);
  const segment = (kind: number, offset: number, size: number): Buffer =>
    wide
      ? record([kind, 4], [4, 4], [offset, 8], [offset, 8], [offset, 8], [size, 8], [size, 8], [8, 8])
      : record([kind, 4], [offset, 4], [offset, 4], [offset, 4], [size, 4], [size, 4], [4, 4], [8, 4]);
  const segments = [segment(1, 0, at)];
  if (interpreterAt > 0) segments.push(segment(3, interpreterAt, interpreter.length));
  if (isDynamic) segments.push(segment(2, dynamicAt, dynamic.length));
  if (notesAt > 0) segments.push(segment(4, notesAt, notes.length));
  const ident = Buffer.from([0x7f, 0x45, 0x4c, 0x46, wide ? 2 : 1, endian === 'little' ? 1 : 2, 1, spec.osAbi ?? 0]);
  const header = Buffer.concat([
    ident,
    Buffer.alloc(8),
    record([type, 2], [machine, 2], [1, 4], [spec.interpreter === undefined ? 0 : 64, word], [headerBytes, word]),
    record([0, word], [spec.flags ?? 0, 4], [headerBytes, 2], [segmentBytes, 2], [segments.length, 2]),
    record([0, 2], [0, 2], [0, 2]),
  ]);
  const table = Buffer.alloc(4 * segmentBytes);
  Buffer.concat(segments).copy(table);
  return Buffer.concat([header, table, ...parts, Buffer.from(spec.tail ?? '', 'latin1')]);
}

/** A note of GNU's tools: numbers of 32 bits. */
export function gnuNote(type: number, ...numbers: readonly number[]): { owner: string; type: number; content: Buffer } {
  const content = Buffer.alloc(4 * numbers.length);
  for (const [at, number] of numbers.entries()) content.writeUInt32LE(number >>> 0, 4 * at);
  return { owner: 'GNU', type, content };
}
