import type { RecommendedBase, RunOptions } from '../../api.ts';
import type { ImageSource, Io, LayerSource } from '../../content/store.ts';
import { OciError } from '../../errors.ts';
import { formatPlatform, normalizePlatform, parsePlatform, type Platform } from '../../oci/platform.ts';
import { resolveManifest } from '../../content/bytes.ts';
import { fetchConfig, platformsOf } from '../../operations/platforms.ts';
import { recommendBasesVerb } from '../recommendBases.ts';
import type { VerbContext } from '../verb.ts';
import type { OpenedImage } from '../stores.ts';
import type { Choices } from './choices.ts';
import type { Prepared } from './prepared.ts';

/** The base of a new image, opened. */
export interface ChosenBase {
  /** The one full spelling of the reference, or `scratch`. */
  readonly reference: string;
  /** Absent for `scratch`. */
  readonly image?: OpenedImage;
  /** The same content, read through the memory of small content: a tag is resolved once. */
  readonly reader?: ImageSource & LayerSource;
  readonly digest: string | null;
  /** Of its images; empty for `scratch`. */
  readonly platforms: readonly string[];
}

/** Opens the base that was chosen, or the best of those that suit. @throws OciError not-found where none of them will do */
export async function chooseBase(
  choices: Choices,
  prepared: Prepared,
  context: VerbContext,
  run: RunOptions,
  io: Io,
): Promise<ChosenBase> {
  const named = choices.base ?? prepared.blueprint.base ?? (await recommended(prepared, context, run, io));
  if (named === 'scratch') return { reference: 'scratch', digest: null, platforms: [] };
  const image = await context.stores.source(named, io);
  const reader = context.stores.remembered.over(image.store);
  const { manifest } = await resolveManifest(reader, image.identifier, io);
  const found =
    manifest.kind === 'index'
      ? await platformsOf(reader, manifest, io)
      : [(await fetchConfig(reader, manifest, io))?.platform];
  const platforms = found.filter(isReal).map((platform) => formatPlatform(normalizePlatform(platform)));
  return { reference: image.name, image, reader, digest: manifest.digest, platforms: [...new Set(platforms)] };
}

/** What the recipe says suits its projects; for a program of its own the first that it will run on. */
async function recommended(
  { blueprint, bases }: Prepared,
  context: VerbContext,
  run: RunOptions,
  io: Io,
): Promise<string> {
  const [program] = blueprint.programs;
  if (program === undefined) {
    const [first] = bases;
    if (first !== undefined) return first;
    throw new OciError('invalid-reference', 'containerize: name a base: nothing says which one would suit.');
  }
  const options = {
    file: program.file,
    ...(program.platform === undefined ? {} : { platform: parsed(program.platform) }),
    ...(bases.length === 0 ? {} : { bases }),
  };
  const all = await recommendBasesVerb(options, context, run, io);
  const best = bestOf(all, bases);
  if (best !== undefined) return best.reference;
  const why = all.map(({ reference, reason }) => `${reference}: ${reason}`).join(' ');
  throw new OciError('not-found', `None of the usual bases will do. ${why} Name another base.`);
}

/** In the order of the recipe; else the smallest, where certificates and time zones are: `scratch` has none. */
function bestOf(all: readonly RecommendedBase[], bases: readonly string[]): RecommendedBase | undefined {
  const running = all.filter(({ verdict }) => verdict === 'runs');
  const listed = bases.flatMap((base) => running.filter(({ reference }) => reference === base));
  const furnished = running.find(({ reference }) => reference !== 'scratch');
  return listed[0] ?? furnished ?? running[0] ?? all.find(({ verdict }) => verdict === 'unknown');
}

function parsed(platform: string): string {
  return formatPlatform(parsePlatform(platform));
}

/** BuildKit gives attestations a platform that nothing has. */
function isReal(platform: Platform | undefined): platform is Platform {
  return platform !== undefined && platform.os !== 'unknown';
}
