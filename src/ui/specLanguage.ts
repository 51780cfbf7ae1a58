import {
  CompletionItem,
  CompletionItemKind,
  type CompletionItemProvider,
  Disposable,
  extensions,
  Hover,
  type HoverProvider,
  languages,
  MarkdownString,
  type Position,
  Range,
  SnippetString,
  type TextDocument,
  Uri,
  workspace,
} from 'vscode';
import type { Completion, Explanation } from '../containerize/spec/completion.ts';
import type { SchemaNode } from '../containerize/spec/specSchema.ts';
import { SpecDiagnostics } from './specDiagnostics.ts';
import { specSelector } from './specFiles.ts';
import type { Shell } from './shell.ts';

const kinds = {
  member: CompletionItemKind.Property,
  value: CompletionItemKind.Value,
  variable: CompletionItemKind.Variable,
} as const;
/** Longer texts are no specs that a person writes. */
const maxLength = 256 << 10;

/** What helps while a gantry.yaml is written: completion, hovers and marks at what is wrong. */
export function registerSpecLanguage(shell: Shell): readonly Disposable[] {
  const schema = schemaReader(shell.extensionUri);
  return [
    Disposable.from(new SpecDiagnostics((error) => shell.log.error(error))),
    languages.registerCompletionItemProvider(specSelector, completions(schema), '{', '.'),
    languages.registerHoverProvider(specSelector, hovers(schema)),
  ];
}

function completions(schema: () => Promise<SchemaNode>): CompletionItemProvider {
  return {
    provideCompletionItems: async (document, position) => {
      if (!isWanted(document)) return undefined;
      const { completionsAt } = await import('../containerize/spec/completion.ts');
      const { line, character } = position;
      const { word, items } = completionsAt(await schema(), document.getText(), line, character);
      return items.map((item, at) => completionItem(item, wordRange(position, word), at));
    },
  };
}

function hovers(schema: () => Promise<SchemaNode>): HoverProvider {
  return {
    provideHover: async (document, { line, character }) => {
      if (!isWanted(document)) return undefined;
      const { explanationAt } = await import('../containerize/spec/completion.ts');
      const found = explanationAt(await schema(), document.getText(), line, character);
      if (found === undefined) return undefined;
      return new Hover(explained(found), new Range(line, found.start, line, found.end));
    },
  };
}

/** The YAML extension does the same from the schema that the manifest names. */
function isWanted(document: TextDocument): boolean {
  return extensions.getExtension('redhat.vscode-yaml')?.isActive !== true && document.getText().length <= maxLength;
}

/** Reads the schema once, when it is first asked for. */
function schemaReader(extension: Uri): () => Promise<SchemaNode> {
  let read: Promise<SchemaNode> | undefined;
  return () => {
    read ??= loadSchema(extension);
    read.catch(() => (read = undefined));
    return read;
  };
}

async function loadSchema(extension: Uri): Promise<SchemaNode> {
  const bytes = await workspace.fs.readFile(Uri.joinPath(extension, 'media', 'gantry.schema.json'));
  const { parseSchema } = await import('../containerize/spec/specSchema.ts');
  return parseSchema(new TextDecoder().decode(bytes));
}

function wordRange({ line, character }: Position, word: string): Range {
  return new Range(line, character - word.length, line, character);
}

function completionItem({ kind, label, snippet, documentation }: Completion, range: Range, at: number): CompletionItem {
  const item = new CompletionItem(label, kinds[kind]);
  item.insertText = new SnippetString(snippet);
  item.range = range;
  // In the order in which a spec is written.
  item.sortText = String(at).padStart(4, '0');
  if (documentation !== undefined) item.documentation = new MarkdownString('').appendText(documentation);
  return item;
}

/** All of it comes with this program; it is shown as plain text all the same. */
function explained({ title, text, examples }: Explanation): MarkdownString {
  const shown = new MarkdownString('').appendText(`${title}: ${text}`);
  return examples.length === 0 ? shown : shown.appendCodeblock(examples.join('\n'), 'yaml');
}
