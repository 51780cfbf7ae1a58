import type { BinaryDescription, PreflightCode, PreflightResult } from '../api.ts';
import { escapeText } from '../oci/reference.ts';
import type { BaseFiles } from './preflight/baseFiles.ts';

/** So many libraries are named. */
const maxNames = 4;

/** Why a base suits a program, or does not: a sentence. */
export function reasonOf(
  binary: BinaryDescription,
  { verdict, reasons }: Pick<PreflightResult, 'verdict' | 'reasons'>,
  base: BaseFiles,
): string {
  const [first] = reasons;
  if (verdict !== 'runs' && first !== undefined) return first.text;
  const codes = reasons.map(({ code }) => code);
  const needed = neededOf(binary);
  return needed === undefined ? ofStatic(base) : `It has ${listOf([needed, ...had(codes)])}${lacking(codes)}.`;
}

/** What the program finds in the base; undefined where it needs nothing. */
function neededOf({ format, elf, script, java, dotnet }: BinaryDescription): string | undefined {
  if (format === 'script') return `${escapeText(script?.command ?? script?.interpreter ?? '')}, which runs the script`;
  if (format === 'jar') return java?.release === null ? 'a Java' : `a Java for release ${java?.release ?? 0}`;
  if (format === 'dotnet') return `a runtime for ${escapeText(dotnet?.framework ?? '')}`;
  if (elf?.linkage !== 'dynamic') return undefined;
  const names = elf.needed.slice(0, maxNames).map((name) => escapeText(name));
  const more = elf.needed.length - names.length;
  const all = more > 0 ? [...names, `${more} more`] : names;
  return names.length === 0 ? "the program's loader" : `the program's libraries (${all.join(', ')})`;
}

/** Its layers were not read: only what scratch lacks, and what a config names, is known. */
function ofStatic(base: BaseFiles): string {
  const isScratch = base.config === undefined;
  const more = isScratch ? '; it has no certificates and no time zones' : '';
  const named = base.variable('SSL_CERT_FILE') === undefined ? '' : '; its config names certificates';
  return `The program is static and needs nothing of it${more}${named}.`;
}

const conveniences: readonly (readonly [missing: PreflightCode, name: string])[] = [
  ['no-ca-certificates', 'certificates'],
  ['no-time-zones', 'time zones'],
];

function had(codes: readonly PreflightCode[]): readonly string[] {
  return conveniences.filter(([missing]) => !codes.includes(missing)).map(([, name]) => name);
}

function lacking(codes: readonly PreflightCode[]): string {
  const names = conveniences.filter(([missing]) => codes.includes(missing)).map(([, name]) => `no ${name}`);
  return names.length === 0 ? '' : `, but ${listOf(names)}`;
}

function listOf(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1) ?? ''}`;
}
