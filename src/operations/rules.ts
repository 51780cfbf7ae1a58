import type { AnalyzeImageResult, RuleResult } from '../api.ts';
import { OciError } from '../errors.ts';
import { isObject } from '../oci/json.ts';
import { escapeText } from '../oci/reference.ts';

/** The names of dive's rules, in the order in which results have them. */
export const ruleNames = ['highestUserWastedPercent', 'highestWastedBytes', 'lowestEfficiency'] as const;

export type RuleName = (typeof ruleNames)[number];

/** A rule that is on: its threshold as a number. */
export interface Threshold {
  readonly rule: RuleName;
  readonly threshold: number;
}

const disabled = new Set(['', 'disabled', 'off', 'false']);
const decimal = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
/** Units as dive's CI file has them (go-humanize), in lower case. */
const units: ReadonlyMap<string, number> = new Map([
  ['', 1],
  ['b', 1],
  ...['k', 'm', 'g', 't', 'p', 'e'].flatMap((letter, at): [string, number][] => [
    [letter, 1000 ** (at + 1)],
    [`${letter}b`, 1000 ** (at + 1)],
    [`${letter}i`, 1024 ** (at + 1)],
    [`${letter}ib`, 1024 ** (at + 1)],
  ]),
]);

/**
 * The rules that are on. Absent ones and the values ``, `disabled`, `off` and `false` are off, as in dive.
 * @throws OciError invalid-reference for an unknown rule or a threshold that cannot be one
 */
export function readRules(rules: unknown): readonly Threshold[] {
  if (!isObject(rules)) throw new OciError('invalid-reference', 'the option rules must be an object of rules.');
  const unknown = Object.keys(rules).find((name) => !isRuleName(name));
  if (unknown !== undefined) {
    throw new OciError('invalid-reference', `there is no rule ${escapeText(unknown)}. Write ${listed(ruleNames)}.`);
  }
  return ruleNames.flatMap((rule) => {
    const threshold = thresholdOf(rule, rules[rule]);
    return threshold === undefined ? [] : [{ rule, threshold }];
  });
}

export function isRuleName(name: string): name is RuleName {
  return ruleNames.some((known) => known === name);
}

/** How the image stands to each rule. The verdicts are dive's, those on an image without user layers included. */
export function checkRules(
  thresholds: readonly Threshold[],
  figures: Pick<AnalyzeImageResult, 'efficiency' | 'wastedBytes' | 'userSizeBytes'>,
): readonly RuleResult[] {
  const { efficiency, wastedBytes, userSizeBytes } = figures;
  // NaN where nothing is wasted of nothing, which is not above any threshold; and Infinity is above all.
  const wastedPart = wastedBytes / userSizeBytes;
  const checks: Readonly<Record<RuleName, { readonly value: number; readonly fails: (threshold: number) => boolean }>> =
    {
      lowestEfficiency: { value: efficiency, fails: (threshold) => threshold > efficiency },
      highestWastedBytes: { value: wastedBytes, fails: (threshold) => wastedBytes > threshold },
      highestUserWastedPercent: {
        value: wastedBytes / Math.max(1, userSizeBytes),
        fails: (threshold) => wastedPart > threshold,
      },
    };
  return thresholds.map(({ rule, threshold }) => {
    const { value, fails } = checks[rule];
    return { rule, passed: !fails(threshold), value, threshold };
  });
}

function thresholdOf(rule: RuleName, value: unknown): number | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string' && typeof value !== 'number') throw wrong(rule, 'it must be a number or text');
  const text = String(value).trim();
  if (disabled.has(text.toLowerCase())) return undefined;
  return rule === 'highestWastedBytes' ? parseBytes(rule, text) : parsePart(rule, text);
}

function parsePart(rule: RuleName, text: string): number {
  const part = decimal.test(text) ? Number(text) : NaN;
  if (part >= 0 && part <= 1) return part;
  throw wrong(rule, `${escapeText(text)} is no number from 0 to 1`);
}

function parseBytes(rule: RuleName, text: string): number {
  const match = /^([\d.,]+)\s*([a-z]*)$/.exec(text.toLowerCase());
  const unit = units.get(match?.[2] ?? 'none');
  const count = (match?.[1] ?? '').replaceAll(',', '');
  const bytes = unit !== undefined && decimal.test(count) ? Math.floor(Number(count) * unit) : NaN;
  if (bytes < 2 ** 64) return bytes;
  throw wrong(rule, `${escapeText(text)} is no number of bytes such as 1024, 20MB or 20MiB`);
}

function wrong(rule: RuleName, how: string): OciError {
  return new OciError('invalid-reference', `the rule ${rule}: ${how}. To leave it out, write "disabled".`);
}

function listed(names: readonly string[]): string {
  return `${names.slice(0, -1).join(', ')} or ${names.at(-1) ?? ''}`;
}
