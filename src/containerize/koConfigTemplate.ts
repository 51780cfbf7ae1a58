import { SpecError } from '../errors.ts';
import { escapeText } from '../oci/reference.ts';
import type { KoText } from './koConfig.ts';
import type { GitFacts } from './spec/gitFacts.ts';

/** What stands for the variables of a template in a .ko.yaml. */
export interface TemplateValues {
  /** The environment of the build. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** What is known of `go env`. */
  readonly goEnv: Readonly<Record<string, string | undefined>>;
  /** Of the build, seconds since 1970. */
  readonly seconds: number;
  readonly git: GitFacts;
}

/** Digits of a short commit, as git gives them where they are enough. */
const shortDigits = 7;

/** True for a text with a template in it. */
export function isTemplate(text: string): boolean {
  return text.includes('{{');
}

/** The names of the environment variables that stand in a text as `{{.Env.NAME}}`. */
export function environmentIn(text: string): readonly string[] {
  return [...text.matchAll(/\{\{\s{0,100}\.Env\.(\w{1,200})\s{0,100}\}\}/g)].map(([, name = '']) => name);
}

/**
 * A text with its variables replaced: `{{.Env.VERSION}}`, `{{ .Git.ShortCommit }}`. Go's templates can do more; what is no
 * plain variable is refused.
 * @throws SpecError naming the template
 */
export function expandTemplate({ text, line, column }: KoText, values: TemplateValues, file: string): string {
  const refuse = (action: string, reason: string): never => {
    const problem = `${escapeText(action)}: ${reason}`;
    throw new SpecError(`${escapeText(file)}, line ${line}: ${problem}.`, [{ file, line, column, text: problem }]);
  };
  let expanded = '';
  let at = 0;
  for (let start = text.indexOf('{{'); start >= 0; start = text.indexOf('{{', at)) {
    const end = text.indexOf('}}', start);
    if (end < 0) return refuse(text.slice(start), 'it has no }} at its end');
    const action = text.slice(start, end + 2);
    const [, name] = /^\{\{\s*\.([A-Za-z]+(?:\.\w+)?)\s*\}\}$/.exec(action) ?? [];
    if (name === undefined) return refuse(action, 'only variables such as {{.Env.VERSION}} can be used here');
    const value = valueOf(name, values);
    if (value === undefined) return refuse(action, reasonFor(name, values.git));
    expanded += text.slice(at, start) + value;
    at = end + 2;
  }
  return expanded + text.slice(at);
}

function valueOf(name: string, { env, goEnv, seconds, git }: TemplateValues): string | undefined {
  if (name === 'Date') return rfc3339(seconds);
  if (name === 'Timestamp') return String(seconds);
  const [group, member = ''] = name.split('.', 2);
  if (group === 'Env') return own(env, member) ?? (member === 'LDFLAGS' ? '' : undefined);
  if (group === 'GoEnv') return own(goEnv, member);
  return group === 'Git' ? gitValue(member, git) : undefined;
}

function gitValue(member: string, git: GitFacts): string | undefined {
  const { commit, branch, tags, commitTimestamp: seconds, isDirty } = git;
  if (commit === undefined) return undefined;
  switch (member) {
    case 'FullCommit':
      return commit;
    case 'ShortCommit':
      return commit.slice(0, shortDigits);
    case 'Branch':
      return branch ?? 'HEAD';
    case 'Tag':
      return tags?.at(-1);
    case 'CommitTimestamp':
      return seconds === undefined ? undefined : String(seconds);
    case 'CommitDate':
      return seconds === undefined ? undefined : rfc3339(seconds);
    case 'IsDirty':
      return isDirty === undefined ? undefined : String(isDirty);
    case 'IsClean':
      return isDirty === undefined ? undefined : String(!isDirty);
    case 'TreeState':
      return isDirty === undefined ? undefined : isDirty ? 'dirty' : 'clean';
    default:
      return undefined;
  }
}

function reasonFor(name: string, git: GitFacts): string {
  const [group, member = ''] = name.split('.', 2);
  if (group === 'Env') return `the environment variable ${member} is not set. Set it, or write it into env`;
  if (group === 'GoEnv')
    return 'of the variables of go env only those of the target and the environment are known here';
  if (group !== 'Git') return 'there is no such variable';
  if (git.commit === undefined) return `there is no commit to tell of: ${git.problem ?? 'git is not known here'}`;
  return `${member} is not known here. Use another variable, or an environment variable`;
}

function own(record: Readonly<Record<string, string | undefined>>, name: string): string | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}

function rfc3339(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace(/\.\d+Z$/, 'Z');
}
