import type { GantryApi } from '../api.ts';
import { analyzeImageVerb } from './analyzeImage.ts';
import { appendLayer } from './appendLayer.ts';
import { bindVerb, type BoundVerb } from './bindVerb.ts';
import { compareImagesVerb } from './compareImages.ts';
import { containerizeVerb } from './containerize.ts';
import { copyVerb } from './copyImage.ts';
import { deleteVerb } from './deleteImage.ts';
import { describeBinaryVerb } from './describeBinary.ts';
import { detectProjectsVerb } from './detectProjects.ts';
import { inspectVerb } from './inspectImage.ts';
import { listFilesVerb } from './listFiles.ts';
import { listRepositories, listTags } from './lists.ts';
import { preflightVerb } from './preflight.ts';
import { readFileVerb } from './readFile.ts';
import { recommendBasesVerb } from './recommendBases.ts';
import { retagVerb } from './retag.ts';
import { saveImageVerb } from './saveImage.ts';
import { searchInImageVerb } from './searchInImage.ts';
import type { Verb, VerbContext } from './verb.ts';

/** The verbs over the given stores: what commands run and `activate()` returns. */
export function createGantry(context: VerbContext): GantryApi {
  const bind = <Result>(verb: Verb<Result>): BoundVerb<Result> => bindVerb(verb, context);
  return {
    copyImage: bind(copyVerb),
    retag: bind(retagVerb),
    inspectImage: bind(inspectVerb),
    appendLayer: bind(appendLayer),
    containerize: bind(containerizeVerb),
    detectProjects: bind(detectProjectsVerb),
    recommendBases: bind(recommendBasesVerb),
    listRepositories: bind(listRepositories),
    listTags: bind(listTags),
    deleteImage: bind(deleteVerb),
    listFiles: bind(listFilesVerb),
    readFile: bind(readFileVerb),
    searchInImage: bind(searchInImageVerb),
    analyzeImage: bind(analyzeImageVerb),
    compareImages: bind(compareImagesVerb),
    saveImage: bind(saveImageVerb),
    describeBinary: bind(describeBinaryVerb),
    preflight: bind(preflightVerb),
  };
}
