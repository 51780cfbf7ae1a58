import type { GantryApi } from '../api.ts';
import type { VerbContext } from './verb.ts';

/** The verbs, whose code is loaded at the first use of one: that is most of the program, and reading it takes a while. */
export function lateGantry(context: () => Promise<VerbContext>): GantryApi {
  let loaded: Promise<GantryApi> | undefined;
  const load = async (): Promise<GantryApi> => {
    const { createGantry } = await import('./createGantry.ts');
    return createGantry(await context());
  };
  const gantry = (): Promise<GantryApi> => (loaded ??= load());
  return {
    copyImage: async (options, run) => (await gantry()).copyImage(options, run),
    retag: async (options, run) => (await gantry()).retag(options, run),
    inspectImage: async (options, run) => (await gantry()).inspectImage(options, run),
    appendLayer: async (options, run) => (await gantry()).appendLayer(options, run),
    containerize: async (options, run) => (await gantry()).containerize(options, run),
    detectProjects: async (options, run) => (await gantry()).detectProjects(options, run),
    recommendBases: async (options, run) => (await gantry()).recommendBases(options, run),
    listRepositories: async (options, run) => (await gantry()).listRepositories(options, run),
    listTags: async (options, run) => (await gantry()).listTags(options, run),
    deleteImage: async (options, run) => (await gantry()).deleteImage(options, run),
    listFiles: async (options, run) => (await gantry()).listFiles(options, run),
    readFile: async (options, run) => (await gantry()).readFile(options, run),
    searchInImage: async (options, run) => (await gantry()).searchInImage(options, run),
    analyzeImage: async (options, run) => (await gantry()).analyzeImage(options, run),
    compareImages: async (options, run) => (await gantry()).compareImages(options, run),
    saveImage: async (options, run) => (await gantry()).saveImage(options, run),
    describeBinary: async (options, run) => (await gantry()).describeBinary(options, run),
    preflight: async (options, run) => (await gantry()).preflight(options, run),
  };
}
