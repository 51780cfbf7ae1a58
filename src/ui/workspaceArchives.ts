import path from 'node:path';
import { CancellationTokenSource, Disposable, type Uri, workspace } from 'vscode';
import type { Io } from '../content/store.ts';

const tars = '**/*.{tar,tar.gz,tgz,tar.zst}';
const layoutFiles = '**/{oci-layout,index.json}';
const excluded = '**/{node_modules,.git}/**';
/** Most files of each kind that are asked for. */
const maxFound = 1000;
/** Milliseconds from a change to the view: builds write many files. */
const settled = 500;

/** The folders of layouts, and the tars, of the workspace; what they hold is not looked at. */
export async function archiveCandidates({ signal }: Io): Promise<readonly string[]> {
  const source = new CancellationTokenSource();
  const cancel = (): void => source.cancel();
  signal.addEventListener('abort', cancel, { once: true });
  try {
    const find = (pattern: string): Thenable<Uri[]> => workspace.findFiles(pattern, excluded, maxFound, source.token);
    const [layouts, files] = await Promise.all([find('**/oci-layout'), find(tars)]);
    signal.throwIfAborted();
    return [
      ...layouts.filter(isOnDisk).map(({ fsPath }) => path.dirname(fsPath)),
      ...files.filter(isOnDisk).map(pathOf),
    ];
  } finally {
    signal.removeEventListener('abort', cancel);
    source.dispose();
  }
}

/** True for a path in a folder of the workspace, or that folder itself. */
export function isInWorkspace(file: string): boolean {
  return (workspace.workspaceFolders ?? []).some(({ uri }) => {
    const relative = path.relative(uri.fsPath, file);
    return isOnDisk(uri) && relative.split(path.sep)[0] !== '..' && !path.isAbsolute(relative);
  });
}

/** Calls back with the paths of tars and layouts of the workspace that came, went or changed, a moment after. */
export function watchArchives(changed: (paths: readonly string[]) => void): Disposable {
  const paths = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  const note = (uri: Uri): void => {
    if (!isOnDisk(uri)) return;
    const { fsPath } = uri;
    paths.add(/[\\/](?:oci-layout|index\.json)$/.test(fsPath) ? path.dirname(fsPath) : fsPath);
    timer ??= setTimeout(() => {
      timer = undefined;
      const all = [...paths];
      paths.clear();
      changed(all);
    }, settled);
  };
  const watchers = [tars, layoutFiles].map((pattern) => workspace.createFileSystemWatcher(pattern));
  const listening = watchers.flatMap((one) => [one.onDidCreate(note), one.onDidChange(note), one.onDidDelete(note)]);
  return Disposable.from(...watchers, ...listening, new Disposable(() => clearTimeout(timer)));
}

function isOnDisk({ scheme }: Uri): boolean {
  return scheme === 'file';
}

function pathOf({ fsPath }: Uri): string {
  return fsPath;
}
