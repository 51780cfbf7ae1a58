import { commands, type Uri, ViewColumn } from 'vscode';

/** Opens a file of an image as a preview. */
export async function openUri(uri: Uri, viewColumn = ViewColumn.Active): Promise<void> {
  await commands.executeCommand('vscode.open', uri, { preview: true, viewColumn });
}
