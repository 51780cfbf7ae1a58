import { extensions, Uri } from 'vscode';
import type { GitFacts } from '../containerize/spec/gitFacts.ts';
import { isObject } from '../oci/json.ts';

interface Repository {
  getCommit?(ref: string): Promise<{ readonly commitDate?: Date }>;
  readonly state: { readonly HEAD?: { readonly commit?: string } } & Changes;
}

/** What differs from the commit, as git's extension sorts it. */
interface Changes {
  readonly mergeChanges: readonly unknown[];
  readonly indexChanges: readonly unknown[];
  readonly workingTreeChanges: readonly unknown[];
  /** Where the settings keep them apart from the changes of the working tree. */
  readonly untrackedChanges?: readonly unknown[];
}

interface GitApi {
  getRepository(uri: Uri): Repository | null;
}

/** The commit of a folder, as VS Code's own git extension knows it; undefined where there is none, or it has not looked yet. */
export function headCommit(folder: Uri): string | undefined {
  return repositoryOf(folder)?.state.HEAD?.commit;
}

/** What the git extension knows of the commit of a folder; empty where it knows nothing. */
export async function editorGitFacts(folder: string): Promise<GitFacts> {
  const repository = repositoryOf(Uri.file(folder));
  const state = repository?.state;
  const commit = state?.HEAD?.commit;
  if (repository === undefined || state === undefined || commit === undefined) return {};
  const time = await commitTime(repository, commit);
  return { commit, isDirty: isDirty(state), ...(time === undefined ? {} : { commitTimestamp: time }) };
}

/** True where anything differs from the commit, be it in the middle of a merge or new. */
export function isDirty({ mergeChanges, indexChanges, workingTreeChanges, untrackedChanges = [] }: Changes): boolean {
  return [mergeChanges, indexChanges, workingTreeChanges, untrackedChanges].some(({ length }) => length > 0);
}

/** Seconds since 1970; undefined where git does not say. */
async function commitTime(repository: Repository, commit: string): Promise<number | undefined> {
  try {
    const date = (await repository.getCommit?.(commit))?.commitDate;
    return date instanceof Date ? Math.floor(date.getTime() / 1000) : undefined;
  } catch {
    return undefined;
  }
}

function repositoryOf(folder: Uri): Repository | undefined {
  const git = extensions.getExtension<unknown>('vscode.git');
  // It is not woken for this.
  if (git?.isActive !== true || !hasApi(git.exports)) return undefined;
  try {
    return git.exports.getAPI(1).getRepository(folder) ?? undefined;
  } catch {
    // Git is switched off in the settings.
    return undefined;
  }
}

function hasApi(value: unknown): value is { getAPI(version: 1): GitApi } {
  return isObject(value) && typeof value['getAPI'] === 'function';
}
