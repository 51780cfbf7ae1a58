import { ViewColumn, type WebviewPanel, window } from 'vscode';
import type { AnalysisRules, ImageReport } from '../api.ts';
import { isObject } from '../oci/json.ts';
import type { Commands } from './command.ts';
import { workspaceRules } from './diveRules.ts';
import { keepImage } from './keepImage.ts';
import { withProgress } from './progress.ts';
import { imageFor, referenceProblem } from './references.ts';
import { pageOptions, ReportPanel, reportTitle } from './reportPanel.ts';
import { reportView } from './reportView.ts';
import type { Shell } from './shell.ts';

/** `gantry.analyzeImage`: for programs the figures of an image, for people a page. */
export function reportCommands(shell: Shell): Commands {
  return {
    'gantry.analyzeImage': {
      program: (options, api) => api.analyzeImage(options),
      person: async (asked) => {
        const image = await imageFor(shell, asked, 'Image Report');
        if (image === undefined) return undefined;
        const report = await analyze(shell, image);
        const options = { ...pageOptions(shell.extensionUri), enableFindWidget: true };
        const panel = window.createWebviewPanel(reportView, reportTitle(report), ViewColumn.Active, options);
        new ReportPanel(shell, panel, report);
        return report.result;
      },
    },
  };
}

/** Fills a page that the window had open before it was started again, or closes it. */
export async function restoreReport(shell: Shell, panel: WebviewPanel, state: unknown): Promise<void> {
  panel.webview.options = pageOptions(shell.extensionUri);
  const report = await again(shell, state);
  if (report === undefined) panel.dispose();
  else new ReportPanel(shell, panel, report);
}

/** Reads the image of a page that the window had open; undefined where that cannot be. */
async function again(shell: Shell, state: unknown): Promise<ImageReport | undefined> {
  const image = imageOf(state);
  if (image === undefined) return undefined;
  try {
    return await analyze(shell, image);
  } catch (error) {
    void shell.notify.failure(error);
    return undefined;
  }
}

async function analyze(shell: Shell, image: string): Promise<ImageReport> {
  const rules = await rulesOrWarning(shell);
  const options = { image, ...(rules === undefined ? {} : { rules }) };
  const report = await withProgress(`Reading ${image}`, (run) => shell.report(options, run));
  await keepImage(shell, report.result.reference);
  return report;
}

/** A CI file that cannot be read is said, and the report comes without rules. */
async function rulesOrWarning(shell: Shell): Promise<AnalysisRules | undefined> {
  try {
    return await workspaceRules();
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'it cannot be read';
    void shell.notify.warn(`The rules of .dive-ci are not checked: ${reason}`);
    return undefined;
  }
}

/** What a page stored for the next start of the window; hostile as every stored state. */
function imageOf(state: unknown): string | undefined {
  if (!isObject(state) || typeof state['image'] !== 'string') return undefined;
  return referenceProblem(state['image']) === undefined ? state['image'] : undefined;
}
