import type { ContentPlace, LayerChange } from '../archive/layerStack.ts';
import type { Io } from '../content/store.ts';
import { readAll } from '../content/bytes.ts';
import { OciError } from '../errors.ts';
import { escapeText } from '../oci/reference.ts';
import type { ImageFiles } from '../operations/imageFiles.ts';
import { layerOption, layerProgress, pathOption } from './fileOptions.ts';
import { openFiles } from './openFiles.ts';
import { OptionReader } from './options.ts';
import type { RunOptions } from '../api.ts';
import type { Verb } from './verb.ts';

/** Largest file that is given back whole, in bytes: faults row 0.1. */
const maxBytes = 512 << 20;

/** `readFile {image, platform?, layer?, path}`: the content of a file; symbolic links are followed inside the image. */
export const readFileVerb: Verb<Uint8Array> = async (value, context, run, io) => {
  const options = new OptionReader('readFile', value);
  options.text('path');
  const path = pathOption(options);
  const layer = layerOption(options);
  const { files, reference } = await openFiles(options, context, io);
  const place = layer === undefined ? await merged(files, path, run, io) : await own(files, layer, path, run, io);
  if (place === undefined) throw noContent(path, reference);
  if (place.entry.size > maxBytes) throw tooLarge(path, place.entry.size);
  return readAll(await files.read(place.layer, place.entry, io), maxBytes, escapeText(`/${path}`));
};

async function merged(files: ImageFiles, path: string, run: RunOptions, io: Io): Promise<ContentPlace | undefined> {
  const stack = await files.filesystem(layerProgress(files, run), io);
  return stack.resolve(path).content;
}

/** A layer's version of a path; through a hard link, the file it names as of that layer. */
async function own(
  files: ImageFiles,
  layer: number | string,
  path: string,
  run: RunOptions,
  io: Io,
): Promise<ContentPlace | undefined> {
  const at = files.position(layer);
  const changes = await files.changes(at, layerProgress(files, run), io);
  const change = changes.find((each) => each.path === path && each.change !== 'removed');
  if (change === undefined) {
    throw new OciError('not-found', `layer ${at} does not bring ${escapeText(`/${path}`)}.`);
  }
  return contentOf(change, at);
}

function contentOf({ entry, content }: LayerChange, layer: number): ContentPlace | undefined {
  return entry.type === 'file' ? { layer, entry } : content;
}

function noContent(path: string, reference: string): OciError {
  const what = escapeText(`/${path}`);
  return new OciError('unsupported-media-type', `${what} in ${reference} is no file: it has no content to read.`);
}

function tooLarge(path: string, size: number): OciError {
  const what = escapeText(`/${path}`);
  return new OciError('too-large', `${what} has ${size} bytes, more than the ${maxBytes} that are read at once.`);
}
