import {
  Diagnostic,
  type DiagnosticCollection,
  DiagnosticSeverity,
  type Disposable,
  languages,
  Range,
  type TextDocument,
  workspace,
} from 'vscode';
import { visibleText } from '../browse/text.ts';
import type { SpecProblem } from '../errors.ts';
import { specName, specSelector } from './specFiles.ts';

/** Milliseconds after the last key before a text is looked at. */
const pause = 300;

/** Marks what is wrong with specs while they are written. */
export class SpecDiagnostics implements Disposable {
  readonly #found: DiagnosticCollection = languages.createDiagnosticCollection('gantry');
  readonly #waiting = new Map<string, NodeJS.Timeout>();
  readonly #listening: readonly Disposable[];
  readonly #onError: (error: unknown) => void;

  constructor(onError: (error: unknown) => void) {
    this.#onError = onError;
    this.#listening = [
      workspace.onDidOpenTextDocument((document) => this.#look(document)),
      workspace.onDidChangeTextDocument(({ document }) => this.#later(document)),
      workspace.onDidCloseTextDocument((document) => this.#forget(document)),
    ];
    for (const document of workspace.textDocuments) this.#look(document);
  }

  dispose(): void {
    for (const timer of this.#waiting.values()) clearTimeout(timer);
    for (const one of this.#listening) one.dispose();
    this.#found.dispose();
  }

  #later(document: TextDocument): void {
    if (!isSpec(document)) return;
    const key = document.uri.toString();
    clearTimeout(this.#waiting.get(key));
    this.#waiting.set(
      key,
      setTimeout(() => this.#look(document), pause),
    );
  }

  #look(document: TextDocument): void {
    if (!isSpec(document)) return;
    this.#waiting.delete(document.uri.toString());
    this.#read(document).catch(this.#onError);
  }

  async #read(document: TextDocument): Promise<void> {
    const { specProblems } = await import('../containerize/spec/specProblems.ts');
    if (document.isClosed) return;
    const problems = specProblems(document.getText(), specName(document));
    this.#found.set(
      document.uri,
      problems.map((problem) => diagnosticOf(document, problem)),
    );
  }

  #forget(document: TextDocument): void {
    clearTimeout(this.#waiting.get(document.uri.toString()));
    this.#waiting.delete(document.uri.toString());
    this.#found.delete(document.uri);
  }
}

function isSpec(document: TextDocument): boolean {
  return languages.match(specSelector, document) > 0;
}

function diagnosticOf(document: TextDocument, { line, column, text }: SpecProblem): Diagnostic {
  const at = document.lineAt(Math.min(line, document.lineCount) - 1);
  const rest = at.text.slice(column - 1);
  const length = /^[\w.-]+(?=:(?:\s|$))/.exec(rest)?.[0].length ?? rest.replace(/\s(?:#.*)?$/, '').length;
  const range = new Range(at.lineNumber, column - 1, at.lineNumber, column - 1 + Math.max(1, length));
  const diagnostic = new Diagnostic(range, visibleText(text, 1000), DiagnosticSeverity.Error);
  diagnostic.source = 'gantry';
  return diagnostic;
}
