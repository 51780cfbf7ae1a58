import { crc32, deflateRawSync } from 'node:zlib';

/** A small PE file (PE format): one section with all there is. */
export function peOf(spec: {
  readonly machine: number;
  readonly libraries?: readonly string[];
  /** Makes it a .NET assembly. */
  readonly framework?: string;
  /** Lines of Go's module text. */
  readonly go?: string;
}): Buffer {
  const isWide = spec.machine !== 0x14c;
  const bytes = Buffer.alloc(4096);
  const [at, address] = [128, 0x1000];
  bytes.write('MZ');
  bytes.writeUInt32LE(at, 0x3c);
  bytes.write('PE\0\0', at, 'latin1');
  bytes.writeUInt16LE(spec.machine, at + 4);
  bytes.writeUInt16LE(1, at + 6);
  const optional = at + 24;
  bytes.writeUInt16LE(isWide ? 240 : 224, at + 20);
  bytes.writeUInt16LE(isWide ? 0x20b : 0x10b, optional);
  bytes.writeUInt16LE(3, optional + 68);
  const directories = optional + (isWide ? 112 : 96);
  bytes.writeUInt32LE(16, directories - 4);
  const section = directories + 128;
  bytes.writeUInt32LE(3072, section + 8);
  bytes.writeUInt32LE(address, section + 12);
  bytes.writeUInt32LE(3072, section + 16);
  bytes.writeUInt32LE(1024, section + 20);
  bytes.writeUInt32LE(0xc0000040, section + 36);
  for (const [each, name] of (spec.libraries ?? []).entries()) {
    bytes.writeUInt32LE(address, directories + 8);
    bytes.writeUInt32LE(address + 512 + 64 * each, 1024 + 20 * each + 12);
    bytes.write(name, 1024 + 512 + 64 * each);
  }
  if (spec.framework !== undefined) {
    bytes.writeUInt32LE(address, directories + 8 * 14);
    bytes.write(spec.framework, 2048);
  }
  if (spec.go !== undefined) {
    const module = `${'x'.repeat(16)}${spec.go}${'y'.repeat(16)}`;
    bytes.write('\xff Go buildinf:\x08\x02', 2048, 'latin1');
    bytes.write(`\x06go1.99${String.fromCharCode(module.length)}${module}`, 2048 + 32, 'latin1');
  }
  return bytes;
}

/** Mach-O programs of 64 bits for these CPU types; of several a universal one. */
export function machOOf(types: readonly number[]): Buffer {
  const slices = types.map((type) => {
    const library = Buffer.alloc(56);
    library.writeUInt32LE(0xc);
    library.writeUInt32LE(56, 4);
    library.writeUInt32LE(24, 8);
    library.write('/usr/lib/libSystem.B.dylib', 24);
    const head = Buffer.alloc(32);
    for (const [at, value] of [0xfeedfacf, type, 0, 2, 1, library.length].entries()) head.writeUInt32LE(value, 4 * at);
    return Buffer.concat([head, library]);
  });
  const [only] = slices;
  if (only !== undefined && slices.length === 1) return only;
  const head = Buffer.alloc(256);
  head.writeUInt32BE(0xcafebabe);
  head.writeUInt32BE(slices.length, 4);
  for (const [at, type] of types.entries()) {
    head.writeUInt32BE(type, 8 + 20 * at);
    head.writeUInt32BE(256 + 88 * at, 8 + 20 * at + 8);
    head.writeUInt32BE(88, 8 + 20 * at + 12);
  }
  return Buffer.concat([head, ...slices]);
}

/** A WebAssembly module that imports a function of each module and exports memories of these names. */
export function wasmOf(imports: readonly string[], exports: readonly string[]): Buffer {
  const text = (value: string): Buffer => Buffer.concat([Buffer.from([value.length]), Buffer.from(value)]);
  const section = (id: number, entries: readonly Buffer[]): Buffer => {
    const body = Buffer.concat([Buffer.from([entries.length]), ...entries]);
    return Buffer.concat([Buffer.from([id, body.length]), body]);
  };
  return Buffer.concat([
    Buffer.from('0061736d01000000', 'hex'),
    section(
      2,
      imports.map((module) => Buffer.concat([text(module), text('f'), Buffer.from([0, 0])])),
    ),
    section(
      7,
      exports.map((name) => Buffer.concat([text(name), Buffer.from([2, 0])])),
    ),
  ]);
}

/** A ZIP archive of deflated files. */
export function jarOf(files: Readonly<Record<string, string | Uint8Array>>): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [name, content] of Object.entries(files)) {
    const bytes = Buffer.from(content);
    const packed = deflateRawSync(bytes);
    const fields = Buffer.alloc(26);
    fields.writeUInt16LE(20);
    fields.writeUInt16LE(8, 4);
    fields.writeUInt32LE(crc32(bytes), 10);
    fields.writeUInt32LE(packed.length, 14);
    fields.writeUInt32LE(bytes.length, 18);
    fields.writeUInt16LE(name.length, 22);
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), fields, Buffer.from(name), packed]);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(offset, 10);
    directory.push(Buffer.concat([Buffer.from('PK\x01\x02\x14\0'), fields, tail, Buffer.from(name)]));
    parts.push(local);
    offset += local.length;
  }
  const entries = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06');
  end.writeUInt16LE(parts.length, 8);
  end.writeUInt16LE(parts.length, 10);
  end.writeUInt32LE(entries.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...parts, entries, end]);
}

/** The start of a Java class file of a major version. */
export function classOf(version: number): Buffer {
  const bytes = Buffer.alloc(64);
  bytes.writeUInt32BE(0xcafebabe);
  bytes.writeUInt16BE(version, 6);
  return bytes;
}
