import type { CopyStep, Dockerfile } from './dockerfile.ts';
import { expandWord } from './expand.ts';
import { stageOf } from './stageChain.ts';

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
 * the arguments.
 * @throws OciError invalid-spec where there is no such stage
 */
export function stagesNeeded(dockerfile: Dockerfile, options: StagesNeededOptions = {}): readonly StageNeeded[] {
  const copies = chainOf(dockerfile, options).flatMap(({ steps }) => steps.filter(isCopyFrom));
  const needed = new Map<string, { readonly name: string; readonly line: number; readonly paths: string[] }>();
  for (const { from, place, sources } of copies) {
    const key = from.toLowerCase();
    const one = needed.get(key) ?? { name: from, line: place.line, paths: [] };
    one.paths.push(...sources.map(({ text }) => text).filter((text) => !one.paths.includes(text)));
    needed.set(key, one);
  }
  return [...needed.values()];
}

function isCopyFrom(step: { readonly kind: string }): step is CopyStep & { readonly from: string } {
  return step.kind === 'copy' && 'from' in step;
}

function chainOf(dockerfile: Dockerfile, { target, args = {} }: StagesNeededOptions): Dockerfile['stages'] {
  const values = new Map(Object.entries(args));
  for (const arg of dockerfile.args.flatMap((step) => (step.kind === 'arg' ? step.args : []))) {
    if (!values.has(arg.name)) values.set(arg.name, expanded(arg.default ?? '', values, dockerfile.escape));
  }
  const stages = [stageOf(dockerfile, target)];
  for (let [top] = stages; top !== undefined;) {
    const { index } = top;
    const base = expanded(top.base, values, dockerfile.escape).toLowerCase();
    top = dockerfile.stages.findLast((one) => one.index < index && one.name === base);
    if (top !== undefined) stages.unshift(top);
  }
  return stages;
}

/** What cannot be expanded is complained of where it is evaluated. */
function expanded(text: string, values: ReadonlyMap<string, string>, escape: string): string {
  try {
    return expandWord(text, { variable: (name) => values.get(name), escape });
  } catch {
    return text;
  }
}
