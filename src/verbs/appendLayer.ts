import type { AppendLayerResult } from '../api.ts';
import { packLayer, type PackedLayer } from '../archive/pack.ts';
import { Spool } from '../archive/spool.ts';
import { packTar } from '../archive/tarLayer.ts';
import type { ImageSource, Io } from '../content/store.ts';
import { OciError } from '../errors.ts';
import { planAppend, previewAppend, pushAppend } from '../operations/append.ts';
import type { AppendPlan } from '../operations/appendPlan.ts';
import { compressionOf, configChanges, layerFiles, parseOwner } from './layerOptions.ts';
import { OptionReader } from './options.ts';
import { assertNoDigest } from './openedTarget.ts';
import { soleImage } from './soleImage.ts';
import type { OpenedImage } from './stores.ts';
import type { Verb, VerbContext } from './verb.ts';

/** `appendLayer {base, target, files, tars?, owner?, platforms?, config?, compression?, overwrite?, dryRun?}`. */
export const appendLayer: Verb<AppendLayerResult> = async (value, context, run, io) => {
  const options = new OptionReader('appendLayer', value);
  const base = options.text('base');
  const from = base === 'scratch' ? undefined : await context.stores.source(base, io);
  const overwrite = options.overwrite();
  const isPlan = options.flag('dryRun');
  await using target = await context.stores.target(options.text('target'), io, { overwrite, isPlan });
  await using spool = new Spool(context.temporary);
  let read = 0;
  const onBytes = (bytes: number): void => run.onProgress?.({ message: 'Packing', bytes: (read += bytes) });
  const packing = { options, spool, onBytes, scratch: from === undefined };
  const layers = await packAll(packing, context, io);
  const plan = await plannedOn(from, layers, options, context, io);
  assertNoDigest(target);
  if (target.oneImage)
    await soleImage({ store: plan.source, identifier: plan.descriptor.digest, name: base }, undefined, io);
  const report = (bytes: number, total: number): void =>
    run.onProgress?.({ message: `Pushing ${target.name}`, bytes, total });
  const choice = { overwrite, ...(target.tag === undefined ? {} : { tag: target.tag }) };
  const outcome = isPlan
    ? await previewAppend(plan, target.store, target.tag, io)
    : await pushAppend(plan, target.store, { ...choice, onProgress: report }, io);
  return {
    digest: outcome.descriptor.digest,
    target: target.name,
    layers: outcome.layers,
    bytesTransferred: outcome.bytesTransferred,
  };
};

interface Packing {
  readonly options: OptionReader;
  readonly spool: Spool;
  readonly onBytes: (bytes: number) => void;
  readonly scratch: boolean;
}

/** The tars as they are, then one layer of all files. @throws OciError invalid-reference where there is nothing to add */
async function packAll(
  { options, spool, onBytes, scratch }: Packing,
  context: VerbContext,
  io: Io,
): Promise<PackedLayer[]> {
  const compression = compressionOf(options.optionalText('compression'), context.compression());
  const owner = parseOwner(options.optionalText('owner') ?? '0:0');
  const files = layerFiles(options.raw('files') ?? [], owner);
  const layers: PackedLayer[] = [];
  for (const tar of options.texts('tars') ?? []) layers.push(await packTar(tar, { compression, onBytes }, spool, io));
  if (files.length > 0) {
    const onto = scratch && layers.length === 0 ? 'scratch' : 'base';
    layers.push(await packLayer(files, { compression, epoch: context.epoch, onto, onBytes }, spool, io));
  }
  if (layers.length > 0 || options.raw('config') !== undefined) return layers;
  throw new OciError(
    'invalid-reference',
    'appendLayer: there is nothing to add. Name files, tars, or changes of the config.',
  );
}

async function plannedOn(
  from: OpenedImage | undefined,
  layers: readonly PackedLayer[],
  options: OptionReader,
  { epoch }: VerbContext,
  io: Io,
): Promise<AppendPlan> {
  const platforms = options.platforms('platforms');
  const byTag = from?.digest === undefined ? from?.name : undefined;
  const choice = {
    layers,
    config: configChanges(options.raw('config')),
    epoch,
    ...(platforms === undefined ? {} : { platforms }),
    ...(byTag === undefined ? {} : { baseName: byTag }),
  };
  const base: ImageSource | 'scratch' = from?.store ?? 'scratch';
  return planAppend(base, from?.identifier ?? '', choice, io);
}
