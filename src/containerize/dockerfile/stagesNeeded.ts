import type { CopyStep, Dockerfile } from './dockerfile.ts';
import { platformArgs } from './buildArgs.ts';
import { type ExpandOptions, expandWord } from './expand.ts';
import { stageOf } from './stageChain.ts';
import { WordBudget } from './wordBudget.ts';

/** A stage or image that the built stage copies from: a folder has to stand for it. */
export interface StageNeeded {
  /** As `--from` names it first. */
  readonly name: string;
  /** Of the first COPY from it, from 1. */
  readonly line: number;
  /** What is copied from it, as written. */
  readonly paths: readonly string[];
}

export interface StagesNeededOptions {
  /** The name or number of a stage. Default: the last. */
  readonly target?: string;
  readonly args?: Readonly<Record<string, string>>;
}

/**
 * What a stage and those it builds on copy from elsewhere, in the order of their lines. FROM is followed with the defaults of
 * the arguments, and with what a build for linux/amd64 predefines.
 * @throws OciError invalid-spec where there is no such stage
 */
export function stagesNeeded(dockerfile: Dockerfile, options: StagesNeededOptions = {}): readonly StageNeeded[] {
  const copies = chainOf(dockerfile, options).flatMap(({ steps }) => steps.filter(isCopyFrom));
  const needed = new Map<string, { readonly name: string; readonly line: number; readonly paths: Set<string> }>();
  for (const { from, place, sources } of copies) {
    const key = from.toLowerCase();
    const one = needed.get(key) ?? { name: from, line: place.line, paths: new Set() };
    for (const { text } of sources) one.paths.add(text);
    needed.set(key, one);
  }
  return Array.from(needed.values(), ({ paths, ...one }) => ({ ...one, paths: [...paths] }));
}

function isCopyFrom(step: { readonly kind: string }): step is CopyStep & { readonly from: string } {
  return step.kind === 'copy' && 'from' in step;
}

function chainOf(dockerfile: Dockerfile, { target, args = {} }: StagesNeededOptions): Dockerfile['stages'] {
  const last = stageOf(dockerfile, target);
  const values = new Map([
    ...platformArgs({ args, platform: 'linux/amd64', target: target ?? '' }),
    ...Object.entries(args),
  ]);
  const options = { variable: (name: string) => values.get(name), escape: dockerfile.escape, budget: new WordBudget() };
  for (const { name, default: fallback } of dockerfile.args.flatMap((step) => (step.kind === 'arg' ? step.args : []))) {
    if (!Object.hasOwn(args, name) && fallback !== undefined) values.set(name, expanded(fallback, options));
  }
  const stages = [last];
  for (let [top] = stages; top !== undefined;) {
    const { index } = top;
    const base = expanded(top.base, options).toLowerCase();
    top = dockerfile.stages.findLast((one) => one.index < index && one.name === base);
    if (top !== undefined) stages.unshift(top);
  }
  return stages;
}

/** What cannot be expanded is complained of where it is evaluated. */
function expanded(text: string, options: ExpandOptions): string {
  try {
    return expandWord(text, options);
  } catch {
    return text;
  }
}
