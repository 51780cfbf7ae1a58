import type { Disposable } from 'vscode';
import { OciError } from '../errors.ts';
import { registerCommand } from './command.ts';
import type { Shell } from './shell.ts';

/** Verbs that programs run and that have no questions of their own to ask. */
export function registerFilePrograms(shell: Shell): readonly Disposable[] {
  const person = async (): Promise<never> => {
    throw new OciError('invalid-reference', 'This command is for programs: it takes one object of options.');
  };
  return [
    registerCommand(shell, 'gantry.listFiles', { program: (options, api) => api.listFiles(options), person }),
    registerCommand(shell, 'gantry.readFile', { program: (options, api) => api.readFile(options), person }),
    registerCommand(shell, 'gantry.saveImage', { program: (options, api) => api.saveImage(options), person }),
    registerCommand(shell, 'gantry.describeBinary', {
      program: (options, api) => api.describeBinary(options),
      person,
    }),
    registerCommand(shell, 'gantry.detectProjects', {
      program: (options, api) => api.detectProjects(options),
      person,
    }),
    registerCommand(shell, 'gantry.recommendBases', {
      program: (options, api) => api.recommendBases(options),
      person,
    }),
    registerCommand(shell, 'gantry.preflight', { program: (options, api) => api.preflight(options), person }),
  ];
}
