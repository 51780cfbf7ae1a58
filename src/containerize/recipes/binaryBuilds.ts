import path from 'node:path';
import type { Io } from '../../content/store.ts';
import type { ProjectFolder } from './projectFolder.ts';
import type { BuildStep } from './recipe.ts';

const makefiles = ['GNUmakefile', 'makefile', 'Makefile'];
/** Of tool chains of their own: what their Makefiles do by default is seldom a build only. */
const others = ['go.mod', 'Cargo.toml', 'package.json', 'pyproject.toml', 'pom.xml'];

/**
 * The commands that build a folder's C or C++ programs, by CMake or make; empty where there is nothing that says how.
 * @param place of a program that an earlier build has left, relative: it tells which of several build folders is meant
 */
export async function binarySteps(
  folder: ProjectFolder,
  place: string | undefined,
  io: Io,
): Promise<readonly BuildStep[]> {
  if (await folder.has('CMakeLists.txt')) return cmakeSteps(folder, place);
  io.signal.throwIfAborted();
  for (const other of others) if (await folder.has(other)) return [];
  for (const name of makefiles) if (await folder.has(name)) return [makeStep(folder)];
  return [];
}

async function cmakeSteps(folder: ProjectFolder, place: string | undefined): Promise<readonly BuildStep[]> {
  const configured = await configuredFolder(folder, place);
  const build = step(folder, 'cmake', ['--build', configured ?? 'build'], cmake);
  if (configured !== undefined) return [build];
  return [step(folder, 'cmake', ['-S', '.', '-B', 'build', '-DCMAKE_BUILD_TYPE=Release'], cmake), build];
}

/** The build folder that a program lies in, else `build` where it was configured. */
async function configuredFolder(folder: ProjectFolder, place = ''): Promise<string | undefined> {
  const above = place.split('/').slice(0, -1);
  while (above.length > 0) {
    const at = above.join('/');
    if (await folder.has(`${at}/CMakeCache.txt`)) return at;
    above.pop();
  }
  return (await folder.has('build/CMakeCache.txt')) ? 'build' : undefined;
}

const cmake = 'Install CMake from https://cmake.org/download/ or with your package manager, and a C++ compiler.';
const make = 'Install make and a C compiler with your package manager, such as apt-get install build-essential.';

function makeStep(folder: ProjectFolder): BuildStep {
  return step(folder, 'make', [], make);
}

function step(folder: ProjectFolder, command: string, args: readonly string[], howToGet: string): BuildStep {
  const title = [command, ...args, 'in', path.basename(folder.root)].join(' ');
  return { title, command, args, directory: folder.root, env: {}, howToGet };
}
