import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { gzip, gzipSync } from 'node:zlib';
import type { Descriptor } from '../../src/oci/descriptor.ts';
import { digestOf, Hasher } from '../../src/oci/digest.ts';
import { mediaTypes } from '../../src/oci/mediaTypes.ts';
import { tarEntryHead } from './tarEntryHead.ts';

/** A file for an eStargz layer; all but the name has defaults. */
export interface EstargzFile {
  /** As the tar has it: `usr/bin/`, `usr/bin/ls`. */
  readonly name: string;
  readonly type?: 'reg' | 'dir' | 'symlink' | 'hardlink' | 'char' | 'block' | 'fifo';
  readonly content?: Uint8Array;
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
  /** Seconds since 1970. */
  readonly mtime?: number;
  readonly linkname?: string;
  readonly device?: { readonly major: number; readonly minor: number };
  readonly xattrs?: Readonly<Record<string, string>>;
}

/** One entry of a table of contents as JSON. */
export type TocJson = Record<string, unknown>;

/** A table of contents as JSON. */
export interface Toc {
  readonly version: unknown;
  readonly entries: readonly TocJson[];
}

export interface EstargzOptions {
  /** Most bytes of a file in one chunk. Default: 4 MiB. */
  readonly chunkBytes?: number;
  /** A gzip member takes chunks until it has so many uncompressed bytes (`innerOffset`). Default: one chunk each. */
  readonly memberBytes?: number;
  readonly level?: number;
  /** Makes another table of contents, to lie. */
  readonly change?: (toc: Toc) => unknown;
  /** Makes other bytes of the table's JSON; what it returns is what the annotation vouches for. */
  readonly rewrite?: (json: Buffer) => Uint8Array;
  /** As stargz had it: 47 bytes. Default: eStargz, 51 bytes. */
  readonly footer?: 'stargz';
}

/** A layer in memory. */
export interface EstargzLayer {
  readonly blob: Buffer;
  readonly descriptor: Descriptor;
}

const deflate = promisify<Uint8Array, { level: number }, Buffer>(gzip);

/** An eStargz layer (stargz-snapshotter, docs/estargz.md) of small files. */
export async function estargzOf(files: readonly EstargzFile[], options: EstargzOptions = {}): Promise<EstargzLayer> {
  const pieces: Buffer[] = [];
  const layer = new EstargzWriter(options);
  for await (const piece of layer.write(files)) pieces.push(piece);
  return { blob: Buffer.concat(pieces), descriptor: layer.descriptor };
}

/** Writes an eStargz layer to a file as its files come: for layers that are larger than the memory. Returns its descriptor. */
export async function writeEstargz(
  path: string,
  files: Iterable<EstargzFile> | AsyncIterable<EstargzFile>,
  options: EstargzOptions = {},
): Promise<Descriptor> {
  const layer = new EstargzWriter(options);
  await pipeline(layer.write(files), createWriteStream(path));
  return layer.descriptor;
}

class EstargzWriter {
  readonly #options: EstargzOptions;
  readonly #hasher = new Hasher();
  readonly #entries: TocJson[] = [];
  /** Bytes written so far. */
  #size = 0;
  /** What goes into the gzip member that is not written yet. */
  #member: Uint8Array[] = [];
  #memberBytes = 0;
  #tocDigest = digestOf(new Uint8Array());

  constructor(options: EstargzOptions) {
    this.#options = options;
  }

