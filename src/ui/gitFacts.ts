import { extensions, Uri } from 'vscode';
import type { GitFacts } from '../containerize/spec/gitFacts.ts';
import { isObject } from '../oci/json.ts';

interface Repository {
  readonly rootUri: Uri;
  readonly state: {
    readonly HEAD?: { readonly commit?: string; readonly name?: string };
    readonly workingTreeChanges: readonly unknown[];
    readonly indexChanges: readonly unknown[];
  };
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
  const state = repositoryOf(Uri.file(folder))?.state;
  const commit = state?.HEAD?.commit;
  if (state === undefined || commit === undefined) return {};
  return { commit, isDirty: state.workingTreeChanges.length + state.indexChanges.length > 0 };
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
