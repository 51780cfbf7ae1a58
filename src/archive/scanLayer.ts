import { setImmediate } from 'node:timers/promises';
import type { ByteStream, Io } from '../content/store.ts';
import { isOciError, OciError } from '../errors.ts';
import type { Compression } from './compress.ts';
import { decompress, detectCompression, magicBytes } from './decompress.ts';
import { EntryCollector } from './entryCollector.ts';
import type { LayerEntry, LayerIndex, LayerLimits } from './layerIndex.ts';
import { ScannedStream } from './scannedStream.ts';
import { TarReader } from './tarReader.ts';

export interface ScanOptions {
  readonly limits: LayerLimits;
  /** What the media type says; a difference is a problem of the index. */
  readonly declared?: Compression;
  /** Called with new entries as they are read. */
  readonly onEntries?: (entries: readonly LayerEntry[]) => void;
}

/** Bytes that are read without looking at limits, signal and clock. */
const stride = 256 << 10;
/** Milliseconds of work before others get a turn. */
const turn = 8;

/**
 * Lists a layer while it streams by: plain, gzip or zstd by its first bytes. The stream is read to its end also where the tar
 * ends before, so that whoever verifies it can. A damaged layer gives what could be read, and why reading ended.
 *
 * What a layer may unpack to has one bound, `limits.tarBytes`. There is none for the ratio: zstd makes 32,000 to 1 of zeros
 * that somebody meant, so that a bound would refuse real layers or stop nothing before the first one does. Memory does not
 * grow with what is unpacked, others get their turns, and a cancel ends it at once.
 * @throws OciError too-large, which names the limit and its setting; unsupported-media-type; errors of the stream as they are
 */
export async function scanLayer(stream: ByteStream, options: ScanOptions, io: Io): Promise<LayerIndex> {
  const source = new ScannedStream(stream, io);
  try {
    return await scan(source, options, io);
  } finally {
    await source.close();
  }
}

async function scan(source: ScannedStream, options: ScanOptions, io: Io): Promise<LayerIndex> {
  const compression = detectCompression(await source.head(magicBytes));
  const collector = new EntryCollector((entries) => options.onEntries?.(entries));
  const reading = { reader: new TarReader(collector), collector, limits: options.limits };
  const content = located(decompress(source.chunks(), compression), reading.reader);
  const damage = await readTar(content, reading, io).catch((error: unknown) => {
    source.throwIfFailed();
    return damageOf(error);
  });
  if (damage instanceof OciError) throw damage;
  await source.drain();
  collector.flush();
  return {
    compression,
    tarSize: reading.reader.offset,
    entries: collector.entries,
    problems: [
      ...labelProblem(options.declared, compression),
      ...collector.problems(),
      ...trailingProblem(reading.reader),
    ],
    ...(damage === undefined ? {} : { damage }),
  };
}

interface Reading {
  readonly reader: TarReader;
  readonly collector: EntryCollector;
  readonly limits: LayerLimits;
}

/** Returns the error to be thrown where a limit is reached. */
async function readTar(content: ByteStream, reading: Reading, io: Io): Promise<OciError | undefined> {
  const { reader, collector, limits } = reading;
  let began = performance.now();
  for await (const chunk of content) {
    for (let at = 0; at < chunk.length; at += stride) {
      io.signal.throwIfAborted();
      reader.push(chunk.subarray(at, at + stride));
      collector.flush();
      if (collector.weight > limits.entries) return tooMany(limits.entries);
      if (reader.offset > limits.tarBytes) return tooLong(limits.tarBytes);
      if (performance.now() - began < turn) continue;
      await setImmediate();
      began = performance.now();
    }
  }
  reader.end();
  return undefined;
}

/** The same content; a failure to unpack it says how far that came. */
async function* located(content: ByteStream, reader: TarReader): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    yield* content;
  } catch (cause) {
    if (!isOciError(cause, 'corrupt-archive')) throw cause;
    const place = `That is behind byte ${reader.offset} of the tar.`;
    throw new OciError('corrupt-archive', `${cause.message} ${place}`, { cause });
  }
}

/** What is wrong with the layer itself, as a sentence; every other error is thrown on. */
function damageOf(error: unknown): string {
  if (isOciError(error, 'corrupt-archive', 'too-large')) return error.message;
  throw error;
}

function labelProblem(declared: Compression | undefined, compression: Compression): readonly string[] {
  if (declared === undefined || declared === compression) return [];
  const word = (name: Compression): string => (name === 'none' ? 'uncompressed' : name);
  return [`Declared ${word(declared)}, is ${word(compression)}.`];
}

function trailingProblem({ trailing }: TarReader): readonly string[] {
  return trailing > 0 ? [`Data after the end of the archive: ${trailing} bytes.`] : [];
}

function tooMany(limit: number): OciError {
  const what = `more than ${limit} entries, very long names and attributes counted as several`;
  return new OciError(
    'too-large',
    `cannot list a layer with ${what}. Raise the setting gantry.inspect.maxLayerEntries to list it.`,
  );
}

function tooLong(limit: number): OciError {
  return new OciError(
    'too-large',
    `cannot list a layer that unpacks to more than ${limit} bytes. Raise the setting gantry.inspect.maxLayerGiB to list it.`,
  );
}
