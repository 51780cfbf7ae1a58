import { OciError } from '../errors.ts';

const block = 512;
const maxPaxBytes = 1 << 20;
/** Entry types that have no content, whatever size their header states (links, devices, folders, FIFOs). */
const headerOnly = new Set(['1', '2', '3', '4', '5', '6']);
const meta = new Set(['x', 'g', 'L', 'K']);

/**
 * Follows a tar as it streams by and counts its entries, by the rules of Go's archive/tar: what runtimes unpack with.
 * It looks at headers only as far as is needed to find the next one.
 */
export class TarCheck {
  /** Files, folders and links so far. */
  entries = 0;
  #offset = 0;
  /** Bytes of content and padding until the next header. */
  #left = 0;
  #gathered: Uint8Array[] = [];
  #missing = block;
  #pax: { readonly global: boolean } | undefined;
  #paxSize: number | undefined;
  #ended = false;

  /** @throws OciError corrupt-archive, with the offset of the header that is wrong; too-large for PAX records above 1 MiB */
  push(chunk: Uint8Array): void {
    for (let at = 0; at < chunk.length && !this.#ended;) {
      const length = Math.min(chunk.length - at, this.#left > 0 ? this.#left : this.#missing);
      if (this.#left > 0) this.#left -= length;
      else this.#gather(chunk.subarray(at, at + length));
      at += length;
      this.#offset += length;
    }
  }

  /** @throws OciError corrupt-archive where the tar stops in the middle of an entry */
  end(): void {
    if (this.#ended) return;
    if (this.#offset === 0) throw this.#corrupt('it is empty');
    if (this.#left > 0 || this.#missing < block || this.#pax !== undefined) {
      throw this.#corrupt(`it is cut short at byte ${this.#offset}`);
    }
  }

  #gather(part: Uint8Array): void {
    this.#gathered.push(part);
    this.#missing -= part.length;
    if (this.#missing > 0) return;
    const whole = Buffer.concat(this.#gathered);
    this.#gathered = [];
    this.#missing = block;
    if (this.#pax === undefined) this.#header(whole);
    else this.#endPax(whole);
  }

  #header(header: Buffer): void {
    if (header.every((byte) => byte === 0)) {
      this.#ended = true;
      return;
    }
    if (checksum(header) !== octal(header, 148, 8))
      throw this.#corrupt(`the header at byte ${this.#start()} is not one`);
    const type = String.fromCharCode(header[156] ?? 0);
    const own = headerOnly.has(type) ? 0 : sizeOf(header);
    const size = meta.has(type) || headerOnly.has(type) ? own : (this.#paxSize ?? own);
    if (!Number.isSafeInteger(size) || size < 0) throw this.#corrupt(`the header at byte ${this.#start()} has no size`);
    const padded = Math.ceil(size / block) * block;
    if (type === 'x' || type === 'g') {
      this.#startPax(padded, type === 'g');
      return;
    }
    this.#left = padded;
    if (meta.has(type)) return;
    this.entries++;
    this.#paxSize = undefined;
  }

  #startPax(padded: number, global: boolean): void {
    if (padded > maxPaxBytes)
      throw new OciError('too-large', `a PAX record of the tar is larger than ${maxPaxBytes} bytes`);
    if (padded === 0) return;
    this.#pax = { global };
    this.#missing = padded;
  }

  #endPax(records: Buffer): void {
    const size = /(?:^|\n)\d+ size=(\d+)\n/.exec(records.toString('latin1'))?.[1];
    if (this.#pax?.global === false && size !== undefined) this.#paxSize = Number(size);
    this.#pax = undefined;
  }

  #start(): number {
    return Math.floor(this.#offset / block) * block;
  }

  #corrupt(reason: string): OciError {
    return new OciError('corrupt-archive', `the tar is damaged: ${reason}.`);
  }
}

function checksum(header: Buffer): number {
  let sum = 8 * 32;
  for (const [at, byte] of header.entries()) if (at < 148 || at >= 156) sum += byte;
  return sum;
}

function octal(header: Buffer, from: number, length: number): number {
  const text = header
    .toString('latin1', from, from + length)
    .replace(/[\0 ]+$/, '')
    .trimStart();
  return /^[0-7]*$/.test(text) ? parseInt(`0${text}`, 8) : NaN;
}

/** Octal, or base 256 where the first bit is set (GNU, for more than 8 GiB). */
function sizeOf(header: Buffer): number {
  const first = header[124] ?? 0;
  if (first < 0x80) return octal(header, 124, 12);
  return first === 0x80 ? Number(header.readBigUInt64BE(128)) : NaN;
}
