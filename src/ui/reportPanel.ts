import { homedir } from 'node:os';
import { ThemeIcon, Uri, type WebviewOptions, type WebviewPanel, window, workspace } from 'vscode';
import type { ImageReport } from '../api.ts';
import { visibleText } from '../browse/text.ts';
import { randomName } from '../oci/digest.ts';
import { reportJson, reportMarkdown } from '../operations/reportText.ts';
import { openImageFile } from './openImageFile.ts';
import { type ChosenFile, chosenFile, pageContent, parsePageMessage, reportPage } from './reportPage.ts';
import type { Shell } from './shell.ts';

/** What a page may do, and the folders of the extension that it may load from. */
export function pageOptions(extension: Uri): WebviewOptions {
  return { enableScripts: true, localResourceRoots: ['media', 'dist'].map((name) => Uri.joinPath(extension, name)) };
}

/** What stands on the tab of a report: `Report: app:1.0`. */
export function reportTitle({ result }: ImageReport): string {
  return `Report: ${visibleText(shortName(result.reference), 60)}`;
}

/** One open page with the report it shows, as long as its tab is there. */
export class ReportPanel {
  readonly #shell: Shell;
  readonly #panel: WebviewPanel;
  readonly #report: ImageReport;

  constructor(shell: Shell, panel: WebviewPanel, report: ImageReport) {
    this.#shell = shell;
    this.#panel = panel;
    this.#report = report;
    const { webview } = panel;
    const listening = webview.onDidReceiveMessage((message: unknown) => {
      this.#answer(message).catch((error: unknown) => shell.notify.failure(error));
    });
    panel.onDidDispose(() => void listening.dispose());
    panel.title = reportTitle(report);
    panel.iconPath = new ThemeIcon('graph');
    const asset = (...names: readonly string[]): string =>
      webview.asWebviewUri(Uri.joinPath(shell.extensionUri, ...names)).toString();
    const parts = { script: asset('dist', 'report.js'), style: asset('media', 'report.css') };
    webview.html = reportPage({ nonce: randomName(), source: webview.cspSource, ...parts });
  }

  async #answer(value: unknown): Promise<void> {
    const message = parsePageMessage(value);
    switch (message?.type) {
      case 'ready':
        await this.#panel.webview.postMessage(pageContent(this.#report));
        return;
      case 'copyMarkdown':
        await this.#shell.copyText(reportMarkdown(this.#report.result));
        void this.#shell.notify.info('The report is on the clipboard as Markdown.');
        return;
      case 'saveJson':
        return this.#save();
      case 'open': {
        const file = chosenFile(this.#report, message);
        if (file !== undefined) await this.#open(file);
        return;
      }
      case undefined:
    }
  }

  /** What is not in the merged view any more is opened as the last layer has it that does. */
  async #open({ path, layer }: ChosenFile): Promise<void> {
    const { result: image } = this.#report;
    const layers = layer === undefined ? [undefined, ...[...image.layers.keys()].reverse()] : [layer];
    await openImageFile(this.#shell, { image, path, layers });
  }

  async #save(): Promise<void> {
    const folder = workspace.workspaceFolders?.find(({ uri }) => uri.scheme === 'file')?.uri ?? Uri.file(homedir());
    const name = shortName(this.#report.result.reference).replace(/[^\w.-]+/g, '-');
    const target = await window.showSaveDialog({
      title: 'Save Report',
      filters: { JSON: ['json'] },
      defaultUri: Uri.joinPath(folder, `${name.slice(-100)}.report.json`),
    });
    if (target !== undefined) await workspace.fs.writeFile(target, Buffer.from(reportJson(this.#report.result)));
  }
}

function shortName(reference: string): string {
  return reference.split(/[\\/]/).at(-1) ?? reference;
}
