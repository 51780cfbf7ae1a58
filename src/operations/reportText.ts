import type { AnalyzeImageResult, DuplicateFiles, Finding, FindingKind, InefficientFile, LayerSize } from '../api.ts';
import { formatBytes } from './formatBytes.ts';
import { codeCell, codeSpan, sentenceCell } from './markdownText.ts';

/** Rows of each table; the rest is counted. */
const maxRows = { layers: 200, wasted: 20, duplicates: 20, findings: 100, problems: 50 } as const;
/** Paths of one group of duplicates. */
const maxPaths = 3;
/** Longest sentence about a problem. */
const maxProblem = 1000;

const kindTexts: Readonly<Record<FindingKind, string>> = {
  setuid: 'setuid',
  setgid: 'setgid',
  'world-writable': 'world-writable',
  secret: 'may be a secret',
  cache: 'left behind',
  'unsafe-path': 'unsafe path',
};

/** An analysis for people, in GitHub's Markdown. Texts of the image cannot make links, images, HTML or mentions of it. */
export function reportMarkdown(result: AnalyzeImageResult): string {
  return [
    heading(result),
    figures(result),
    rules(result),
    layers(result.layers),
    wasted(result.inefficientFiles),
    duplicates(result.duplicates),
    findings(result.findings),
    problems(result.problems),
  ]
    .filter((part) => part !== '')
    .join('\n');
}

/** An analysis for programs: the result of `analyzeImage` as JSON. */
export function reportJson(result: AnalyzeImageResult): string {
  return `${JSON.stringify(result, undefined, 2)}\n`;
}

function heading({ reference, digest, platform }: AnalyzeImageResult): string {
  const line = platform === null ? codeSpan(digest) : `${codeSpan(platform)} · ${codeSpan(digest)}`;
  return `# Image Report\n\n${codeSpan(reference)}\n\n${line}\n`;
}

function figures(result: AnalyzeImageResult): string {
  const { sizeBytes, filesystemBytes, fileCount, reclaimableBytes, efficiency, wastedBytes, wastedPercent } = result;
  const rows = [
    ['Files of all layers', formatBytes(sizeBytes), 'uncompressed'],
    ['Filesystem', formatBytes(filesystemBytes), countText(fileCount, 'file')],
    ['Reclaimable', formatBytes(reclaimableBytes), 'in the layers, but not in the filesystem'],
    ['Efficiency', percentText(efficiency), "dive's score"],
    ['Wasted', formatBytes(wastedBytes), `dive's figure: ${percentText(wastedPercent)} of all but the first layer`],
  ];
  return table(['Figure', 'Value', 'What it is'], [1], rows);
}

function rules({ rules: results = [] }: AnalyzeImageResult): string {
  const rows = results.map(({ rule, passed, value, threshold }) => [
    codeCell(rule),
    passed ? 'PASS' : 'FAIL',
    String(value),
    String(threshold),
  ]);
  return section('Rules', ['Rule', 'Result', 'Value', 'Threshold'], [2, 3], rows, rows.length);
}

function layers(all: readonly LayerSize[]): string {
  const rows = all.map(({ digest, size, sizeBytes, createdBy }, at) => [
    String(at + 1),
    formatBytes(sizeBytes),
    formatBytes(size),
    codeCell(digest.slice(0, 19)),
    createdBy === null ? 'no history line' : codeCell(createdBy.trim()),
  ]);
  const titles = ['Layer', 'Files', 'As stored', 'Digest', 'Made by'];
  return section('Layers', titles, [0, 1, 2], rows, maxRows.layers);
}

function wasted(files: readonly InefficientFile[]): string {
  const rows = files
    .filter(({ bytes }) => bytes > 0)
    .map(({ path, count, bytes }) => [formatBytes(bytes), String(count), codeCell(path)]);
  return section('Wasted Space', ['Bytes', 'Versions', 'Path'], [0, 1], rows, maxRows.wasted);
}

function duplicates(groups: readonly DuplicateFiles[]): string {
  const rows = groups.map(({ size, paths, wastedBytes }) => {
    const more = paths.length > maxPaths ? [`and ${countText(paths.length - maxPaths, 'more file')}`] : [];
    const shown = [...paths.slice(0, maxPaths).map((path) => codeCell(path)), ...more].join(' ');
    return [formatBytes(wastedBytes), formatBytes(size), shown];
  });
  return section('Duplicate Files', ['Could be saved', 'Size', 'Paths'], [0, 1], rows, maxRows.duplicates);
}

function findings(all: readonly Finding[]): string {
  const rows = all.map(({ kind, path, text, layer, bytes }) => [
    kindTexts[kind],
    codeCell(path),
    String(layer + 1),
    bytes === 0 ? '' : formatBytes(bytes),
    sentenceCell(text),
  ]);
  return section('Findings', ['What', 'Path', 'Layer', 'Bytes', 'Why it matters'], [2, 3], rows, maxRows.findings);
}

function problems(all: readonly string[]): string {
  if (all.length === 0) return '';
  const lines = all.slice(0, maxRows.problems).map((text) => `- ${codeSpan(text, maxProblem)}\n`);
  return `## Problems\n\n${lines.join('')}${moreText(all.length - maxRows.problems)}`;
}

function section(
  title: string,
  titles: readonly string[],
  numbers: readonly number[],
  rows: readonly (readonly string[])[],
  limit: number,
): string {
  if (rows.length === 0) return '';
  return `## ${title}\n\n${table(titles, numbers, rows.slice(0, limit))}${moreText(rows.length - limit)}`;
}

/** A table; `numbers` are the columns that are aligned to the right. */
function table(titles: readonly string[], numbers: readonly number[], rows: readonly (readonly string[])[]): string {
  const rule = titles.map((_, at) => (numbers.includes(at) ? '---:' : '---'));
  return [titles, rule, ...rows].map((cells) => `| ${cells.join(' | ')} |\n`).join('');
}

function moreText(count: number): string {
  return count > 0 ? `\nAnd ${count.toLocaleString('en-US')} more.\n` : '';
}

/** `98.4 %`; never 100 % for what is less. */
function percentText(part: number): string {
  return `${(Math.floor(part * 1000) / 10).toFixed(1)} %`;
}

function countText(count: number, noun: string): string {
  return `${count.toLocaleString('en-US')} ${noun}${count === 1 ? '' : 's'}`;
}
