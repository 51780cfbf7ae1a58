import {
  commands,
  type Disposable,
  EventEmitter,
  Range,
  ThemeIcon,
  type TreeDataProvider,
  TreeItem,
  TreeItemCollapsibleState,
  type TreeItemLabel,
  type TreeView,
  type Uri,
  window,
} from 'vscode';
import { parentPath } from '../browse/folderItem.ts';
import { visibleName } from '../browse/pathNames.ts';
import { counted, visibleText } from '../browse/text.ts';
import type { LineMatch } from '../operations/lineMatches.ts';
import type { FileMatches, SearchOutcome } from '../operations/searchFiles.ts';

/** What a search is about. */
export interface SearchSubject {
  /** Such as `“main” in app:1.0 (linux/amd64)`. */
  readonly title: string;
  readonly uriOf: (path: string) => Uri;
}

interface FileRow extends FileMatches {
  readonly lines: readonly LineRow[];
}

interface LineRow {
  readonly path: string;
  readonly match: LineMatch;
}

type Row = FileRow | LineRow;

/** Milliseconds between two drawings while results come in. */
const interval = 200;
/** Characters of a line before its match. */
const before = 40;

/** The view of the last search in an image: files, and below each its lines that match. */
export class SearchView implements TreeDataProvider<Row>, Disposable {
  readonly #changed = new EventEmitter<undefined>();
  readonly onDidChangeTreeData = this.#changed.event;
  readonly #view: TreeView<Row>;
  #subject: SearchSubject | undefined;
  #rows: FileRow[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor() {
    this.#view = window.createTreeView('gantry.search', { treeDataProvider: this, showCollapseAll: true });
  }

  /** Shows the view with nothing in it yet. Files of an earlier search that still come in are not shown. */
  async begin(subject: SearchSubject): Promise<SearchResults> {
    this.#subject = subject;
    this.#rows = [];
    this.#view.message = visibleText(`Searching ${subject.title}…`);
    this.#changed.fire(undefined);
    await commands.executeCommand('setContext', 'gantry:hasSearch', true);
    await commands.executeCommand('gantry.search.focus');
    const ifShown = (action: () => void): void => {
      if (this.#subject === subject) action();
    };
    return {
      add: (file) => ifShown(() => this.#add(rowOf(file))),
      end: (outcome) => ifShown(() => this.#end(subject, outcome)),
      fail: (text) => ifShown(() => this.#say(`${subject.title}: ${text}`)),
    };
  }

  /** Hides the view. */
  async close(): Promise<void> {
    this.#subject = undefined;
    this.#rows = [];
    await commands.executeCommand('setContext', 'gantry:hasSearch', false);
  }

  getChildren(row?: Row): Row[] {
    if (row === undefined) return [...this.#rows];
    return 'lines' in row ? [...row.lines] : [];
  }

  getTreeItem(row: Row): TreeItem {
    const uri = this.#subject?.uriOf(row.path);
    if (uri === undefined) return new TreeItem('');
    return 'lines' in row ? fileItem(row, uri) : lineItem(row, uri);
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#view.dispose();
    this.#changed.dispose();
  }

  #add(row: FileRow): void {
    this.#rows.push(row);
    this.#timer ??= setTimeout(() => this.#draw(), interval);
  }

  #draw(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#changed.fire(undefined);
  }

  #end({ title }: SearchSubject, { files, searched, problems }: SearchOutcome): void {
    this.#rows = files.map(rowOf);
    const lines = files.reduce((sum, { matches }) => sum + matches.length, 0);
    const found = lines === 0 ? 'Nothing' : `${counted(lines, 'line')} in ${counted(files.length, 'file')}`;
    this.#say(`${found} for ${title}, of ${counted(searched, 'text file')}. ${problems.join(' ')}`);
  }

  #say(text: string): void {
    this.#view.message = visibleText(text.trim(), 1000);
    this.#draw();
  }
}

/** Where the results of one search go. */
export interface SearchResults {
  add(file: FileMatches): void;
  end(outcome: SearchOutcome): void;
  /** The search ended early; what was found stays. */
  fail(text: string): void;
}

function rowOf({ path, matches }: FileMatches): FileRow {
  return { path, matches, lines: matches.map((match) => ({ path, match })) };
}

function fileItem({ path, matches }: FileRow, uri: Uri): TreeItem {
  const shown = visibleName(`/${path}`);
  const item = new TreeItem(visibleText(shown.split('/').at(-1) ?? ''), TreeItemCollapsibleState.Expanded);
  item.id = path;
  item.description = visibleText(`${parentPath(shown) || '/'} · ${matches.length}`);
  item.tooltip = visibleText(shown, 4096);
  item.resourceUri = uri;
  item.iconPath = ThemeIcon.File;
  item.accessibilityInformation = { label: `${visibleText(shown)}, ${counted(matches.length, 'line')}` };
  return item;
}

function lineItem({ path, match }: LineRow, uri: Uri): TreeItem {
  const { line, start, length } = match;
  const item = new TreeItem(labelOf(match), TreeItemCollapsibleState.None);
  item.id = `${path}\0${line}`;
  item.description = String(line);
  item.tooltip = visibleText(match.text, 400);
  item.accessibilityInformation = { label: `Line ${line}: ${visibleText(match.text.trim())}` };
  const selection = new Range(line - 1, start, line - 1, start + length);
  item.command = { command: 'vscode.open', title: 'Open', arguments: [uri, { preview: true, selection }] };
  return item;
}

/** The line from shortly before the match, which is marked. */
function labelOf({ text, start, length, cut }: LineMatch): TreeItemLabel {
  const at = start - cut;
  const head = text.slice(0, at).trimStart();
  const left = visibleText(head.length > before ? `…${head.slice(-before)}` : head);
  const middle = visibleText(text.slice(at, at + length), 200);
  const right = visibleText(text.slice(at + length), 200);
  return { label: `${left}${middle}${right}`, highlights: [[left.length, left.length + middle.length]] };
}
