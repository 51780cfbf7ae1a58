import type { AnalyzeImageResult, FindingKind, ReportPageContent, RuleResult } from '../api.ts';
import { link, make } from './elements.ts';
import { bytesText, countText, percentText, visible } from './format.ts';
import { type Expanded, table } from './table.ts';

/** The layers with a bar each, as long as its part of the largest. */
export function layersTable({ layers }: AnalyzeImageResult, expanded: Expanded): HTMLElement {
  const largest = layers.reduce((most, { sizeBytes }) => Math.max(most, sizeBytes), 1);
  const rows = layers.map((layer, at) => () => {
    const bar = make('span', { class: `bar layer-${at % 7}`, attributes: { 'aria-hidden': 'true' } });
    bar.style.width = layer.sizeBytes === 0 ? '0' : `max(2px, ${(layer.sizeBytes / largest) * 100}%)`;
    const made = layer.createdBy ?? '';
    const command =
      made === ''
        ? make('span', { class: 'none', text: 'no history line' })
        : make('code', { text: visible(made), attributes: { title: visible(made, 2000) } });
    const share = make('div', { class: 'track', children: [bar] });
    return [String(at + 1), bytesText(layer.sizeBytes), bytesText(layer.size), share, command];
  });
  const columns = [
    { title: 'Layer', kind: 'number' },
    { title: 'Files', kind: 'number' },
    { title: 'As stored', kind: 'number' },
    { title: 'Share', kind: 'wide' },
    { title: 'Made by' },
  ] as const;
  const caption = 'Bytes of the files that each layer brings, uncompressed, and of the layer as it is stored';
  return table({ caption, columns, rows }, expanded);
}

/** How the image stands to the rules of a .dive-ci file. */
export function rulesTable(rules: readonly RuleResult[], expanded: Expanded): HTMLElement {
  const rows = rules.map(({ rule, passed, value, threshold }) => () => [
    make('span', { class: passed ? 'pass' : 'fail', text: passed ? 'Passed' : 'Failed' }),
    ruleText(rule, value),
    ruleText(rule, threshold),
    make('code', { text: rule }),
  ]);
  const columns = [
    { title: 'Result' },
    { title: 'This image', kind: 'number' },
    { title: 'Limit', kind: 'number' },
    { title: 'Rule' },
  ] as const;
  return table({ caption: 'The rules of the workspace\u2019s .dive-ci', columns, rows }, expanded);
}

/** A number that JSON cannot hold has come as null. */
function ruleText(rule: string, value: number | null): string {
  if (value === null) return 'none';
  return rule === 'highestWastedBytes' ? bytesText(value) : percentText(value);
}

/** Opens the file of a row; what the row shows is not sent, only which row and path it is. */
export type OpenRow = (list: 'inefficientFiles' | 'duplicates' | 'findings', at: number, path?: number) => void;

/** The files that several layers bring. */
export function wasteTable({ result, totals }: ReportPageContent, open: OpenRow, expanded: Expanded): HTMLElement {
  const rows = result.inefficientFiles.map(({ path, count, bytes }, at) => () => [
    bytesText(bytes),
    String(count),
    link(visible(path), () => open('inefficientFiles', at)),
  ]);
  const columns = [{ title: 'Bytes', kind: 'number' }, { title: 'Layers', kind: 'number' }, { title: 'Path' }] as const;
  const caption = 'Files that more than one layer brings or removes, with the bytes of all versions';
  return table({ caption, columns, rows, total: totals.inefficientFiles }, expanded);
}

/** The groups of files with the same content. */
export function duplicatesTable(content: ReportPageContent, open: OpenRow, expanded: Expanded): HTMLElement {
  const rows = content.result.duplicates.map(({ size, paths, wastedBytes }, at) => () => {
    const more = (content.paths[at] ?? paths.length) - paths.length;
    const shown = paths.map((path, which) =>
      make('div', { children: [link(visible(path), () => open('duplicates', at, which))] }),
    );
    const rest = more > 0 ? make('div', { class: 'none', text: `and ${countText(more, 'more file')}` }) : undefined;
    return [bytesText(wastedBytes), bytesText(size), make('div', { children: [...shown, rest] })];
  });
  const columns = [
    { title: 'Could be saved', kind: 'number' },
    { title: 'Size', kind: 'number' },
    { title: 'Paths' },
  ] as const;
  const caption = 'Different files with the same content';
  return table({ caption, columns, rows, total: content.totals.duplicates }, expanded);
}

const kindTexts: Readonly<Record<FindingKind, string>> = {
  setuid: 'setuid',
  setgid: 'setgid',
  'world-writable': 'world-writable',
  secret: 'may be a secret',
  cache: 'left behind',
  'unsafe-path': 'unsafe path',
};

/** Files that deserve a look. */
export function findingsTable({ result, totals }: ReportPageContent, open: OpenRow, expanded: Expanded): HTMLElement {
  const rows = result.findings.map((finding, at) => () => [
    make('span', { class: `kind ${finding.kind}`, text: kindTexts[finding.kind] }),
    link(visible(finding.path), () => open('findings', at)),
    String(finding.layer + 1),
    visible(finding.text, 500),
  ]);
  const columns = [
    { title: 'What' },
    { title: 'Path', kind: 'text' },
    { title: 'Layer', kind: 'number' },
    { title: 'Why it matters' },
  ] as const;
  const caption = 'Files that deserve a look, in any layer';
  return table({ caption, columns, rows, total: totals.findings }, expanded);
}
