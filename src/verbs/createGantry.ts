import type { GantryApi, RunOptions } from '../api.ts';
import { appendLayer } from './appendLayer.ts';
import { copyVerb } from './copyImage.ts';
import { deleteVerb } from './deleteImage.ts';
import { inspectVerb } from './inspectImage.ts';
import { listRepositories, listTags } from './lists.ts';
import { retagVerb } from './retag.ts';
import type { Verb, VerbContext } from './verb.ts';

/** The verbs over the given stores: what commands run and `activate()` returns. */
export function createGantry(context: VerbContext): GantryApi {
  const bind = <Result>(verb: Verb<Result>) => {
    return async (options: unknown, run: RunOptions = {}): Promise<Result> => {
      const io = { signal: run.signal ?? new AbortController().signal };
      return verb(options, context, run, io);
    };
  };
  return {
    copyImage: bind(copyVerb),
    retag: bind(retagVerb),
    inspectImage: bind(inspectVerb),
    appendLayer: bind(appendLayer),
    containerize: bind(appendLayer),
    listRepositories: bind(listRepositories),
    listTags: bind(listTags),
    deleteImage: bind(deleteVerb),
  };
}
