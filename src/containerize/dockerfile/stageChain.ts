import { parsePlatform } from '../../oci/platform.ts';
import { type Complaints, quoted, wrong } from './complaints.ts';
import type { Dockerfile, Stage } from './dockerfile.ts';
import { expandWord } from './expand.ts';
import { WordBudget } from './wordBudget.ts';

/** A stage and the earlier stages it builds on, down to an image. */
export interface StageChain {
  /** A reference, or `scratch`. */
  readonly base: string;
  /** Of the base, where FROM names one. */
  readonly platform?: string;
  /** The lowest first. */
  readonly stages: readonly Stage[];
}

/** The stage of a name or number; without one, the last. @throws OciError invalid-spec where there is none */
export function stageOf({ stages }: Dockerfile, target: string | undefined): Stage {
  const named = target?.toLowerCase();
  const found =
    named === undefined
      ? stages.at(-1)
      : (stages.findLast(({ name }) => name === named) ??
        (/^\d{1,5}$/.test(named) ? stages[Number(named)] : undefined));
  if (found !== undefined) return found;
  const names = stages.flatMap(({ name }) => (name === undefined ? [] : [name])).slice(0, 20);
  throw wrong(`there is no stage ${quoted(target ?? '')}: the stages are ${names.join(', ') || 'without names'}.`);
}

/** Follows FROM from a stage to the image at the bottom; undefined, and a complaint, where one is not right. */
export async function stageChain(
  dockerfile: Dockerfile,
  last: Stage,
  args: ReadonlyMap<string, string>,
  complaints: Complaints,
): Promise<StageChain | undefined> {
  const stages: Stage[] = [];
  const { escape } = dockerfile;
  const options = { variable: (name: string) => args.get(name), escape, budget: new WordBudget() };
  for (let stage = last; ;) {
    stages.unshift(stage);
    const { index, place } = stage;
    const base = await complaints.attempt(place, () => baseOf(stage.base, expandWord(stage.base, options)));
    if (base === undefined) return undefined;
    const below = dockerfile.stages.findLast((one) => one.index < index && one.name === base.toLowerCase());
    if (below !== undefined) {
      stage = below;
      continue;
    }
    const written = stage.platform;
    if (written === undefined) return { base, stages };
    const platform = await complaints.attempt(place, () => platformOf(expandWord(written, options)));
    return platform === undefined ? undefined : { base, platform, stages };
  }
}

function baseOf(written: string, base: string): string {
  if (base !== '') return base;
  throw wrong(
    `FROM ${quoted(written)} comes to nothing: give the ARG a value before the first FROM, or as a build argument.`,
  );
}

function platformOf(platform: string): string {
  try {
    parsePlatform(platform);
    return platform;
  } catch {
    throw wrong(`${quoted(platform)} is no platform: write os/architecture, such as linux/arm64.`);
  }
}
