import assert from 'node:assert/strict';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';

const folder = path.join(vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? '', 'spec-language');

describe('gantry.yaml in the editor', () => {
  before(async () => {
    await vscode.extensions.getExtension('gantry-tools.gantry')?.activate();
    await mkdir(folder, { recursive: true });
  });

  after(async () => {
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    await rm(folder, { recursive: true, force: true });
  });

  it('marks what is wrong while it is written, and nothing once it is right', async () => {
    const document = await open(
      'gantry.yaml',
      'base: alpine\nentryPoint: [a]\nlayers:\n  - files:\n      - {from: a, to: b}\n',
    );
    const found = await diagnosticsOf(document.uri, (all) => all.length === 2);
    assert.deepEqual(
      found.map(({ range, message, source, severity }) => [at(range), message, source, severity]),
      [
        [
          '1:0-10',
          '"entryPoint" is not known here. Did you mean entrypoint?',
          'gantry',
          vscode.DiagnosticSeverity.Error,
        ],
        [
          '4:22-24',
          '"b" is not an absolute path in the image, such as /app',
          'gantry',
          vscode.DiagnosticSeverity.Error,
        ],
      ],
    );
    await replaceAll(document, 'base: alpine\nentrypoint: [a]\n');
    await diagnosticsOf(document.uri, (all) => all.length === 0);
    await replaceAll(document, 'base: "alpine\n');
    const [broken] = await diagnosticsOf(document.uri, (all) => all.length > 0);
    assert.match(broken?.message ?? '', /Missing closing "quote/);
  });

  it('leaves other YAML files alone', async () => {
    const other = await open('other.yaml', 'nothing: of ours\n');
    const own = await open('app.gantry.yaml', 'nothing: of ours\n');
    await diagnosticsOf(own.uri, (all) => all.length > 0);
    assert.deepEqual(vscode.languages.getDiagnostics(other.uri), []);
  });

  it('offers members that are not there yet, choices and variables', async () => {
    const document = await open('offers.gantry.yaml', 'base: alpine\n\ncompression: \ntarget: example.com/a:${\n');
    const members = await completions(document, 1, 0);
    assert.ok(members.includes('entrypoint') && members.includes('layers'));
    assert.ok(!members.includes('base'));
    assert.deepEqual(
      (await completions(document, 2, 13)).filter((label) => ['gzip', 'zstd', 'none'].includes(label)),
      ['gzip', 'zstd', 'none'],
    );
    assert.ok((await completions(document, 3, 24)).includes('git.shortCommit'));
  });

  it('explains members and variables in text without links', async () => {
    const document = await open('hovers.gantry.yaml', 'healthcheck:\n  interval: 30s\ntarget: a:${git.tag}\n');
    const [interval] = await hovers(document, 1, 4);
    assert.match(interval ?? '', /^Interval:.*time.*between.*checks/s);
    const [variable] = await hovers(document, 2, 14);
    assert.match(variable ?? '', /tag.*names.*commit/s);
    assert.deepEqual(await hovers(document, 1, 13), []);
  });
});

async function open(name: string, text: string): Promise<vscode.TextDocument> {
  const file = path.join(folder, name);
  await writeFile(file, text);
  const document = await vscode.workspace.openTextDocument(file);
  await vscode.window.showTextDocument(document, { preview: false });
  return document;
}

async function replaceAll(document: vscode.TextDocument, text: string): Promise<void> {
  const edit = new vscode.WorkspaceEdit();
  edit.replace(document.uri, new vscode.Range(0, 0, document.lineCount, 0), text);
  assert.ok(await vscode.workspace.applyEdit(edit));
}

/** Waits until what is marked in a document is what was waited for. */
async function diagnosticsOf(
  uri: vscode.Uri,
  isThere: (all: readonly vscode.Diagnostic[]) => boolean,
): Promise<readonly vscode.Diagnostic[]> {
  const now = vscode.languages.getDiagnostics(uri);
  if (isThere(now)) return now;
  const { promise, resolve, reject } = Promise.withResolvers<readonly vscode.Diagnostic[]>();
  const timer = setTimeout(() => reject(new Error(JSON.stringify(vscode.languages.getDiagnostics(uri)))), 15_000);
  const listening = vscode.languages.onDidChangeDiagnostics(() => {
    const all = vscode.languages.getDiagnostics(uri);
    if (isThere(all)) resolve(all);
  });
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    listening.dispose();
  }
}

async function completions({ uri }: vscode.TextDocument, line: number, character: number): Promise<readonly string[]> {
  const position = new vscode.Position(line, character);
  const { items } = await vscode.commands.executeCommand<vscode.CompletionList>(
    'vscode.executeCompletionItemProvider',
    uri,
    position,
  );
  return items.map(({ label }) => (typeof label === 'string' ? label : label.label));
}

async function hovers({ uri }: vscode.TextDocument, line: number, character: number): Promise<readonly string[]> {
  const position = new vscode.Position(line, character);
  const found = await vscode.commands.executeCommand<vscode.Hover[]>('vscode.executeHoverProvider', uri, position);
  return found.flatMap(({ contents }) =>
    contents.map((content) => {
      assert.ok(content instanceof vscode.MarkdownString);
      assert.notEqual(content.isTrusted, true);
      return content.value.replaceAll('&nbsp;', ' ');
    }),
  );
}

function at({ start, end }: vscode.Range): string {
  return `${start.line}:${start.character}-${end.character}`;
}
