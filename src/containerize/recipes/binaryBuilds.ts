import path from 'node:path';
import type { Io } from '../../content/store.ts';
import type { ProjectFolder } from './projectFolder.ts';
import type { BuildStep } from './recipe.ts';

const makefiles = ['GNUmakefile', 'makefile', 'Makefile'];
/** Of tool chains of their own: what their Makefiles do by default is seldom a build only. */
const others = ['go.mod', 'Cargo.toml', 'package.json', 'pyproject.toml', 'pom.xml'];

/**
 * The commands that build a folder's C or C++ programs, by CMake, Meson, make or configure; empty where nothing says how.
 * @param place of a program that an earlier build has left, relative: it tells which of several build folders is meant
 */
export async function binarySteps(
  folder: ProjectFolder,
  place: string | undefined,
  io: Io,
): Promise<readonly BuildStep[]> {
  if (await folder.has('CMakeLists.txt')) return cmakeSteps(folder, place);
  if (await folder.has('meson.build')) return mesonSteps(folder, place);
  io.signal.throwIfAborted();
  for (const other of others) if (await folder.has(other)) return [];
  for (const name of makefiles) if (await folder.has(name)) return [makeStep(folder)];
  return configureSteps(folder);
}

async function cmakeSteps(folder: ProjectFolder, place: string | undefined): Promise<readonly BuildStep[]> {
  const configured = await configuredFolder(folder, place, 'CMakeCache.txt', ['build']);
  const build = step(folder, 'cmake', ['--build', configured ?? 'build'], cmake);
  if (configured !== undefined) return [build];
  // Else programs hold the path of the build folder on this machine, where their libraries are.
  const settings = ['-DCMAKE_BUILD_TYPE=Release', '-DCMAKE_BUILD_RPATH_USE_ORIGIN=ON'];
  return [step(folder, 'cmake', ['-S', '.', '-B', 'build', ...settings], cmake), build];
}

async function mesonSteps(folder: ProjectFolder, place: string | undefined): Promise<readonly BuildStep[]> {
  const folders = ['builddir', 'build'];
  const configured = await configuredFolder(folder, place, 'meson-private/coredata.dat', folders);
  const build = step(folder, 'meson', ['compile', '-C', configured ?? 'builddir'], meson);
  if (configured !== undefined) return [build];
  return [step(folder, 'meson', ['setup', '--buildtype=release', 'builddir'], meson), build];
}

/** Afterwards there is a Makefile. */
async function configureSteps(folder: ProjectFolder): Promise<readonly BuildStep[]> {
  const hasScript = await folder.has('configure');
  if (!hasScript && !(await folder.has('configure.ac'))) return [];
  const made = hasScript ? [] : [step(folder, 'autoreconf', ['--install'], autotools)];
  return [...made, step(folder, folder.path('configure'), [], autotools), makeStep(folder)];
}

/** The build folder that a program lies in, else a usual one that was configured. */
async function configuredFolder(
  folder: ProjectFolder,
  place: string | undefined,
  mark: string,
  usual: readonly string[],
): Promise<string | undefined> {
  const above = (place ?? '').split('/').slice(0, -1);
  while (above.length > 0) {
    const at = above.join('/');
    if (await folder.has(`${at}/${mark}`)) return at;
    above.pop();
  }
  for (const at of usual) if (await folder.has(`${at}/${mark}`)) return at;
  return undefined;
}

const cmake = 'Install CMake from https://cmake.org/download/ or with your package manager, and a C++ compiler.';
const meson = 'Install Meson and Ninja from https://mesonbuild.com or with your package manager, and a C compiler.';
const autotools = 'Install autoconf, automake and libtool with your package manager, and a C compiler.';
const make = 'Install make and a C compiler with your package manager, such as apt-get install build-essential.';

function makeStep(folder: ProjectFolder): BuildStep {
  return step(folder, 'make', [], make);
}

function step(folder: ProjectFolder, command: string, args: readonly string[], howToGet: string): BuildStep {
  const title = [path.basename(command), ...args, 'in', path.basename(folder.root)].join(' ');
  return { title, command, args, directory: folder.root, env: {}, howToGet };
}
