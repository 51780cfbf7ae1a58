import type { ConfigChanges } from '../../api.ts';
import { sourceAnnotations, type GitSource } from '../../containerize/annotations.ts';
import type { BlueprintLayer } from '../../containerize/packBlueprint.ts';
import type { Io } from '../../content/store.ts';
import { OciError } from '../../errors.ts';
import { type AppendPlan, planAppend } from '../../operations/appendPlan.ts';
import type { Choices } from './choices.ts';
import type { ChosenBase } from './chooseBase.ts';
import type { Prepared } from './prepared.ts';
import { fits, type WantedPlatforms } from './wantedPlatforms.ts';

export interface Planning {
  readonly base: ChosenBase;
  readonly layers: readonly BlueprintLayer[];
  readonly wanted: WantedPlatforms;
  readonly config: ConfigChanges;
  readonly annotations: Readonly<Record<string, string>>;
  readonly epoch: number;
}

/** Derives the image. @throws OciError as `planAppend`, content-mismatch where it is not the one that was agreed to */
export async function planImage(
  { base: { image, reader, reference }, layers, wanted: { platforms }, config, annotations, epoch }: Planning,
  { digest }: Choices,
  io: Io,
): Promise<AppendPlan> {
  if (layers.length === 0 && Object.keys(config).length === 0) {
    throw new OciError(
      'invalid-reference',
      'There is nothing to put into the image: no file, and no change of config.',
    );
  }
  const plan = await planAppend(
    image?.store ?? 'scratch',
    image?.identifier ?? '',
    {
      layers: (platform) => layers.filter((layer) => fits(layer.platform, platform)).map(({ packed }) => packed),
      config,
      epoch,
      annotations,
      ...(reader === undefined ? {} : { reader }),
      ...(platforms === undefined ? {} : { platforms }),
      ...(image === undefined || image.digest !== undefined ? {} : { baseName: reference }),
    },
    io,
  );
  if (digest === undefined || digest === plan.descriptor.digest) return plan;
  throw new OciError(
    'content-mismatch',
    'What goes into the image, or its base, has changed since the plan was made. Nothing was written: look at the new plan.',
  );
}

/** The annotations of the new manifests beside those that name the base; what the caller says counts most. */
export function annotationsOf(
  { blueprint }: Prepared,
  choices: Choices,
  git: GitSource,
  created: string,
): Readonly<Record<string, string>> {
  return { ...sourceAnnotations({ git, created }), ...blueprint.annotations, ...choices.annotations };
}
