import path from 'node:path';
import type { ContainerizeResult, Progress } from '../api.ts';
import { counted, formatBytes, visibleText } from '../browse/text.ts';
import { SpecError } from '../errors.ts';
import { isCancellation } from './notify.ts';

/** Milliseconds between two lines of the same step. */
const interval = 1000;
const longest = 4000;

/** Turns progress into lines of a terminal: one for each step, then one a second with its bytes. */
export class ProgressLines {
  #message: string | undefined;
  #last = 0;

  /** The line to write; undefined where there is nothing new worth one. */
  lineOf({ message, bytes, total }: Progress, now: number): string | undefined {
    const isNew = message !== this.#message;
    if (!isNew && (now - this.#last < interval || bytes === 0)) return undefined;
    this.#message = message;
    this.#last = now;
    const of = total === undefined ? '' : ` of ${formatBytes(total)}`;
    return visibleText(bytes === 0 ? message : `${message}: ${formatBytes(bytes)}${of}`, longest);
  }
}

/** What was made, or with `isPlan` would be. The digest is in the last line. */
export function resultLines(result: ContainerizeResult, { isPlan }: { readonly isPlan: boolean }): readonly string[] {
  const { target, tags, digest, layers, platforms, bytesTransferred, warnings, attached } = result;
  const layerLines = layers.map(({ name, size, reused, platform }) => {
    const of = platform === undefined ? '' : ` for ${platform}`;
    return `  layer ${name}${of}: ${formatBytes(size)}${reused ? ', there already' : ''}`;
  });
  const warned = warnings.flatMap(({ text, paths = [] }) => [`warning: ${text}`, ...paths.map((one) => `  ${one}`)]);
  return [
    ...warned,
    `${isPlan ? 'Would write' : 'Wrote'} ${target}${tags.length === 0 ? '' : `, ${tags.join(', ')}`} for ${platforms.join(', ')}`,
    ...layerLines,
    `  ${formatBytes(bytesTransferred)} ${isPlan ? 'to send' : 'sent'}${attached.length === 0 ? '' : `, ${counted(attached.length, 'attachment')}`}`,
    `Digest ${digest}`,
  ].map((line) => visibleText(line, longest));
}

/** What went wrong; problems of a spec as `gantry.yaml:12:3: error: …`, their paths relative to `folder`. */
export function errorLines(error: unknown, folder: string): readonly string[] {
  if (isCancellation(error)) return ['Cancelled: an image that was not finished has no tag.'];
  if (error instanceof SpecError && error.problems.length > 0) {
    return error.problems.map(({ file, line, column, text }) =>
      visibleText(`${shownPath(file, folder)}:${line}:${column}: error: ${text}`, longest),
    );
  }
  return [visibleText(`error: ${error instanceof Error ? error.message : 'unknown error'}`, longest)];
}

function shownPath(file: string, folder: string): string {
  const relative = path.relative(folder, file);
  return relative.startsWith('..') || path.isAbsolute(relative) ? file : relative.split(path.sep).join('/');
}
