import type { Io, OpenContent } from '../content/store.ts';
import { OciError } from '../errors.ts';
import { type Digest, Hasher } from '../oci/digest.ts';
import { arrange, type Onto } from './arrange.ts';
import { compress, type Compression } from './compress.ts';
import type { PackedFile } from './fileObserver.ts';
import type { LayerFile } from './layerFile.ts';
import { checkSize } from './layerSize.ts';
import type { Spool } from './spool.ts';
import { tarStream } from './tarStream.ts';
import { watched } from './watched.ts';
import { walk } from './walk.ts';

export type { PackedFile } from './fileObserver.ts';
export type { GeneratedContent } from './treeEntry.ts';
export type { FileOnDisk, GeneratedFile, LayerFile, PathFilter } from './layerFile.ts';

export interface PackOptions {
  readonly compression: Compression;
  /** Seconds since 1970 that every entry is dated (SOURCE_DATE_EPOCH). Default: 0. */
  readonly epoch?: number;
  /** `scratch` where the layer lies on nothing: then the usual folders (`/usr`, `/tmp`, …) are written too. Default: `base`. */
  readonly onto?: Onto;
  /** Called with the number of uncompressed bytes of each piece that was packed. */
  readonly onBytes?: (bytes: number) => void;
  /** Called with each file when it has been packed, in the order of the layer. Costs the time of two checksums. */
  readonly onFile?: (file: PackedFile) => void;
  /** The system that the files lie on. Default: this one. */
  readonly platform?: NodeJS.Platform;
}

/** A layer that is ready to be pushed (image-spec layer.md). */
export interface PackedLayer {
  /** Of the bytes as they are pushed. */
  readonly digest: Digest;
  /** Of the tar inside. */
  readonly diffId: Digest;
  /** Bytes as they are pushed. */
  readonly size: number;
  readonly compression: Compression;
  /** Files, folders and links in it. */
  readonly entries: number;
  /** What it was made of, for the history: the places in the image, or the name of a tar file. */
  readonly contents: readonly string[];
  /** What it holds, for the history: `dependencies`. */
  readonly name?: string;
  /** Paths in the image of symbolic links that point out of the folder they were copied from. */
  readonly leaving: readonly string[];
  /** May be called again, until the spool is disposed. */
  readonly open: OpenContent;
}

/** The last second that a ustar header is sure to be read right: 2038-01-19. */
const maxEpoch = 0x7fffffff;

/**
 * Packs files into a layer, reading each once: digest, diffId and size come from the pass that writes it to the spool.
 * The same files give the same digest whatever their times and owners, the time zone, and the order of the folder.
 * @throws OciError unsupported-media-type, invalid-reference, not-found, forbidden, too-large, content-mismatch
 */
export async function packLayer(
  files: readonly LayerFile[],
  options: PackOptions,
  spool: Spool,
  io: Io,
): Promise<PackedLayer> {
  const { compression, epoch = 0, onto = 'base', onBytes, onFile, platform } = options;
  if (!Number.isInteger(epoch) || epoch < 0 || epoch > maxEpoch) {
    throw new OciError('invalid-reference', `the time of a layer must be whole seconds from 0 to ${maxEpoch}.`);
  }
  const { entries, leaving } = await walk(files, platform === undefined ? {} : { platform }, io);
  const arranged = await arrange(entries, onto, io);
  checkSize(arranged);
  const hasher = new Hasher();
  const tar = watched(tarStream(arranged, { epoch, ...(onFile === undefined ? {} : { onFile }) }, io), (chunk) => {
    hasher.update(chunk);
    onBytes?.(chunk.length);
  });
  const { digest, size, open } = await spool.write(compress(tar, compression), io);
  const contents = files.map((file) => file.to);
  return { digest, diffId: hasher.digest(), size, compression, entries: arranged.length, contents, leaving, open };
}
