import type { ImageReport, ReportPageContent, SizeNode } from '../api.ts';
import { isObject } from '../oci/json.ts';

/** Addresses and the nonce of a report's page. */
export interface PageParts {
  readonly nonce: string;
  /** `webview.cspSource`: where styles may come from. */
  readonly source: string;
  readonly script: string;
  readonly style: string;
}

/**
 * The page of an image report. Nothing of an image is in it: the data come by message once it is loaded, and are set as text.
 * Only the one script may run; nothing can be fetched, framed or submitted.
 */
export function reportPage({ nonce, source, script, style }: PageParts): string {
  const policy = `default-src 'none'; style-src ${source}; script-src 'nonce-${nonce}'; base-uri 'none'; form-action 'none'`;
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Image Report</title>
<link rel="stylesheet" href="${style}">
</head>
<body>
<main aria-busy="true"><p>Reading the report…</p></main>
<script nonce="${nonce}" src="${script}"></script>
</body>
</html>
`;
}

/** Most entries of each list that the page is sent, and most of a text. */
const most = { rows: 1000, paths: 4, problems: 20, name: 300, text: 2000 } as const;

/** What of a report the page is sent: what it cannot show stays here, for an image can make each list and name very long. */
export function pageContent({ result, tree }: ImageReport): ReportPageContent {
  const { inefficientFiles, duplicates, findings, layers, problems } = result;
  const shown = duplicates.slice(0, most.rows);
  const cut = (text: string): string => text.slice(0, most.text);
  return {
    result: {
      ...result,
      inefficientFiles: inefficientFiles.slice(0, most.rows).map((file) => ({ ...file, path: cut(file.path) })),
      duplicates: shown.map((group) => ({ ...group, paths: group.paths.slice(0, most.paths).map(cut) })),
      findings: findings.slice(0, most.rows).map((one) => ({ ...one, path: cut(one.path), text: cut(one.text) })),
      layers: layers.map((layer) => ({ ...layer, createdBy: layer.createdBy === null ? null : cut(layer.createdBy) })),
      problems: problems.slice(0, most.problems).map(cut),
    },
    tree: shownTree(tree),
    totals: {
      inefficientFiles: inefficientFiles.length,
      duplicates: duplicates.length,
      findings: findings.length,
      problems: problems.length,
    },
    paths: shown.map(({ paths }) => paths.length),
    image: result.reference,
  };
}

/** The page makes paths of names; a tree may be as deep as it has nodes. */
function shownTree(tree: SizeNode): SizeNode {
  const copy = ({ name, ...rest }: SizeNode): Growing => ({
    ...rest,
    name: name.slice(0, most.name),
    path: '',
    children: [],
  });
  const top = copy(tree);
  const left: (readonly [SizeNode, Growing])[] = [[tree, top]];
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    for (const child of next[0].children) {
      const grown = copy(child);
      next[1].children.push(grown);
      left.push([child, grown]);
    }
  }
  return top;
}

interface Growing extends Omit<SizeNode, 'children'> {
  readonly children: SizeNode[];
}

/** What the page may ask for. */
export type PageMessage =
  | { readonly type: 'ready' | 'copyMarkdown' | 'saveJson' }
  | { readonly type: 'open'; readonly list: OpenList; readonly at: number; readonly path: number };

type OpenList = 'inefficientFiles' | 'duplicates' | 'findings' | 'tree';

const lists: readonly string[] = ['inefficientFiles', 'duplicates', 'findings', 'tree'];
const plain: readonly string[] = ['ready', 'copyMarkdown', 'saveJson'];

/** Reads a message of the page; undefined for every other shape. */
export function parsePageMessage(value: unknown): PageMessage | undefined {
  if (!isObject(value)) return undefined;
  const { type, list, at, path = 0 } = value;
  if (isPlain(type)) return { type };
  return type === 'open' && isList(list) && isPlace(at) && isPlace(path) ? { type, list, at, path } : undefined;
}

function isPlain(type: unknown): type is 'ready' | 'copyMarkdown' | 'saveJson' {
  return typeof type === 'string' && plain.includes(type);
}

function isList(list: unknown): list is OpenList {
  return typeof list === 'string' && lists.includes(list);
}

function isPlace(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

/** A file of an image: of the merged view, or of a layer from 0. */
export interface ChosenFile {
  readonly path: string;
  readonly layer?: number;
}

/** The file that a row or tile of the page stands for; the page names only which. Undefined where there is none. */
export function chosenFile(
  { result, tree }: ImageReport,
  { list, at, path }: PageMessage & { readonly type: 'open' },
): ChosenFile | undefined {
  switch (list) {
    case 'inefficientFiles':
      return withPath(result.inefficientFiles[at]?.path);
    case 'duplicates':
      return withPath(result.duplicates[at]?.paths[path]);
    case 'findings': {
      const finding = result.findings[at];
      return finding === undefined ? undefined : { path: finding.path, layer: finding.layer };
    }
    case 'tree':
      return withPath(nodeAt(tree, at)?.path);
  }
}

function withPath(path: string | undefined): ChosenFile | undefined {
  return path === undefined ? undefined : { path };
}

/** The node with a number, counted from the top: a node, then what is below it. */
function nodeAt(top: SizeNode, at: number): SizeNode | undefined {
  const left: SizeNode[] = [top];
  for (let number = 0; left.length > 0; number++) {
    const node = left.pop();
    if (node === undefined || number === at) return node;
    left.push(...node.children.toReversed());
  }
  return undefined;
}
