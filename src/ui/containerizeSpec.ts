import path from 'node:path';
import { Uri, window, workspace } from 'vscode';
import type { ContainerizeOptions, ContainerizeResult } from '../api.ts';
import type { Shell } from './shell.ts';

/** Writes what was chosen as a gantry.yaml where the person wants it, and opens it. */
export async function saveSpec(shell: Shell, options: ContainerizeOptions, plan: ContainerizeResult): Promise<void> {
  const subject = options.folder ?? (typeof options.file === 'string' ? path.dirname(options.file) : undefined);
  const folder = workspace.workspaceFolders?.find(({ uri }) => uri.scheme === 'file')?.uri ?? Uri.file(subject ?? '/');
  const picked = await window.showSaveDialog({
    title: 'Save as Spec',
    saveLabel: 'Save',
    defaultUri: Uri.joinPath(folder, 'gantry.yaml'),
    filters: { Spec: ['yaml'] },
  });
  if (picked === undefined) return;
  const inFolder = path.dirname(picked.fsPath);
  const text = await shell.specText({ ...options, base: plan.base.reference, inFolder });
  await workspace.fs.writeFile(picked, Buffer.from(text));
  await window.showTextDocument(picked);
  await shell.notify.info(`${path.basename(picked.fsPath)} makes the same image again.`);
}
