import { type CancellationToken, type Disposable, FileSystemError, Uri, workspace } from 'vscode';
import { visibleName } from '../browse/pathNames.ts';
import { scheme as fileScheme } from './fileUris.ts';

/** Texts under addresses that are equal for both sides but for their query: an editor of many files takes others for renamed. */
const scheme = 'gantry-compared';

/** Such an address of a file of an image: its path in the image, and in the query where it is. */
export function comparedUri(file: Uri, path: string): Uri {
  return Uri.from({ scheme, path: visibleName(path.startsWith('/') ? path : `/${path}`), query: file.toString() });
}

/** Lets editors read what stands at these addresses. */
export function registerComparedTexts(): Disposable {
  return workspace.registerTextDocumentContentProvider(scheme, { provideTextDocumentContent: textAt });
}

async function textAt(uri: Uri, token: CancellationToken): Promise<string | undefined> {
  const file = Uri.parse(uri.query, true);
  if (file.scheme !== fileScheme) throw FileSystemError.FileNotFound(uri);
  const bytes = await workspace.fs.readFile(file);
  return token.isCancellationRequested ? undefined : Buffer.from(bytes).toString('utf8');
}
