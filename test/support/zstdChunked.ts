import { zstdCompressSync } from 'node:zlib';
import { digestOf } from '../../src/oci/digest.ts';
import { mediaTypes } from '../../src/oci/mediaTypes.ts';
import { type EstargzFile, type EstargzLayer, type Toc, tocEntryOf, type TocJson } from './estargz.ts';
import { tarEntryHead } from './tarEntryHead.ts';

export interface ZstdChunkedOptions {
  /** Most bytes of a file in one chunk. Default: 64 KiB. */
  readonly chunkBytes?: number;
  /** Makes another table of contents, to lie. */
  readonly change?: (toc: Toc) => unknown;
  /** Other annotations, to lie; undefined leaves one out. */
  readonly annotations?: Readonly<Record<string, string | undefined>>;
  /** What the annotations' names begin with. Default: as containers/storage has it since 2022. */
  readonly prefix?: string;
}

/** A zstd:chunked layer (containers/storage, pkg/chunked) of small files. */
export function zstdChunkedOf(files: readonly EstargzFile[], options: ZstdChunkedOptions = {}): EstargzLayer {
  const { chunkBytes = 64 << 10, prefix = 'io.github.containers.zstd-chunked.' } = options;
  const pieces: Buffer[] = [];
  let size = 0;
  const write = (bytes: Buffer): void => void ((size += bytes.length), pieces.push(bytes));
  const entries: TocJson[] = [];
  for (const file of files) {
    const { name, content = new Uint8Array() } = file;
    write(zstdCompressSync(tarEntryHead(file)));
    const main = tocEntryOf(file);
    entries.push(main);
    if (content.length === 0) {
      delete main['digest'];
      continue;
    }
    main['offset'] = size;
    for (let at = 0; at < content.length; at += chunkBytes) {
      const chunk = content.subarray(at, at + chunkBytes);
      const json: TocJson = at === 0 ? main : { name, type: 'chunk', offset: size, chunkOffset: at };
      if (at > 0) entries.push(json);
      if (content.length > chunkBytes) Object.assign(json, { chunkSize: chunk.length, chunkDigest: digestOf(chunk) });
      write(zstdCompressSync(chunk));
    }
    main['endOffset'] = size;
    write(zstdCompressSync(Buffer.alloc((512 - (content.length % 512)) % 512)));
  }
  write(zstdCompressSync(Buffer.alloc(1024)));
  const toc = { version: 1, entries };
  const json = Buffer.from(JSON.stringify(options.change?.(toc) ?? toc));
  const table = zstdCompressSync(json);
  const position = `${size + 8}:${table.length}:${json.length}:1`;
  write(skippable(table));
  write(skippable(Buffer.alloc(64)));
  const said = {
    [`${prefix}manifest-position`]: position,
    [`${prefix}manifest-checksum`]: digestOf(table),
    ...options.annotations,
  };
  const blob = Buffer.concat(pieces);
  const annotations = Object.fromEntries(
    Object.entries(said).flatMap(([key, value]) => (value === undefined ? [] : [[key, value] as const])),
  );
  return {
    blob,
    descriptor: { mediaType: mediaTypes.layerZstd, digest: digestOf(blob), size: blob.length, annotations },
  };
}

/** A frame that decoders leave out (RFC 8878, 3.1.2). */
function skippable(content: Buffer): Buffer {
  const head = Buffer.from([0x50, 0x2a, 0x4d, 0x18, 0, 0, 0, 0]);
  head.writeUInt32LE(content.length, 4);
  return Buffer.concat([head, content]);
}
