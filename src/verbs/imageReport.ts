import type { ImageReport } from '../api.ts';
import { analyzeFiles } from '../operations/analyzeImage.ts';
import { readRules } from '../operations/rules.ts';
import { sizeTree } from '../operations/sizeTree.ts';
import { layerProgress } from './fileOptions.ts';
import { openFiles } from './openFiles.ts';
import { OptionReader } from './options.ts';
import type { Verb } from './verb.ts';

/** Tiles that a picture of the filesystem has at most. */
const maxNodes = 4000;

/** `{image, platform?, rules?}`: what `analyzeImage` says, with the sizes of folders and files for a picture. */
export const imageReportVerb: Verb<ImageReport> = async (value, context, run, io) => {
  const options = new OptionReader('imageReport', value);
  const given = options.raw('rules') ?? undefined;
  const rules = given === undefined ? {} : { rules: readRules(given) };
  const { reference, files } = await openFiles(options, context, io);
  const result = await analyzeFiles(files, { ...rules, reading: layerProgress(files, run) }, io);
  const tree = await sizeTree(await files.filesystem({}, io), { maxNodes }, io);
  return { result: { reference, ...result }, tree };
};
