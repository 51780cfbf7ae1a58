import { FileType, Uri, workspace } from 'vscode';
import type { AnalysisRules } from '../api.ts';
import { parseDiveCi } from '../operations/diveCi.ts';

const maxBytes = 64 << 10;

/** The rules of the first workspace folder's `.dive-ci`; undefined where there is none. @throws OciError invalid-reference */
export async function workspaceRules(): Promise<AnalysisRules | undefined> {
  const folder = workspace.workspaceFolders?.find(({ uri }) => uri.scheme === 'file');
  if (folder === undefined) return undefined;
  const file = Uri.joinPath(folder.uri, '.dive-ci');
  try {
    const { type, size } = await workspace.fs.stat(file);
    if (type !== FileType.File || size > maxBytes) return undefined;
  } catch {
    return undefined;
  }
  return parseDiveCi(Buffer.from(await workspace.fs.readFile(file)).toString('utf8'));
}
