import type { AnalyzeImageResult, ReportPageContent } from '../api.ts';
import { make, section } from './elements.ts';
import { bytesText, countText, numberText, percentText, visible } from './format.ts';
import { PageState } from './pageState.ts';
import { duplicatesTable, findingsTable, layersTable, type OpenRow, rulesTable, wasteTable } from './tables.ts';
import { TreemapView } from './treemapView.ts';

/** The page of an image report: asks for its content, draws it, and says which row or tile was chosen. */
const vscode = acquireVsCodeApi();
const page = document.querySelector('main');

window.addEventListener('message', (event: MessageEvent<ReportPageContent>) => {
  // Only the extension can post to this page; the origin is the webview's own.
  const content = event.data;
  const state = new PageState(vscode, content.image);
  const treemap = treemapOf(content, state);
  page?.replaceChildren(...draw(content, treemap, state));
  page?.removeAttribute('aria-busy');
  treemap.draw();
  window.scrollTo(0, state.scroll);
  document.addEventListener('scrollend', () => state.scrolled(window.scrollY));
});
vscode.postMessage({ type: 'ready' });

function treemapOf({ tree }: ReportPageContent, state: PageState): TreemapView {
  const numbers = new Map(numbered(tree).map((node, at) => [node, at]));
  return new TreemapView(tree, state.folder, {
    open: (node) => vscode.postMessage({ type: 'open', list: 'tree', at: numbers.get(node) ?? 0 }),
    moved: (names) => state.moved(names),
  });
}

function draw(content: ReportPageContent, treemap: TreemapView, state: PageState): readonly Node[] {
  const { result } = content;
  const open: OpenRow = (list, at, path = 0) => vscode.postMessage({ type: 'open', list, at, path });
  const { rules = [], inefficientFiles, duplicates, findings } = result;
  return [
    header(result),
    figures(result),
    rules.length === 0 ? undefined : section('Rules', rulesTable(rules, state)),
    problems(content),
    section('Layers', layersTable(result, state)),
    section('Filesystem', treemap.element),
    section('Findings', findings.length === 0 ? none('Nothing stood out.') : findingsTable(content, open, state)),
    section(
      'Wasted Space',
      inefficientFiles.length === 0 ? none('No file is in more than one layer.') : wasteTable(content, open, state),
    ),
    section(
      'Duplicate Files',
      duplicates.length === 0 ? none('No two files have the same content.') : duplicatesTable(content, open, state),
    ),
  ].filter((part) => part !== undefined);
}

/** A tree's nodes in the order in which the extension counts them: a node, then what is below it. */
function numbered(top: ReportPageContent['tree']): readonly ReportPageContent['tree'][] {
  const nodes: ReportPageContent['tree'][] = [];
  const left = [top];
  for (let node = left.pop(); node !== undefined; node = left.pop()) {
    nodes.push(node);
    left.push(...node.children.toReversed());
  }
  return nodes;
}

function header({ reference, digest, platform }: AnalyzeImageResult): HTMLElement {
  const button = (text: string, type: string): HTMLElement =>
    make('button', {
      class: 'action',
      text,
      attributes: { type: 'button' },
      click: () => vscode.postMessage({ type }),
    });
  const actions = [button('Copy as Markdown', 'copyMarkdown'), button('Save as JSON…', 'saveJson')];
  const title = make('h1', { text: visible(reference) });
  const line = make('p', { class: 'digest', text: `${platform === null ? '' : `${visible(platform)} · `}${digest}` });
  return make('header', { children: [title, line, make('div', { class: 'actions', children: actions })] });
}

function figures(result: AnalyzeImageResult): HTMLElement {
  const entries: readonly (readonly [string, string, string])[] = [
    ['All Layers', bytesText(result.sizeBytes), 'files of every layer, uncompressed'],
    ['Filesystem', bytesText(result.filesystemBytes), countText(result.fileCount, 'file')],
    ['Reclaimable', bytesText(result.reclaimableBytes), 'in layers, but not in the filesystem'],
    ['Efficiency', percentText(result.efficiency), 'dive\u2019s score'],
    [
      'Wasted',
      bytesText(result.wastedBytes),
      `dive\u2019s figure: ${percentText(result.wastedPercent)} of all but layer 1`,
    ],
  ];
  const children = entries.map(([name, value, note]) =>
    make('div', {
      class: 'figure',
      children: [
        make('dt', { text: name }),
        make('dd', { class: 'value', text: value }),
        make('dd', { class: 'note', text: note }),
      ],
    }),
  );
  return make('dl', { class: 'figures', children });
}

function problems({ result, totals }: ReportPageContent): HTMLElement | undefined {
  const texts = result.problems.map((text) => visible(text, 600));
  const more = totals.problems - texts.length;
  const all = more > 0 ? [...texts, `and ${numberText(more)} more`] : texts;
  if (all.length === 0) return undefined;
  return section('Problems', make('ul', { class: 'problems', children: all.map((text) => make('li', { text })) }));
}

function none(text: string): HTMLElement {
  return make('p', { class: 'none', text });
}
