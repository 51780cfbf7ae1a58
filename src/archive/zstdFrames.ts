import type { ByteStream } from '../content/store.ts';
import { OciError } from '../errors.ts';

/** The largest window a frame may ask for, in bytes: what libzstd grants unasked. */
const maxWindow = 128 << 20;
const magic = Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd);

/**
 * Cuts a zstd stream at the ends of its frames (RFC 8878, 3.1): no piece holds parts of two, because Node's decoder ignores
 * what follows a frame in the piece that ends it. Skippable frames are left out.
 * @throws OciError corrupt-archive for what is no frame; too-large for a window above 128 MiB
 */
export async function* zstdFrames(stream: ByteStream): AsyncGenerator<Uint8Array, void, undefined> {
  const scan = new FrameScan();
  for await (const chunk of stream) {
    let from = 0;
    for (let at = 0; at < chunk.length;) {
      const { wanted } = scan;
      const border = scan.take(chunk.subarray(at, at + wanted));
      at = Math.min(at + wanted, chunk.length);
      if (border === 'start') {
        if (at < magic.length) yield magic;
        from = at < magic.length ? at : at - magic.length;
      } else if (border === 'end') {
        yield chunk.subarray(from, at);
        from = at;
      }
    }
    if (scan.inFrame && from < chunk.length) yield chunk.subarray(from);
  }
  if (!scan.between) throw damaged('it is cut short');
}

/** `start` behind the magic number of a frame, `end` behind its last byte. */
type Border = 'start' | 'end' | undefined;
type Step = 'magic' | 'descriptor' | 'header' | 'skippable' | 'skipped' | 'block' | 'content' | 'checksum';

/** Finds the ends of frames by reading their headers and the headers of their blocks. */
class FrameScan {
  /** How many bytes are missing of what is being read. */
  wanted = 4;
  /** True between the borders of a frame that is not skipped. */
  inFrame = false;
  #step: Step = 'magic';
  #gathered: number[] = [];
  #hasChecksum = false;
  #singleSegment = false;
  #isLast = false;

  /** True between two frames, where a stream may end. */
  get between(): boolean {
    return this.#step === 'magic' && this.#gathered.length === 0;
  }

  /** Takes at most `wanted` bytes. @returns the border behind them, if there is one */
  take(bytes: Uint8Array): Border {
    this.wanted -= bytes.length;
    if (this.#step !== 'content' && this.#step !== 'skipped') this.#gathered.push(...bytes);
    if (this.wanted > 0) return undefined;
    const field = Buffer.from(this.#gathered);
    this.#gathered = [];
    return this.#next(field);
  }

  #next(field: Buffer): Border {
    switch (this.#step) {
      case 'magic':
        return this.#startFrame(field);
      case 'descriptor':
        return this.#readDescriptor(field.readUInt8());
      case 'header':
        this.#checkWindow(field);
        return this.#expect('block', 3);
      case 'skippable':
        return field.readUInt32LE() === 0 ? this.#end() : this.#expect('skipped', field.readUInt32LE());
      case 'block':
        return this.#startBlock(field.readUIntLE(0, 3));
      case 'content':
        return this.#endBlock();
      case 'skipped':
      case 'checksum':
        return this.#end();
    }
  }

  #startFrame(number: Buffer): Border {
    if (number.equals(magic)) {
      this.inFrame = true;
      this.#expect('descriptor', 1);
      return 'start';
    }
    if (number.readUInt32LE() >>> 4 === 0x184d2a5) return this.#expect('skippable', 4);
    throw damaged('there is something in it that is no frame');
  }

  #readDescriptor(flags: number): Border {
    this.#hasChecksum = (flags & 4) !== 0;
    this.#singleSegment = (flags & 32) !== 0;
    const sizeBytes = [this.#singleSegment ? 1 : 0, 2, 4, 8][flags >> 6] ?? 0;
    const idBytes = [0, 1, 2, 4][flags & 3] ?? 0;
    return this.#expect('header', sizeBytes + idBytes + (this.#singleSegment ? 0 : 1));
  }

  #checkWindow(header: Buffer): void {
    if (this.#singleSegment) return;
    const field = header.readUInt8();
    const base = 2 ** (10 + (field >> 3));
    if (base + (base / 8) * (field & 7) <= maxWindow) return;
    throw new OciError('too-large', `the zstd data needs a window of more than ${maxWindow} bytes to be unpacked.`);
  }

  #startBlock(header: number): Border {
    this.#isLast = (header & 1) !== 0;
    const kind = (header >> 1) & 3;
    if (kind === 3) throw damaged('a block has a type that does not exist');
    // A repeated byte is stored once, whatever its count.
    const length = kind === 1 ? 1 : header >> 3;
    return length === 0 ? this.#endBlock() : this.#expect('content', length);
  }

  #endBlock(): Border {
    if (!this.#isLast) return this.#expect('block', 3);
    return this.#hasChecksum ? this.#expect('checksum', 4) : this.#end();
  }

  #end(): Border {
    const border = this.inFrame ? 'end' : undefined;
    this.inFrame = false;
    this.#expect('magic', 4);
    return border;
  }

  #expect(step: Step, bytes: number): Border {
    this.#step = step;
    this.wanted = bytes;
    return undefined;
  }
}

function damaged(reason: string): OciError {
  return new OciError('corrupt-archive', `the zstd data is damaged: ${reason}.`);
}
