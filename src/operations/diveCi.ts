import type { AnalysisRules } from '../api.ts';
import { OciError } from '../errors.ts';
import { escapeText } from '../oci/reference.ts';
import { isRuleName, readRules, type RuleName, ruleNames } from './rules.ts';

/** dive's thresholds where its CI file does not say another. */
export const diveRules: AnalysisRules = {
  lowestEfficiency: '0.9',
  highestWastedBytes: 'disabled',
  highestUserWastedPercent: '0.1',
};

const maxLength = 64 << 10;
/** A key with the rest of its line. */
const keyLine = /^( *)(?:([A-Za-z]+)|"([A-Za-z]+)"|'([A-Za-z]+)')[ \t]*:(?:[ \t]+(.*))?$/;
/** A value: in double quotes without escapes, in single quotes, or plain. */
const valueForms = /^(?:"([^"\\]*)"|'([^']*)'|([\w.+,-]+(?: \w+)?|~)?)[ \t]*(?:(?<=^|[ \t])#.*)?$/;

interface Line {
  readonly number: number;
  readonly text: string;
}

/**
 * The rules of dive's CI file (`.dive-ci`): YAML, of which only the mapping `rules:` of the three rules is understood, with
 * comments and quotes. A rule that it does not name has dive's own threshold.
 * @throws OciError invalid-reference naming the line that is anything else
 */
export function parseDiveCi(text: string): AnalysisRules {
  if (text.length > maxLength)
    throw new OciError('invalid-reference', `the CI file is longer than ${maxLength} characters.`);
  const lines = text
    .replace(/^\ufeff/, '')
    .split(/\r\n|\n|\r/)
    .map((line, at) => ({ number: at + 1, text: line.trimEnd() }))
    .filter((line) => line.text !== '' && !/^[ \t]*#/.test(line.text));
  const [start, ...rest] = lines[0]?.text === '---' ? lines.slice(1) : lines;
  if (start !== undefined && !/^(?:rules|"rules"|'rules')[ \t]*:(?:[ \t]+#.*)?$/.test(start.text)) {
    throw wrong(start, 'the file must begin with "rules:"');
  }
  const rules = { ...diveRules, ...readLines(rest) };
  readRules(rules);
  return rules;
}

function readLines(lines: readonly Line[]): Readonly<Record<string, string>> {
  const indent = /^ */.exec(lines[0]?.text ?? '')?.[0].length ?? 0;
  const seen = new Set<string>();
  const found = new Map<RuleName, string>();
  for (const line of lines) {
    const { depth, name, value } = readLine(line);
    if (depth === 0 || depth !== indent) throw wrong(line, 'every rule must be indented by the same number of blanks');
    if (!isRuleName(name)) throw wrong(line, `there is no such rule; there are ${ruleNames.join(', ')}`);
    if (seen.has(name)) throw wrong(line, 'the rule is there twice');
    seen.add(name);
    if (value !== undefined) found.set(name, value);
  }
  return Object.fromEntries(found);
}

/** A line's name and value; the value is undefined for YAML's null, which leaves dive's default. */
function readLine(line: Line): { readonly depth: number; readonly name: string; readonly value: string | undefined } {
  const key = keyLine.exec(line.text);
  const value = key === null ? null : valueForms.exec(key[5] ?? '');
  if (key === null || value === null)
    throw wrong(line, 'it must be a rule and its value, such as "lowestEfficiency: 0.95"');
  const plain = value[3] === undefined || /^(?:~|null|Null|NULL)?$/.test(value[3]) ? undefined : value[3];
  return {
    depth: key[1]?.length ?? 0,
    name: key[2] ?? key[3] ?? key[4] ?? '',
    value: value[1] ?? value[2] ?? plain,
  };
}

function wrong({ number, text }: Line, how: string): OciError {
  return new OciError('invalid-reference', `the CI file, line ${number}, ${escapeText(text)}: ${how}.`);
}
