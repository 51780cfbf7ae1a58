import { OciError } from '../errors.ts';
import type { Commands } from './command.ts';

/** Verbs that programs run and that have no questions of their own to ask. */
export function programCommands(): Commands {
  const person = async (): Promise<never> => {
    throw new OciError('invalid-reference', 'This command is for programs: it takes one object of options.');
  };
  return {
    'gantry.listFiles': { program: (options, api) => api.listFiles(options), person },
    'gantry.readFile': { program: (options, api) => api.readFile(options), person },
    'gantry.saveImage': { program: (options, api) => api.saveImage(options), person },
    'gantry.describeBinary': {
      program: (options, api) => api.describeBinary(options),
      person,
    },
    'gantry.detectProjects': {
      program: (options, api) => api.detectProjects(options),
      person,
    },
    'gantry.recommendBases': {
      program: (options, api) => api.recommendBases(options),
      person,
    },
    'gantry.preflight': { program: (options, api) => api.preflight(options), person },
  };
}
