import { parsePlatform } from '../../oci/platform.ts';
import type { GitFacts } from './gitFacts.ts';
import { parseTemplate, type TemplatePart } from './template.ts';

/** What variables stand for. */
export interface VariableValues {
  readonly git: GitFacts;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Of `${var.NAME}`. */
  readonly args: Readonly<Record<string, string>>;
  readonly folderName: string;
  /** Such as `linux/arm64`. Absent: `${platform.…}` has no value here. */
  readonly platform?: string;
}

/** A text with its variables filled in, or what is wrong with it. Both absent: its variables have no values yet. */
export interface Expanded {
  readonly text?: string;
  readonly problem?: string;
}

/** Fills in a text. `usesPlatform`: the text may differ between platforms. */
export type Expander = (text: string, place: { readonly usesPlatform: boolean }) => Expanded;

/** Checks variables without their values: what has one stays open. */
export const checkVariables: Expander = (text, { usesPlatform }) => {
  const parts = partsOf(text, usesPlatform);
  if (!Array.isArray(parts)) return { problem: parts };
  return parts.every(({ kind }) => kind === 'text') ? { text: joined(parts) } : {};
};

/** Fills in variables. What has no value and no fallback is a problem; no problem shows a value. */
export function expandWith(values: VariableValues): Expander {
  return (text, { usesPlatform }) => {
    const parts = partsOf(text, usesPlatform);
    if (!Array.isArray(parts)) return { problem: parts };
    const pieces = parts.map((part) => (part.kind === 'text' ? { text: part.text } : valueOf(part, values)));
    const problem = pieces.find((piece) => piece.problem !== undefined);
    return problem ?? { text: pieces.map((piece) => piece.text ?? '').join('') };
  };
}

/** The names of the variables in a text; none where it cannot be read. */
export function variablesIn(text: string): readonly string[] {
  const parts = parseTemplate(text);
  return typeof parts === 'string' ? [] : parts.flatMap((part) => (part.kind === 'variable' ? [part.name] : []));
}

function partsOf(text: string, usesPlatform: boolean): TemplatePart[] | string {
  const parts = parseTemplate(text);
  if (typeof parts === 'string') return parts;
  const misplaced = parts.find((part) => part.kind === 'variable' && part.name.startsWith('platform.'));
  if (misplaced !== undefined && !usesPlatform) {
    return 'variables of the platform stand only in from and to of files: the rest is the same on all platforms';
  }
  return [...parts];
}

function joined(parts: readonly TemplatePart[]): string {
  return parts.map((part) => (part.kind === 'text' ? part.text : '')).join('');
}

function valueOf({ name, fallback }: Extract<TemplatePart, { kind: 'variable' }>, values: VariableValues): Expanded {
  const text = lookUp(name, values);
  if (text !== undefined) return { text };
  return fallback === undefined ? { problem: missing(name, values) } : { text: fallback };
}

function lookUp(name: string, values: VariableValues): string | undefined {
  const { git, env, args } = values;
  const dot = name.indexOf('.');
  const member = name.slice(dot + 1);
  switch (name.slice(0, dot)) {
    case 'env':
      return Object.hasOwn(env, member) ? env[member] : undefined;
    case 'var':
      return Object.hasOwn(args, member) ? args[member] : undefined;
    case 'folder':
      return values.folderName;
    case 'platform':
      return platformPart(member, values.platform);
    default:
      return gitFact(member, git);
  }
}

function gitFact(member: string, git: GitFacts): string | undefined {
  switch (member) {
    case 'commit':
      return git.commit;
    case 'shortCommit':
      return git.commit?.slice(0, 12);
    case 'branch':
      return git.branch;
    case 'tag':
      return git.tags?.at(-1);
    case 'commitTimestamp':
      return git.commitTimestamp === undefined ? undefined : String(git.commitTimestamp);
    default:
      return git.isDirty === undefined ? undefined : String(git.isDirty);
  }
}

function platformPart(member: string, platform: string | undefined): string | undefined {
  if (platform === undefined) return undefined;
  const { os, architecture, variant } = parsePlatform(platform);
  return member === 'os' ? os : member === 'arch' ? architecture : (variant ?? '');
}

function missing(name: string, { git }: VariableValues): string {
  const written = `\${${name}}`;
  const rather = `or write \${${name}:-…} with what stands for it`;
  if (name.startsWith('env.')) return `${written} has no value: set it in the environment, ${rather}`;
  if (name.startsWith('var.')) return `${written} has no value: give it in args, ${rather}`;
  if (name === 'git.tag' && git.tags !== undefined)
    return `${written} has no value: no tag names the commit. Tag it, ${rather}`;
  if (name === 'git.branch' && git.commit !== undefined) {
    return `${written} has no value: no branch is checked out, only a commit. Check one out, ${rather}`;
  }
  if (git.commit === undefined)
    return `${written} has no value: ${git.problem ?? 'there is no commit'}; commit, ${rather}`;
  return `${written} has no value: it cannot be told from the files in .git alone, ${rather}`;
}
