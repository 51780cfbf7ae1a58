import { existsSync, readFileSync, writeFileSync } from 'node:fs';

/** What one run of tests came to. */
export interface Counts {
  readonly passed: number;
  readonly failed: number;
  /** The title of each test that could not run here, with the reason. */
  readonly skipped: readonly string[];
}

/** A run that could not be made, counted as one skipped test. */
export function skippedRun(title: string, reason: string): Counts {
  return { passed: 0, failed: 0, skipped: [`${title} [skipped: ${reason}]`] };
}

/** A run that broke, counted as one failed test. */
export const brokenRun: Counts = { passed: 0, failed: 1, skipped: [] };

/** The sum of several runs. */
export function addCounts(...all: readonly Counts[]): Counts {
  return {
    passed: all.reduce((sum, counts) => sum + counts.passed, 0),
    failed: all.reduce((sum, counts) => sum + counts.failed, 0),
    skipped: all.flatMap((counts) => counts.skipped),
  };
}

/** The last line of `npm test`. */
export function countsLine({ passed, failed, skipped }: Counts): string {
  return `${passed} passed, ${failed} failed, ${skipped.length} skipped`;
}

/** Leaves the counts of a run for the program that started it. */
export function writeCounts(file: string, counts: Counts): void {
  writeFileSync(file, JSON.stringify(counts));
}

/**
 * The counts a finished run left. A run that left none, that ran nothing, or that failed though no test of it did, has one
 * failure more: a crash is never a pass.
 */
export function readCounts(file: string, exitCode: number): Counts {
  if (!existsSync(file)) return brokenRun;
  const counts = JSON.parse(readFileSync(file, 'utf8')) as Counts;
  const ran = counts.passed + counts.failed + counts.skipped.length;
  return counts.failed === 0 && (exitCode !== 0 || ran === 0) ? addCounts(counts, brokenRun) : counts;
}
