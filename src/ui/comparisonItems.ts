import { FileDecoration, ThemeColor, ThemeIcon, TreeItem, TreeItemCollapsibleState, Uri } from 'vscode';
import type { FileType } from '../api.ts';
import type {
  ComparisonFile,
  ComparisonFolder,
  ComparisonNode,
  ComparisonNote,
  Verdict,
} from '../browse/comparison.ts';
import { formatBytes, visibleText } from '../browse/text.ts';

/** Only names the icon and the colour of a row: nothing can be opened by it. */
const scheme = 'gantry-comparison';

const { None, Collapsed, Expanded } = TreeItemCollapsibleState;

/** Badge, colour and tooltip of each verdict: never a colour alone. */
const marks: Readonly<Record<Verdict, readonly [string, string, string]>> = {
  added: ['A', 'gitDecoration.addedResourceForeground', 'Only on the right'],
  removed: ['D', 'gitDecoration.deletedResourceForeground', 'Only on the left'],
  modified: ['M', 'gitDecoration.modifiedResourceForeground', 'Differs'],
};

const verdicts = ['added', 'removed', 'modified'] as const;

/** Letter and colour of a row's address; undefined for every other one. */
export function comparisonDecoration({ scheme: of, query }: Uri): FileDecoration | undefined {
  if (of !== scheme || !isVerdict(query)) return undefined;
  const [badge, color, tooltip] = marks[query];
  return new FileDecoration(badge, tooltip, new ThemeColor(color));
}

function isVerdict(text: string): text is Verdict {
  return Object.hasOwn(marks, text);
}

/** A row of the view. */
export function comparisonItem(node: ComparisonNode): TreeItem {
  switch (node.kind) {
    case 'group': {
      const item = new TreeItem(node.label, node.id === 'problems' ? Collapsed : Expanded);
      item.description = node.description;
      item.iconPath = new ThemeIcon(node.icon);
      return item;
    }
    case 'note':
      return noteItem(node);
    case 'folder':
      return folderItem(node);
    case 'file':
      return fileItem(node);
  }
}

function noteItem({ label, description, icon, verdict }: ComparisonNote): TreeItem {
  const item = new TreeItem(visibleText(label), None);
  item.description = visibleText(description, 200);
  item.tooltip = visibleText(description === '' ? label : `${label}: ${description}`, 2000);
  item.iconPath = new ThemeIcon(icon);
  if (verdict === undefined) return item;
  // The address of no file: it brings the letter and the colour, and nothing of the file icon theme.
  item.resourceUri = Uri.from({ scheme, path: '/', query: verdict });
  item.accessibilityInformation = { label: `${verdict} ${visibleText(label)}, ${item.description}` };
  return item;
}

function folderItem({ path, name, counts, own }: ComparisonFolder): TreeItem {
  const item = new TreeItem(visibleText(name), Collapsed);
  item.description = countsText(counts);
  item.tooltip = visibleText(path, 2000);
  item.iconPath = ThemeIcon.Folder;
  item.resourceUri = decorated(path, own?.verdict);
  const words = verdicts.filter((verdict) => counts[verdict] > 0).map((verdict) => `${counts[verdict]} ${verdict}`);
  item.accessibilityInformation = { label: `folder ${visibleText(path)}, ${words.join(', ')}` };
  return item;
}

function fileItem(node: ComparisonFile): TreeItem {
  const { before, after, differences, path, verdict } = node;
  const item = new TreeItem(visibleText(node.name), None);
  const type = (after ?? before)?.type ?? 'file';
  item.description = sizeText(node);
  item.resourceUri = decorated(path, verdict);
  item.iconPath = iconOf(type);
  const what = differences.length === 0 ? verdict : `${verdict}: ${differences.join(', ')}`;
  item.tooltip = visibleText(`${path} (${what})`, 2000);
  item.accessibilityInformation = { label: `${verdict} ${type} ${visibleText(path)}, ${item.description}` };
  item.command = { command: 'gantry.openComparedFile', title: 'Open', arguments: [node] };
  return item;
}

function iconOf(type: FileType): ThemeIcon {
  if (type === 'directory') return ThemeIcon.Folder;
  if (type === 'symlink') return new ThemeIcon('file-symlink-file');
  return type === 'file' || type === 'hardlink' ? ThemeIcon.File : new ThemeIcon('circuit-board');
}

/** The name decides on the icon, the verdict on letter and colour. */
function decorated(path: string, verdict: Verdict | undefined): Uri {
  const name = visibleText(path.split('/').at(-1) ?? '').replaceAll('/', '_');
  return Uri.from({ scheme, path: `/${name}`, ...(verdict === undefined ? {} : { query: verdict }) });
}

function countsText({ added, removed, modified }: Readonly<Record<Verdict, number>>): string {
  const parts = [added > 0 ? `+${added}` : '', removed > 0 ? `−${removed}` : '', modified > 0 ? `~${modified}` : ''];
  return parts.filter((part) => part !== '').join(' ');
}

function sizeText({ before, after, differences }: ComparisonFile): string {
  const sides = [before, after].filter((side) => side?.type === 'file').map((side) => formatBytes(side?.size ?? 0));
  const sizes = [...new Set(sides)].join(' → ');
  const others = differences.filter((difference) => difference !== 'content');
  return [sizes, ...others].filter((part) => part !== '').join(' · ');
}
