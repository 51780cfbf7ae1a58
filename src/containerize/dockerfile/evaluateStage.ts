import type { Io } from '../../content/store.ts';
import { isOciError } from '../../errors.ts';
import { globalArgs } from './buildArgs.ts';
import type { Complaints } from './complaints.ts';
import type { Dockerfile, Stage, Step } from './dockerfile.ts';
import { type Evaluation, evaluateStep } from './evaluateStep.ts';
import { readDockerfile } from './readDockerfile.ts';
import { Sources, type SourceOptions } from './sources.ts';
import { scratchBase, type StageBase } from './stageBase.ts';
import { type StageChain, stageChain, stageOf } from './stageChain.ts';
import { StageState } from './stageState.ts';

export interface StageOptions extends SourceOptions {
  /** The name or number of a stage. Default: the last. */
  readonly target?: string;
  readonly args: Readonly<Record<string, string>>;
  /** What there is to know of an image for a platform. */
  readonly base: (reference: string, platform: string, io: Io) => Promise<StageBase>;
}

/** What a stage comes to for one platform. */
export interface EvaluatedStage {
  /** A reference, or `scratch`. */
  readonly base: string;
  /** Of the base: what FROM names, else the one that was asked for. */
  readonly platform: string;
  readonly state: StageState;
}

/**
 * Evaluates a stage and those it builds on; other stages count nothing. Nothing is run: a RUN is a complaint.
 * Undefined where it could not even be begun; then there are complaints.
 */
export async function evaluateStage(
  dockerfile: Dockerfile,
  options: StageOptions,
  platform: string,
  complaints: Complaints,
  io: Io,
): Promise<EvaluatedStage | undefined> {
  const start = { line: 1, column: 1 };
  const last = await complaints.attempt(start, () => stageOf(dockerfile, options.target));
  if (last === undefined) return undefined;
  const target = last.name ?? `stage-${last.index}`;
  const args = await globalArgs(dockerfile, { args: options.args, platform, target }, complaints);
  const chain = await stageChain(dockerfile, last, args, complaints);
  if (chain === undefined) return undefined;
  const base = await baseOf(chain, options, platform, io);
  const state = new StageState(base, dockerfile.escape);
  const sources = new Sources(dockerfile, options, io);
  for (const [at, stage] of chain.stages.entries()) {
    state.isCmdOfStage = false;
    const evaluation = { state, sources, globalArgs: args, args: options.args, index: stage.index };
    if (at === 0) await evaluateAll(triggers(base, stage, complaints), evaluation, complaints, io);
    await evaluateAll(stage.steps, evaluation, complaints, io);
  }
  return { base: chain.base, platform: chain.platform ?? platform, state };
}

async function baseOf(
  { base, platform: own }: StageChain,
  options: StageOptions,
  platform: string,
  io: Io,
): Promise<StageBase> {
  return base === 'scratch' ? scratchBase : options.base(base, own ?? platform, io);
}

async function evaluateAll(
  steps: readonly Step[],
  evaluation: Evaluation,
  complaints: Complaints,
  io: Io,
): Promise<void> {
  for (const step of steps) {
    io.signal.throwIfAborted();
    try {
      await evaluateStep(step, evaluation, io);
    } catch (error) {
      complaints.addFailure(step.place, error);
    }
  }
}

/** What the base asks to be done first (ONBUILD), with the place of the FROM that names it. */
function triggers({ onBuild }: StageBase, { place }: Stage, complaints: Complaints): readonly Step[] {
  try {
    const text = ['FROM scratch', ...onBuild].join('\n');
    const steps = onBuild.length === 0 ? [] : (readDockerfile(text, 'ONBUILD').stages[0]?.steps ?? []);
    return steps.map((step) => ({ ...step, place }));
  } catch (error) {
    if (!isOciError(error, 'invalid-spec')) throw error;
    complaints.add(place, `the base asks for instructions (ONBUILD) that are not right: ${error.message}`);
    return [];
  }
}