  /** Of the whole layer, once it is written. */
  get descriptor(): Descriptor {
    return {
      mediaType: mediaTypes.layerGzip,
      digest: this.#hasher.digest(),
      size: this.#size,
      annotations: { 'containerd.io/snapshot/stargz/toc.digest': this.#tocDigest },
    };
  }

  async *write(files: Iterable<EstargzFile> | AsyncIterable<EstargzFile>): AsyncGenerator<Buffer, void, undefined> {
    for await (const file of files) {
      this.#add(tarEntryHead(file));
      yield* this.#content(file);
    }
    yield* this.#endMember();
    const offset = this.#size;
    const json = this.#toc();
    this.#tocDigest = digestOf(json);
    this.#add(tarEntryHead({ name: 'stargz.index.json', content: json, mode: 0 }));
    this.#add(json);
    this.#add(Buffer.alloc(padding(json.length) + 1024));
    yield* this.#endMember();
    yield this.#counted(this.#options.footer === 'stargz' ? stargzFooter(offset) : estargzFooter(offset));
  }

  async *#content(file: EstargzFile): AsyncGenerator<Buffer, void, undefined> {
    const { chunkBytes = 4 << 20, memberBytes = 0 } = this.#options;
    const { content = new Uint8Array() } = file;
    let json = tocEntryOf(file);
    if (content.length === 0) this.#entries.push(json);
    for (let at = 0; at < content.length; at += chunkBytes) {
      const chunk = content.subarray(at, at + chunkBytes);
      if (this.#memberBytes >= memberBytes) yield* this.#endMember();
      Object.assign(json, {
        ...(this.#size === 0 ? {} : { offset: this.#size }),
        ...(this.#memberBytes === 0 ? {} : { innerOffset: this.#memberBytes }),
        ...(at === 0 ? {} : { chunkOffset: at }),
        ...(at + chunkBytes > content.length ? {} : { chunkSize: chunk.length }),
        chunkDigest: digestOf(chunk),
      });
      this.#entries.push(json);
      json = { name: file.name, type: 'chunk' };
      this.#add(chunk);
    }
    this.#add(Buffer.alloc(padding(content.length)));
  }

  #toc(): Uint8Array {
    const toc = { version: 1, entries: this.#entries };
    const changed = this.#options.change === undefined ? toc : this.#options.change(toc);
    const json = Buffer.from(JSON.stringify(changed, undefined, '\t'));
    return this.#options.rewrite?.(json) ?? json;
  }

  #add(bytes: Uint8Array): void {
    this.#member.push(bytes);
    this.#memberBytes += bytes.length;
  }

  async *#endMember(): AsyncGenerator<Buffer, void, undefined> {
    if (this.#memberBytes === 0) return;
    const bytes = Buffer.concat(this.#member);
    this.#member = [];
    this.#memberBytes = 0;
    const { level = 1 } = this.#options;
    // For what is small, the way to another thread takes longer.
    yield this.#counted(bytes.length < 32_768 ? gzipSync(bytes, { level }) : await deflate(bytes, { level }));
  }

  #counted(bytes: Buffer): Buffer {
    this.#size += bytes.length;
    this.#hasher.update(bytes);
    return bytes;
  }
}

/** A file as a table of contents has it, without where its content is. */
export function tocEntryOf(file: EstargzFile): TocJson {
  const { name, type = 'reg', content, mode, uid = 0, gid = 0, mtime = 0, linkname, device, xattrs } = file;
  return {
    name,
    type,
    ...(content === undefined || content.length === 0 ? {} : { size: content.length }),
    ...(mtime === 0 ? {} : { modtime: new Date(mtime * 1000).toISOString().replace('.000Z', 'Z') }),
    ...(linkname === undefined ? {} : { linkName: linkname }),
    mode: mode ?? 0o644,
    uid,
    gid,
    NumLink: 0,
    ...(device === undefined ? {} : { devMajor: device.major, devMinor: device.minor }),
    ...(xattrs === undefined ? {} : { xattrs: encoded(xattrs) }),
    ...(type === 'reg' ? { digest: digestOf(content ?? new Uint8Array()) } : {}),
  };
}

function encoded(xattrs: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(xattrs).map(([name, value]) => [name, Buffer.from(value).toString('base64')]),
  );
}

function padding(size: number): number {
  return (512 - (size % 512)) % 512;
}

function estargzFooter(offset: number): Buffer {
  const subfield = Buffer.from(`SG\x16\x00${offset.toString(16).padStart(16, '0')}STARGZ`, 'latin1');
  return emptyMember(subfield);
}

function stargzFooter(offset: number): Buffer {
  return emptyMember(Buffer.from(`${offset.toString(16).padStart(16, '0')}STARGZ`));
}

/** An empty gzip member with an extra field (RFC 1952). */
function emptyMember(extra: Uint8Array): Buffer {
  const head = Buffer.from([0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0, 255, extra.length, 0]);
  return Buffer.concat([head, extra, Buffer.from([1, 0, 0, 0xff, 0xff]), Buffer.alloc(8)]);
}
