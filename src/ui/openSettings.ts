import { commands } from 'vscode';

/** Opens the settings of this extension. */
export async function openSettings(): Promise<void> {
  await commands.executeCommand('workbench.action.openSettings', '@ext:gantry-tools.gantry');
}
