import { isOciError, OciError } from '../errors.ts';
import { escapeText } from '../oci/reference.ts';
import { EntryHeaders, type Extension } from './entryHeaders.ts';
import type { TarEntry } from './tarEntry.ts';
import { block, isZeroBlock, malformed } from './tarHeader.ts';

/** What is told about a tar while it streams by. */
export interface TarHandlers {
  /** The next entry; its content follows. */
  entry(entry: TarEntry): void;
  /** A piece of the entry's content, as stored. */
  content?(chunk: Uint8Array): void;
  /** The entry's content was whole. */
  finish?(): void;
}

/** `zero`: behind the first of the two blocks of zeros that end a tar. */
type Step = 'header' | 'zero' | 'extension' | 'content' | 'padding' | 'ended';

/** Largest extended header, in bytes (CVE-2022-2879). */
const maxExtension = 1 << 20;
const zeros = Buffer.alloc(256 << 10);

/**
 * Reads a tar that is pushed into it, by the rules of Go's archive/tar: what runtimes unpack with. Where other readers differ,
 * this one does as Go does: links and directories have no content whatever their size, global headers change nothing, the
 * archive ends at two blocks of zeros or between two entries.
 */
export class TarReader {
  /** Files, folders, links and the like so far. */
  entries = 0;
  /** Bytes behind the end of the archive, without the zeros that tar programs fill their last record with. */
  trailing = 0;
  #behind = 0;
  #offset = 0;
  #step: Step = 'header';
  /** Bytes missing of content, padding or an extended header. */
  #left = 0;
  #padding = 0;
  readonly #handlers: TarHandlers;
  readonly #headers = new EntryHeaders();
  /** A block of which the first `#filled` bytes are there. */
  readonly #partial = Buffer.alloc(block);
  #filled = 0;
  #extension: (Extension & { readonly content: Buffer }) | undefined;
  #name = '';
  /** Where the last header block began. */
  #position = 0;

  constructor(handlers: TarHandlers) {
    this.#handlers = handlers;
  }

  /** Bytes that were pushed. */
  get offset(): number {
    return this.#offset;
  }

  /** True behind the two blocks of zeros. */
  get ended(): boolean {
    return this.#step === 'ended';
  }

  /** @throws OciError corrupt-archive, with the byte that is wrong; too-large for an extended header above 1 MiB */
  push(chunk: Uint8Array): void {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    try {
      for (let at = 0; at < bytes.length;) {
        const taken = this.#take(bytes, at);
        at += taken;
        this.#offset += taken;
      }
    } catch (cause) {
      throw this.#placed(cause);
    }
  }

  /** @throws OciError corrupt-archive where the tar stops in the middle of an entry */
  end(): void {
    if (this.#step === 'padding' || this.#step === 'ended') return;
    const isBetween = this.#step === 'header' || this.#step === 'zero';
    if (isBetween && this.#filled === 0 && !this.#headers.isUnfinished) return;
    if (this.#offset < block) throw new OciError('corrupt-archive', `it is no tar: it has ${this.#offset} bytes only.`);
    const where =
      this.#step === 'content' ? ` in ${escapeText(this.#name)}: ${this.#left} bytes of it are missing` : '';
    throw new OciError('corrupt-archive', `the tar is damaged: it is cut short at byte ${this.#offset}${where}.`);
  }

  #take(bytes: Buffer, at: number): number {
    switch (this.#step) {
      case 'content':
      case 'padding':
      case 'extension':
        return this.#run(bytes, at);
      case 'header':
      case 'zero':
        return this.#gather(bytes, at);
      case 'ended':
        return this.#skip(bytes.subarray(at, at + zeros.length));
    }
  }

  /** Takes of what is as long as a header said. */
  #run(bytes: Buffer, at: number): number {
    const length = Math.min(this.#left, bytes.length - at);
    const piece = bytes.subarray(at, at + length);
    if (this.#step === 'content') this.#handlers.content?.(piece);
    if (this.#extension !== undefined) piece.copy(this.#extension.content, this.#extension.size - this.#left);
    this.#left -= length;
    if (this.#left === 0) this.#endRun();
    return length;
  }

  #startRun(step: 'content' | 'extension', size: number): void {
    this.#step = step;
    this.#left = size;
    this.#padding = (block - (size % block)) % block;
    if (size === 0) this.#endRun();
  }

  #endRun(): void {
    const extension = this.#extension;
    this.#extension = undefined;
    if (extension !== undefined) this.#headers.extend(extension, extension.content);
    else if (this.#step === 'content') this.#handlers.finish?.();
    this.#left = this.#step === 'padding' ? 0 : this.#padding;
    this.#step = this.#left === 0 ? 'header' : 'padding';
  }

  /** Takes of a block, which may come in parts. */
  #gather(bytes: Buffer, at: number): number {
    if (this.#filled === 0 && bytes.length - at >= block) {
      this.#block(bytes.subarray(at, at + block));
      return block;
    }
    const length = Math.min(block - this.#filled, bytes.length - at);
    bytes.copy(this.#partial, this.#filled, at, at + length);
    this.#filled += length;
    if (this.#filled < block) return length;
    this.#filled = 0;
    this.#block(this.#partial);
    return length;
  }

  #block(bytes: Buffer): void {
    this.#position = this.#offset - (this.#offset % block);
    if (this.#step === 'zero') {
      if (!isZeroBlock(bytes)) throw malformed('it follows a block of zeros');
      this.#step = 'ended';
    } else if (!this.#headers.isUnfinished && isZeroBlock(bytes)) this.#step = 'zero';
    else this.#header(bytes);
  }

  #header(bytes: Buffer): void {
    const found = this.#headers.block(bytes, this.#position);
    if (found === undefined) return;
    if ('extension' in found) {
      const { size } = found.extension;
      if (size > maxExtension) throw tooLong(found.extension, this.#position);
      this.#extension = { ...found.extension, content: Buffer.alloc(size) };
      this.#startRun('extension', size);
    } else {
      this.entries++;
      this.#name = found.entry.name;
      this.#handlers.entry(found.entry);
      this.#startRun('content', found.entry.stored);
    }
  }

  /** Counts what comes behind the archive. */
  #skip(bytes: Buffer): number {
    if (!bytes.equals(zeros.subarray(0, bytes.length))) {
      this.trailing = this.#behind + bytes.findLastIndex((byte) => byte !== 0) + 1;
    }
    this.#behind += bytes.length;
    return bytes.length;
  }

  /** Says where what is wrong stands. */
  #placed(cause: unknown): unknown {
    if (!isOciError(cause, 'corrupt-archive')) return cause;
    const isFirst = this.#offset < block;
    const what = isFirst
      ? 'it is no tar: its first header'
      : `the tar is damaged: the header at byte ${this.#position}`;
    return new OciError('corrupt-archive', `${what} is wrong: ${cause.message}.`, { cause });
  }
}

function tooLong({ typeflag, size }: Extension, position: number): OciError {
  const what = typeflag === 'x' || typeflag === 'g' ? 'a PAX record' : 'a long name';
  const bytes = `${size} bytes, more than ${maxExtension}`;
  return new OciError('too-large', `the tar cannot be read on: ${what} at byte ${position} is said to have ${bytes}.`);
}
