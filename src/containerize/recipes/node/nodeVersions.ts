import type { Io } from '../../../content/store.ts';
import { readableText } from '../folder/onDisk.ts';
import type { ProjectFolder } from '../projectFolder.ts';
import type { PackageJson } from './packageJson.ts';

/** Majors with long-term support that have images, the one that suits most first. */
const majors = [22, 24, 20] as const;
const usual = majors[0];
const maxLength = 500;

/** The major version of Node for a package: by .nvmrc or .node-version, else by `engines.node`, else the usual one. */
export async function nodeMajor(folder: ProjectFolder, json: PackageJson, io: Io): Promise<number> {
  for (const file of ['.nvmrc', '.node-version']) {
    const [line = ''] = ((await readableText(folder, file, io)) ?? '').slice(0, 100).split('\n', 1);
    const found = /^v?(\d{1,3})(?:\.\d+){0,2}$/.exec(line.trim())?.[1];
    if (found !== undefined) return Number(found);
  }
  return majorFor(json.node ?? '*');
}

/** The first of the majors with long-term support that a range allows in its latest release; the usual one where the range is not understood. */
export function majorFor(range: string): number {
  if (range.length > maxLength) return usual;
  const alternatives = range.split('||').map(bounds);
  if (alternatives.some((one) => one === undefined)) return usual;
  const fits = (major: number): boolean =>
    alternatives.some((one) => one !== undefined && one.from <= major && major <= one.to);
  return majors.find(fits) ?? pinned(alternatives) ?? usual;
}

/** Majors, both ends included. */
interface Majors {
  readonly from: number;
  readonly to: number;
}

const operator =
  /^(>=|<=|>|<|=|\^|~)?\s*v?(\d{1,4}|[xX*])(?:\.(\d{1,6}|[xX*]))?(?:\.(\d{1,6}|[xX*]))?(?:-[\w.-]{1,60})?$/;

function bounds(text: string): Majors | undefined {
  const hyphen = /^\s*(\S+)\s+-\s+(\S+)\s*$/.exec(text);
  const parts =
    hyphen === null
      ? text
          .trim()
          .replace(/([<>=^~])\s+/g, '$1')
          .split(/\s+/)
      : [`>=${hyphen[1] ?? ''}`, `<=${hyphen[2] ?? ''}`];
  let all: Majors = { from: 0, to: Infinity };
  for (const part of parts) {
    const one = part === '' ? all : comparator(part);
    if (one === undefined) return undefined;
    all = { from: Math.max(all.from, one.from), to: Math.min(all.to, one.to) };
  }
  return all;
}

function comparator(part: string): Majors | undefined {
  const [, sign = '', first = '', minor = '0', patch = '0'] = operator.exec(part) ?? [];
  if (first === '') return undefined;
  if (!/^\d/.test(first)) return { from: 0, to: Infinity };
  const major = Number(first);
  if (sign === '>=') return { from: major, to: Infinity };
  // The latest release of a major is above everything that has a minor; `>20` alone means above all of 20.
  if (sign === '>') return { from: /^>\s*v?\d+$/.test(part) ? major + 1 : major, to: Infinity };
  if (sign === '<=') return { from: 0, to: major };
  const isWhole = !/[1-9]/.test(minor) && !/[1-9]/.test(patch);
  if (sign === '<') return { from: 0, to: isWhole ? major - 1 : major };
  return { from: major, to: major };
}

/** For what no such major fits: the last one that is allowed, else the first that has long-term support. */
function pinned(alternatives: readonly (Majors | undefined)[]): number | undefined {
  const ends = alternatives.flatMap((one) => (one !== undefined && one.from <= one.to ? [one] : []));
  const end = Math.max(...ends.map(({ from, to }) => (to === Infinity ? from + (from % 2) : to)));
  return Number.isFinite(end) ? end : undefined;
}
