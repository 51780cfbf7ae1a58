import type { ByteStream, LayerSource, RangeReader } from '../content/store.ts';
import { OciError } from '../errors.ts';
import type { Compression } from './compress.ts';

/** A table of contents in a blob. */
export interface TocPlace {
  readonly compression: Compression;
  /** Where the table begins and the content of files ends, in bytes. */
  readonly contentEnd: number;
  /** Paths that belong to the format and are no files of the image. */
  readonly markers: ReadonlySet<string>;
  /** The JSON, as the manifest vouches for it: content-mismatch where it is other. */
  readonly json: ByteStream;
}

/** Where blobs are read from in parts. */
export type RangeSource = LayerSource & RangeReader;

/**
 * Most bytes of a table of contents in the blob, and of its JSON, which is not held whole. An entry of a file has 300 to 400 bytes.
 */
const tocLimits = { blobBytes: 64 << 20, jsonBytes: 256 << 20 } as const;

/** The error of a table of contents that cannot be used. @param reason goes on from `the table of contents is not used:` */
export function unfitToc(reason: string, cause?: unknown): OciError {
  return new OciError('corrupt-archive', `${reason}.`, cause === undefined ? {} : { cause });
}

/** @throws OciError too-large above the limits */
export function checkTocSize(blobBytes: number, jsonBytes: number): void {
  if (blobBytes <= tocLimits.blobBytes && jsonBytes <= tocLimits.jsonBytes) return;
  const [bytes, limit] =
    blobBytes > tocLimits.blobBytes ? [blobBytes, tocLimits.blobBytes] : [jsonBytes, tocLimits.jsonBytes];
  throw new OciError('too-large', `it has ${bytes} bytes, more than the limit of ${limit}.`);
}
