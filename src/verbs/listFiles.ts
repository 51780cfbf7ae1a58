import { setImmediate } from 'node:timers/promises';
import type { FileEntry, RunOptions } from '../api.ts';
import type { Io } from '../content/store.ts';
import { OciError } from '../errors.ts';
import { escapeText } from '../oci/reference.ts';
import { changedEntry, fileEntry } from '../operations/fileEntries.ts';
import type { ImageFiles } from '../operations/imageFiles.ts';
import { layerOption, layerProgress, pathOption } from './fileOptions.ts';
import { openFiles } from './openFiles.ts';
import { OptionReader } from './options.ts';
import type { Verb } from './verb.ts';

/** Entries between two chances for others to run. */
const batch = 5000;

/** `listFiles {image, platform?, layer?, path?}`: the merged view, or one layer's own entries. */
export const listFilesVerb: Verb<readonly FileEntry[]> = async (value, context, run, io) => {
  const options = new OptionReader('listFiles', value);
  const layer = layerOption(options);
  const path = pathOption(options);
  const { files, reference } = await openFiles(options, context, io);
  const found = layer === undefined ? await merged(files, path, run, io) : await own(files, layer, path, run, io);
  if (found.length > 0 || path === '') return found;
  const where = layer === undefined ? reference : `layer ${layer} of ${reference}`;
  throw new OciError('not-found', `there is no ${escapeText(`/${path}`)} in ${where}.`);
};

async function merged(files: ImageFiles, path: string, run: RunOptions, io: Io): Promise<readonly FileEntry[]> {
  const stack = await files.filesystem(layerProgress(files, run), io);
  const found: FileEntry[] = [];
  let seen = 0;
  for (const node of stack.walk()) {
    if (isIn(node.path, path)) found.push(fileEntry(node));
    if (++seen % batch === 0) await pause(io);
  }
  return found;
}

async function own(
  files: ImageFiles,
  layer: number | string,
  path: string,
  run: RunOptions,
  io: Io,
): Promise<readonly FileEntry[]> {
  const at = files.position(layer);
  const found: FileEntry[] = [];
  let seen = 0;
  for (const change of await files.changes(at, layerProgress(files, run), io)) {
    if (isIn(change.path, path)) found.push(changedEntry(change, at));
    if (++seen % batch === 0) await pause(io);
  }
  return found;
}

/** True for a path and what is below it. */
function isIn(path: string, top: string): boolean {
  return top === '' || path === top || path.startsWith(`${top}/`);
}

async function pause(io: Io): Promise<void> {
  await setImmediate();
  io.signal.throwIfAborted();
}
