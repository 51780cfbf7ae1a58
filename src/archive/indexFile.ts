import { setImmediate } from 'node:timers/promises';
import { type Digest, Hasher } from '../oci/digest.ts';
import { isObject } from '../oci/json.ts';
import { ColumnReader, ColumnWriter } from './columns.ts';
import { weightOf } from './entryWeight.ts';
import { readBlock, writeBlock } from './indexBlock.ts';
import type { LayerEntry, LayerIndex } from './layerIndex.ts';

/** Of this version of the format; read as numbers, it is another on machines of the other byte order. */
const magic = Float64Array.of(0x67616e747279, 1);
const digestBytes = 'sha256:'.length + 64;
/** Entries of usual length in a block: others get a turn between two, and no text of it is one that V8 keeps apart as large. */
const blockWeight = 1000;
/** Bytes that are hashed before others get a turn. */
const hashedBytes = 2 << 20;

interface Head {
  /** What the file was made for. */
  readonly key: Digest;
  readonly index: Omit<LayerIndex, 'entries'>;
  readonly entries: number;
}

/**
 * Writes an index as a file: columns instead of objects, so that 100,000 entries load in some ten milliseconds.
 *
 *     magic · head as JSON · blocks of entries · digest of all that
 *
 * @param write takes bytes that are good until it ends
 */
export async function writeIndexFile(
  { entries, ...index }: LayerIndex,
  key: Digest,
  write: (bytes: Uint8Array) => Promise<void>,
): Promise<void> {
  const hasher = new Hasher();
  const hashAndWrite = async (bytes: Uint8Array): Promise<void> => {
    hasher.update(bytes);
    await write(bytes);
  };
  const file = new ColumnWriter();
  const head: Head = { key, index, entries: entries.length };
  file.add(magic);
  file.addJson(head);
  for (const block of blocksOf(entries)) {
    writeBlock(block, file);
    await file.flush(hashAndWrite);
    await setImmediate();
  }
  await file.flush(hashAndWrite);
  await write(Buffer.from(hasher.digest()));
}

function* blocksOf(entries: readonly LayerEntry[]): Generator<readonly LayerEntry[], void, undefined> {
  let [from, weight] = [0, 0];
  for (const [at, entry] of entries.entries()) {
    weight += weightOf(entry);
    if (weight < blockWeight) continue;
    yield entries.slice(from, at + 1);
    [from, weight] = [at + 1, 0];
  }
  if (from < entries.length) yield entries.slice(from);
}

/** The index in a file's bytes; undefined where the file is damaged, of another version, or was made for another key. */
export async function parseIndexFile(bytes: Uint8Array, key: Digest): Promise<LayerIndex | undefined> {
  const body = bytes.subarray(0, Math.max(0, bytes.length - digestBytes));
  const digest = Buffer.from(bytes.subarray(body.length)).toString('latin1');
  if (digest !== (await digestInTurns(body))) return undefined;
  try {
    return await readIndex(new ColumnReader(body), key);
  } catch (error) {
    if (error instanceof RangeError || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

async function readIndex(file: ColumnReader, key: Digest): Promise<LayerIndex | undefined> {
  if (file.numbers(magic.length).some((number, at) => number !== magic[at])) return undefined;
  const head = file.json();
  if (!isHead(head) || head.key !== key) return undefined;
  const entries: LayerEntry[] = [];
  while (entries.length < head.entries) {
    for (const entry of readBlock(file)) entries.push(entry);
    await setImmediate();
  }
  return file.ended ? { ...head.index, entries } : undefined;
}

function isHead(head: unknown): head is Head {
  return isObject(head) && isObject(head['index']);
}

async function digestInTurns(bytes: Uint8Array): Promise<Digest> {
  const hasher = new Hasher();
  for (let at = 0; at < bytes.length; at += hashedBytes) {
    hasher.update(bytes.subarray(at, at + hashedBytes));
    await setImmediate();
  }
  return hasher.digest();
}
