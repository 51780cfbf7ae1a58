import path from 'node:path';
import type { RecommendedBase, RunOptions } from '../api.ts';
import { describeBinary } from '../containerize/describeBinary.ts';
import { LocalFile } from '../containerize/localFile.ts';
import type { Candidate } from '../containerize/preflight/preflight.ts';
import { recommendBase, type RecommendOptions, sortBases } from '../containerize/recommendBase.ts';
import { defaultBases } from '../containerize/recommendedBases.ts';
import type { Io } from '../content/store.ts';
import { isOciError, OciError } from '../errors.ts';
import { parsePlatform, type Platform } from '../oci/platform.ts';
import { escapeText } from '../oci/reference.ts';
import { ImageFiles } from '../operations/imageFiles.ts';
import { mapParallel } from '../operations/parallel.ts';
import { OptionReader } from './options.ts';
import { programPlatforms } from './programPlatforms.ts';
import type { Verb, VerbContext } from './verb.ts';

/** Bases that are read at the same time. */
const parallelBases = 3;
const maxBases = 100;
/** Milliseconds in which a base has to be read. */
const baseLimit = 60_000;

/** `recommendBases {file, platform?, bases?}`: which bases a program of this machine runs on, the smallest first. */
export const recommendBasesVerb: Verb<readonly RecommendedBase[]> = recommendBasesWithin(baseLimit);

/** The verb with another limit for each base, in milliseconds. */
export function recommendBasesWithin(milliseconds: number): Verb<readonly RecommendedBase[]> {
  return async (value, context, run, io) => {
    const options = new OptionReader('recommendBases', value);
    const name = options.text('file');
    const wanted = options.optionalText('platform');
    const platform = wanted === undefined ? undefined : parsePlatform(wanted);
    const listed = options.texts('bases');
    const source = await LocalFile.open(name, io);
    try {
      const binary = await describeBinary(source, name, io);
      const candidate = { binary, source, path: `/app/${path.basename(name)}` };
      const bases = distinct(listed ?? [...(context.bases?.() ?? []), ...defaultBases(binary)]);
      const prefer = platform === undefined ? programPlatforms(binary, context).map(parsePlatform) : [platform];
      const reading = { candidate, prefer, milliseconds, context, ...optional(platform), begin: beginner(bases, run) };
      const found = await mapParallel(bases, parallelBases, (base, inner) => tryBase(base, reading, inner), io);
      return sortBases(found);
    } finally {
      await source.close();
    }
  };
}

/** What is the same for all bases. */
interface Reading {
  readonly candidate: Candidate;
  readonly platform?: Platform;
  readonly prefer: readonly Platform[];
  readonly milliseconds: number;
  readonly context: VerbContext;
  /** Called for each base; takes the bytes that are read of it. */
  readonly begin: () => RecommendOptions;
}

/** A base that cannot be read is told as such: the others count all the same. */
async function tryBase(reference: string, reading: Reading, io: Io): Promise<RecommendedBase> {
  const limit = AbortSignal.timeout(reading.milliseconds);
  try {
    return await readBase(reference, reading, { signal: AbortSignal.any([io.signal, limit]) });
  } catch (error) {
    io.signal.throwIfAborted();
    if (!limit.aborted && !isOciError(error)) throw error;
    const late = `It was not read within ${reading.milliseconds / 1000} seconds.`;
    const reason = isOciError(error) && !limit.aborted ? error.message : late;
    return { reference, verdict: 'unreachable', reason, size: null, digest: null };
  }
}

async function readBase(reference: string, reading: Reading, io: Io): Promise<RecommendedBase> {
  const { candidate, context, prefer, begin } = reading;
  const options = { ...begin(), ...optional(reading.platform) };
  if (reference === 'scratch') {
    return { reference, ...(await recommendBase(candidate, undefined, options, io)), size: 0, digest: null };
  }
  const { store, identifier } = await context.stores.source(reference, io);
  const files = await ImageFiles.open(store, identifier, { prefer }, context.layers, io);
  if (files.config === undefined) {
    throw new OciError('unsupported-media-type', `${escapeText(reference)} is no image that programs can be put on.`);
  }
  const said = await recommendBase(candidate, files, options, io);
  const size = files.manifest.layers.reduce((sum, layer) => sum + layer.size, 0);
  return { reference, ...said, size, digest: files.descriptor.digest };
}

/** @throws OciError invalid-reference for more than anybody would read */
function distinct(bases: readonly string[]): readonly string[] {
  const found = [...new Set(bases.map((base) => base.trim()).filter((base) => base !== ''))];
  if (found.length <= maxBases) return found;
  throw new OciError(
    'invalid-reference',
    `recommendBases: ${found.length} bases are too many. Name at most ${maxBases}.`,
  );
}

function beginner({ length }: readonly string[], { onProgress }: RunOptions): () => RecommendOptions {
  let [begun, read] = [0, 0];
  const report = (bytes: number): void =>
    onProgress?.({ message: `Reading the base ${begun} of ${length}`, bytes: (read += bytes) });
  return () => {
    begun++;
    report(0);
    return { onBytes: report };
  };
}

function optional(platform: Platform | undefined): { readonly platform?: Platform } {
  return platform === undefined ? {} : { platform };
}
