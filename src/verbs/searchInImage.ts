import type { FoundLine, SearchInImageResult } from '../api.ts';
import { searchFiles } from '../operations/searchFiles.ts';
import { layerOption, layerProgress, pathOption } from './fileOptions.ts';
import { openFiles } from './openFiles.ts';
import { OptionReader } from './options.ts';
import type { Verb } from './verb.ts';

/** `searchInImage {image, platform?, layer?, path?, query, isRegExp?, isCaseSensitive?}`: lines of text files that match. */
export const searchInImageVerb: Verb<SearchInImageResult> = async (value, context, run, io) => {
  const options = new OptionReader('searchInImage', value);
  const query = {
    query: options.text('query'),
    isRegExp: options.flag('isRegExp'),
    isCaseSensitive: options.flag('isCaseSensitive'),
    path: pathOption(options),
  };
  const layer = layerOption(options);
  const { files } = await openFiles(options, context, io);
  const at = layer === undefined ? {} : { layer: files.position(layer) };
  const index = layerProgress(files, run);
  const onBytes = (bytes: number, total: number): void => run.onProgress?.({ message: 'Searching', bytes, total });
  const found = await searchFiles(files, { ...query, ...at, index, onBytes }, io);
  const matches: FoundLine[] = found.files.flatMap(({ path, matches: lines }) =>
    lines.map(({ line, start, text }) => ({ path: `/${path}`, line, column: start + 1, text })),
  );
  return { matches, problems: found.problems };
};
