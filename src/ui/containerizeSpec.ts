import path from 'node:path';
import { Uri, window, workspace } from 'vscode';
import type { ContainerizeOptions, ContainerizeResult } from '../api.ts';
import type { Shell } from './shell.ts';

/**
 * Writes what was chosen as a gantry.yaml where the person wants it, and opens it. False where it is not saved: the person gave
 * up, or was told why it cannot be.
 */
export async function saveSpec(shell: Shell, options: ContainerizeOptions, plan: ContainerizeResult): Promise<boolean> {
  const picked = await window.showSaveDialog({
    title: 'Save as Spec',
    saveLabel: 'Save',
    defaultUri: Uri.joinPath(folderFor(options), 'gantry.yaml'),
    filters: { Spec: ['yaml'] },
  });
  if (picked === undefined) return false;
  const inFolder = path.dirname(picked.fsPath);
  try {
    const text = await shell.specText({ ...options, base: plan.base.reference, inFolder });
    await workspace.fs.writeFile(picked, Buffer.from(text));
  } catch (error) {
    // It waits until the message is answered.
    void shell.notify.failure(error);
    return false;
  }
  await window.showTextDocument(picked);
  void shell.notify.info(`${path.basename(picked.fsPath)} makes the same image again.`);
  return true;
}

/** A spec names nothing above its own folder: that of the project, or the workspace's that a file is in. */
function folderFor({ folder, file, spec, dockerfile }: ContainerizeOptions): Uri {
  if (folder !== undefined) return Uri.file(folder);
  const [first = ''] = typeof file === 'string' ? [file] : (file ?? []);
  const beside = Uri.file(path.dirname(spec ?? dockerfile ?? first));
  return file === undefined ? beside : (workspace.getWorkspaceFolder(beside)?.uri ?? beside);
}
