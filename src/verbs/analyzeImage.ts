import type { AnalyzeImageResult } from '../api.ts';
import { analyzeFiles } from '../operations/analyzeImage.ts';
import { readRules } from '../operations/rules.ts';
import { layerProgress } from './fileOptions.ts';
import { openFiles } from './openFiles.ts';
import { OptionReader } from './options.ts';
import type { Verb } from './verb.ts';

/** `analyzeImage {image, platform?, rules?}`. */
export const analyzeImageVerb: Verb<AnalyzeImageResult> = async (value, context, run, io) => {
  const options = new OptionReader('analyzeImage', value);
  const given = options.raw('rules') ?? undefined;
  const rules = given === undefined ? {} : { rules: readRules(given) };
  const { reference, files } = await openFiles(options, context, io);
  return { reference, ...(await analyzeFiles(files, { ...rules, reading: layerProgress(files, run) }, io)) };
};
