import { maxFieldBytes, type PackageRecord } from './packageRecord.ts';

/** Tags and types of the RPM package format, V4, header structure. */
const tags = { name: 1000, version: 1001, release: 1002, epoch: 1003, architecture: 1022 } as const;
const types = { int32: 4, string: 6 } as const;

/** Bytes of an entry of the index: tag, type, offset and count, each 32 bits, big-endian. */
const entryBytes = 16;
/** What rpm itself accepts. */
const maxEntries = 0xffff;

/** The package of a header as rpm's database stores it: without the 8 bytes of magic. Undefined where it is none. */
export function readRpmHeader(bytes: Uint8Array): Omit<PackageRecord, 'manager'> | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 8) return undefined;
  const [entries, dataBytes] = [view.getUint32(0), view.getUint32(4)];
  const start = 8 + entries * entryBytes;
  if (entries > maxEntries || start + dataBytes > bytes.length) return undefined;
  const data = bytes.subarray(start, start + dataBytes);
  const text = (tag: number): string | undefined => textAt(data, offsetOf(view, entries, tag, types.string));
  const [name, version, release] = [text(tags.name), text(tags.version), text(tags.release)];
  if (name === undefined || version === undefined || release === undefined) return undefined;
  const epoch = numberAt(data, offsetOf(view, entries, tags.epoch, types.int32));
  const architecture = text(tags.architecture);
  return {
    name,
    version: `${epoch === 0 ? '' : `${epoch}:`}${version}-${release}`,
    ...(architecture === undefined ? {} : { architecture }),
  };
}

/** Where the value of a tag begins in the data; undefined where the tag is absent or of another type. */
function offsetOf(view: DataView, entries: number, tag: number, type: number): number | undefined {
  for (let at = 8; at < 8 + entries * entryBytes; at += entryBytes) {
    if (view.getUint32(at) === tag) return view.getUint32(at + 4) === type ? view.getUint32(at + 8) : undefined;
  }
  return undefined;
}

/** A text that ends with NUL; undefined where it is empty, too long or has no end. */
function textAt(data: Uint8Array, offset: number | undefined): string | undefined {
  if (offset === undefined || offset >= data.length) return undefined;
  const bytes = data.subarray(offset, offset + maxFieldBytes);
  const end = bytes.indexOf(0);
  return end <= 0 ? undefined : new TextDecoder().decode(bytes.subarray(0, end));
}

/** 0 where there is none: rpm takes a missing epoch for 0. */
function numberAt(data: Uint8Array, offset: number | undefined): number {
  if (offset === undefined || offset + 4 > data.length) return 0;
  return new DataView(data.buffer, data.byteOffset, data.byteLength).getUint32(offset);
}
