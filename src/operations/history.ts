import { type Digest, shortDigest } from '../oci/digest.ts';
import type { HistoryEntry, ImageConfig } from '../oci/imageConfig.ts';
import type { ImageManifest } from '../oci/manifest.ts';
import { plainLine } from './plainText.ts';

/** One line of what `docker history` shows. Texts are from outside, as they are. */
export interface HistoryLine {
  /** As the config has it: RFC 3339. */
  readonly created?: string;
  readonly createdBy?: string;
  readonly comment?: string;
  /** Bytes of the layer as stored, 0 where the step made none; undefined where nobody knows which layer it made. */
  readonly size: number | undefined;
  /** The layer that the step made. */
  readonly layer?: LayerOfLine;
}

export interface LayerOfLine {
  /** From 0. */
  readonly position: number;
  readonly digest: Digest;
}

/**
 * How an image was made, newest step first (image-spec config.md, history). Where history and layers are not as many, no step
 * has a layer, and the layers come first as lines of their own.
 */
export function imageHistory(config: ImageConfig, { layers }: ImageManifest): readonly HistoryLine[] {
  const made = config.history.filter((entry) => entry.empty_layer !== true);
  const ofLayers = layers.map(({ digest, size }, position) => ({ size, layer: { position, digest } }));
  const matched = made.length === layers.length ? ofLayers : [];
  const rest = matched.length > 0 ? [] : ofLayers;
  let next = 0;
  const steps = config.history.map((entry) => {
    const own = entry.empty_layer === true ? { size: 0 } : (matched[next++] ?? { size: undefined });
    return { ...textsOf(entry), ...own };
  });
  return [...steps, ...rest].reverse();
}

function textsOf({ created, created_by: createdBy, comment }: HistoryEntry): Omit<HistoryLine, 'size'> {
  return {
    ...(created === undefined ? {} : { created }),
    ...(createdBy === undefined ? {} : { createdBy }),
    ...(comment === undefined ? {} : { comment }),
  };
}

const titles = ['CREATED', 'SIZE', 'LAYER', 'COMMENT', 'CREATED BY'] as const;
const sizeColumn = 1;
/** Widest that other columns than the last get, in characters. */
const maxWidth = 40;

/** The history as an aligned table, for people. What is not known is `?`. */
export function historyText(lines: readonly HistoryLine[]): string {
  const rows = [titles, ...lines.map(cellsOf)];
  const widths = titles.map((_, at) => rows.reduce((most, row) => Math.max(most, row[at]?.length ?? 0), 0));
  return rows.map((row) => line(row, widths)).join('');
}

function cellsOf({ created, createdBy, comment, size, layer }: HistoryLine): readonly string[] {
  return [
    cut(plainLine(created ?? '?')),
    size === undefined ? '?' : `${size.toLocaleString('en-US')} B`,
    layer === undefined ? (size === 0 ? '' : '?') : `#${layer.position + 1} ${shortDigest(layer.digest)}`,
    cut(plainLine(comment ?? '')),
    plainLine(createdBy ?? '?'),
  ];
}

function line(row: readonly string[], widths: readonly number[]): string {
  const cells = row.map((cell, at) => pad(cell, at, widths[at] ?? 0));
  return `${cells.join('  ').trimEnd()}\n`;
}

function pad(cell: string, column: number, width: number): string {
  if (column === titles.length - 1) return cell;
  return column === sizeColumn ? cell.padStart(width) : cell.padEnd(width);
}

function cut(text: string): string {
  return text.length > maxWidth ? `${text.slice(0, maxWidth - 1)}…` : text;
}
