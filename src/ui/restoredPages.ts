import { type Disposable, window } from 'vscode';
import { reportView } from './reportView.ts';
import type { Shell } from './shell.ts';

/** Reads image reports anew that the window had open before it was started again. */
export function registerRestoredPages(shell: Shell): Disposable {
  return window.registerWebviewPanelSerializer(reportView, {
    deserializeWebviewPanel: async (panel, state: unknown) => {
      const { restoreReport } = await import('./imageReport.ts');
      await restoreReport(shell, panel, state);
    },
  });
}
