import type { ContainerizeResult, RunOptions } from '../api.ts';
import { Spool } from '../archive/spool.ts';
import { type BlueprintLayer, packBlueprint } from '../containerize/packBlueprint.ts';
import { mergeConfig } from '../containerize/spec/mergeConfig.ts';
import { OciError } from '../errors.ts';
import { type AppendOutcome, previewAppend } from '../operations/append.ts';
import { attachDocuments } from './containerizing/attach.ts';
import { chooseBase } from './containerizing/chooseBase.ts';
import { type Choices, optionsOf, readChoices } from './containerizing/choices.ts';
import { configDifferences } from './containerizing/configDifferences.ts';
import { annotationsOf, planImage } from './containerizing/planImage.ts';
import { prepare } from './containerizing/prepare.ts';
import type { Prepared } from './containerizing/prepared.ts';
import { assertRuns, preflightImage } from './containerizing/preflightImage.ts';
import { ProjectTurn } from './containerizing/projectTurn.ts';
import { moreTags, pushImage } from './containerizing/pushImage.ts';
import { sourceOf } from './containerizing/sourceOf.ts';
import { notAttached, warningsOf } from './containerizing/warnings.ts';
import { wantedPlatforms } from './containerizing/wantedPlatforms.ts';
import { assertNoDigest } from './openedTarget.ts';
import { soleImage } from './soleImage.ts';
import type { Verb, VerbContext } from './verb.ts';

/** `containerize {file | folder | spec | dockerfile, base?, target, platforms?, …}`: with `dryRun` the plan, else the image. */
export const containerizeVerb: Verb<ContainerizeResult> = async (value, context, run, io) => {
  const choices = readChoices(value);
  const { dryRun, overwrite } = choices;
  // Only a spec may name one itself: nothing else is built in vain.
  if (choices.subject.kind !== 'spec') targetOf(choices);
  await using turn = await ProjectTurn.take(choices.subject, context, run, io);
  const prepared = await prepare(choices, context, run, io);
  const { blueprint, folder } = prepared;
  const base = await chooseBase(choices, prepared, context, run, io);
  const name = targetOf(choices, blueprint.target);
  await using target = await context.stores.target(name, io, { overwrite, isPlan: dryRun });
  assertNoDigest(target);
  await using spool = new Spool(context.temporary);
  const tags = moreTags([...(blueprint.tags ?? []), ...choices.tags], target);
  const wants = wanted(choices, prepared, context);
  const epoch = blueprint.epoch ?? context.epoch;
  const created = new Date(epoch * 1000).toISOString().replace('.000Z', 'Z');
  const compression = choices.compression ?? prepared.compression ?? context.compression();
  const about = { compression, epoch, onScratch: base.image === undefined, hashFiles: wants.sbom && !dryRun };
  const platforms = wantedPlatforms(choices, blueprint, base);
  const layers = await packBlueprint(blueprint.layers, { ...about, spool, onBytes: packing(run) }, io);
  await turn?.[Symbol.asyncDispose]();
  const config = mergeConfig(blueprint.config, choices.config);
  const git = await sourceOf(folder, context, io);
  const annotations = annotationsOf(prepared, choices, git, created);
  const plan = await planImage({ base, layers, wanted: platforms, config, annotations, epoch }, choices, io);
  const preflight = await preflightImage(plan, blueprint.programs, context.layers, io);
  if (!dryRun && !choices.force) assertRuns(preflight, base.reference);
  if (target.oneImage)
    await soleImage({ store: plan.source, identifier: plan.descriptor.digest, name: target.name }, undefined, io);
  const onProgress = (bytes: number, total: number): void =>
    run.onProgress?.({ message: `Pushing ${target.name}`, bytes, total });
  const outcome = dryRun
    ? await previewAppend(plan, target.store, target.tag, io)
    : await pushImage(plan, { target, tags, overwrite, onProgress }, io);
  const [options, tool] = [optionsOf(choices), context.version ?? 'unknown'];
  const made = { plan, layers, base, target, blueprint, options, folder, git, created, tool, wants };
  return {
    digest: outcome.descriptor.digest,
    target: target.name,
    tags,
    layers: layersOf(layers, outcome),
    bytesTransferred: outcome.bytesTransferred,
    base: { reference: base.reference, digest: base.digest },
    platforms: [...new Set(plan.platforms)].sort(),
    missingPlatforms: platforms.missing,
    config: await configDifferences(base, config, io),
    warnings: [...warningsOf(prepared, layers, platforms.missing, plan, choices), ...notAttached(target, wants)],
    preflight,
    builds: prepared.builds,
    annotations,
    attached: dryRun ? [] : await attachDocuments(made, io),
  };
};

/** Says how many bytes were packed so far. */
function packing(run: RunOptions): (bytes: number) => void {
  let read = 0;
  return (bytes) => run.onProgress?.({ message: 'Packing', bytes: (read += bytes) });
}

function wanted(
  choices: Choices,
  prepared: Prepared,
  { sbom }: VerbContext,
): { readonly sbom: boolean; readonly provenance: boolean } {
  return {
    sbom: choices.sbom ?? prepared.sbom ?? sbom?.() === true,
    provenance: choices.provenance ?? prepared.provenance ?? false,
  };
}

function layersOf(layers: readonly BlueprintLayer[], outcome: AppendOutcome): ContainerizeResult['layers'] {
  return layers.map(({ name, platform, packed: { digest, diffId, size, entries } }) => ({
    name,
    digest,
    diffId,
    size,
    entries,
    reused: outcome.layers.find((layer) => layer.digest === digest)?.reused === true,
    ...(platform === undefined ? {} : { platform }),
  }));
}

function targetOf(choices: Choices, ofSpec?: string): string {
  const target = choices.target ?? ofSpec;
  if (target !== undefined) return target;
  throw new OciError('invalid-reference', 'containerize: name a target, such as registry.example.com/team/app:1.0.');
}
