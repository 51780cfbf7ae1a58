import type { Run } from './run.ts';

/** One scenario: the median of each contender that took part. */
export interface Result {
  readonly title: string;
  readonly runs: ReadonlyMap<string, Run>;
}

const MiB = 1 << 20;
const limits = { ratio: 1, delay: 20, memory: 64 * MiB } as const;
const peers = ['crane', 'skopeo', 'oras'] as const;

/** Each figure's own median: a slow run need not be the one with the most memory. */
export function median(runs: readonly Run[]): Run {
  const memory = middle(runs.map((run) => run.memory));
  const delay = middle(runs.map((run) => run.delay));
  return {
    milliseconds: middle(runs.map((run) => run.milliseconds)) ?? Number.NaN,
    ...(memory === undefined ? {} : { memory }),
    ...(delay === undefined ? {} : { delay }),
  };
}

/** The results as text, with Gantry's time divided by each peer's. */
export function tableOf(results: readonly Result[]): string {
  const head = ['', 'gantry', ...peers.map((name) => `${name} (ratio)`), 'growth', 'delay p95', 'peers’ memory'];
  const rows = results.map((result) => {
    const ours = result.runs.get('gantry');
    const times = peers.map((name) => timeAndRatio(ours, result.runs.get(name)));
    const memory = peers.map((name) => mebibytes(result.runs.get(name)?.memory)).join(' / ');
    return [result.title, seconds(ours), ...times, mebibytes(ours?.memory), milliseconds(ours?.delay), memory];
  });
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column]?.length ?? 0)));
  return [head, ...rows]
    .map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '))
    .join('\n');
}

/** What is not as fast, small or smooth as it should be. */
export function missedTargets(results: readonly Result[]): readonly string[] {
  return results.flatMap(({ title, runs }) => {
    const [ours, crane] = [runs.get('gantry'), runs.get('crane')];
    if (ours === undefined) return [`${title}: Gantry did not run`];
    const missed: string[] = [];
    const ratio = crane === undefined ? 0 : ours.milliseconds / crane.milliseconds;
    if (ratio > limits.ratio)
      missed.push(`${title}: ${ratio.toFixed(2)} times crane's time, not ${limits.ratio} or less`);
    if ((ours.delay ?? 0) > limits.delay)
      missed.push(`${title}: event-loop delay p95 ${milliseconds(ours.delay)}, not 20 ms or less`);
    if ((ours.memory ?? 0) > limits.memory)
      missed.push(`${title}: memory grew ${mebibytes(ours.memory)}, not 64 MiB or less`);
    return missed;
  });
}

function middle(values: readonly (number | undefined)[]): number | undefined {
  const sorted = values.filter((value) => value !== undefined).sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

function timeAndRatio(ours: Run | undefined, theirs: Run | undefined): string {
  if (ours === undefined || theirs === undefined) return '–';
  return `${seconds(theirs)} (${(ours.milliseconds / theirs.milliseconds).toFixed(2)})`;
}

function seconds(run: Run | undefined): string {
  return run === undefined ? '–' : `${(run.milliseconds / 1000).toFixed(2)} s`;
}

function milliseconds(value: number | undefined): string {
  return value === undefined ? '–' : `${value.toFixed(1)} ms`;
}

function mebibytes(value: number | undefined): string {
  return value === undefined ? '–' : `${(value / MiB).toFixed(0)} MiB`;
}
