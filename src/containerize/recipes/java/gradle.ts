import { stat } from 'node:fs/promises';
import path from 'node:path';
import type { Io } from '../../../content/store.ts';
import type { ImageBlueprint } from '../../blueprint.ts';
import { readableText } from '../folder/onDisk.ts';
import type { ProjectFolder } from '../projectFolder.ts';
import type { Project } from '../recipe.ts';
import { applicationBlueprint, mainClassOf } from './application.ts';
import { gradleFolders, gradleModules, parseGradleBuild, rootProjectName } from './gradleBuild.ts';
import { gradleStep, type GradleModule as Module, taskOf } from './gradleStep.ts';
import { javaBases } from './javaBases.ts';
import { jarBlueprint } from './jarBlueprint.ts';
import { isProgramJar } from './jarProjects.ts';
import { notBuilt, projectsOf } from './javaProject.ts';
import { kindOf, type Library } from './libraries.ts';
import { maxClasses, scanProject, type ClassScan } from './scanClasses.ts';
import { below, mainsInSources } from './scanSources.ts';

const languages = ['java', 'kotlin', 'groovy', 'scala'];
/** Most class files that are read to find out which projects there are. */
const maxDetected = 3000;

/** The programs of a Gradle build; empty where there is no build script. */
export async function gradleProjects(folder: ProjectFolder, io: Io): Promise<readonly Project[]> {
  const settings = (await firstText(folder, '', ['settings.gradle', 'settings.gradle.kts'], io)) ?? '';
  const tasks = ['', ...gradleModules(settings)];
  const folders = gradleFolders(settings);
  const modules = tasks.map((task) => folders.get(task) ?? task);
  const found: (Module & { readonly mains: readonly string[]; readonly release: number })[] = [];
  for (const [at, task] of tasks.entries()) {
    const place = modules[at] ?? task;
    const script = await firstText(folder, place, ['build.gradle', 'build.gradle.kts'], io);
    if (script === undefined) continue;
    const called = path.posix.basename(task);
    const name = task === '' ? (rootProjectName(settings) ?? path.basename(folder.root)) : called;
    const module = { folder, path: place, task, name, build: parseGradleBuild(script), modules };
    const outputs = await Promise.all(classFolders(module).map((one) => scanProject(folder, one, maxDetected, io)));
    const compiled = outputs.filter(({ hasClasses }) => hasClasses);
    const mains = compiled.length > 0 ? compiled.flatMap((one) => one.mains) : await mainsInSources(folder, place, io);
    found.push({ ...module, mains, release: Math.max(0, ...outputs.map((one) => one.release)) });
  }
  // A plugin of the build's own may make an application of what has a main class.
  return found
    .filter(({ build, mains }) => build.hasApplication || build.hasSpringBoot || mains.length > 0)
    .flatMap(({ mains, release, ...module }) => projects(module, mains, release));
}

function projects(module: Module, mains: readonly string[], release: number): readonly Project[] {
  const { path: place, name, build } = module;
  const startable = {
    place,
    kind: build.hasSpringBoot ? 'Spring Boot project' : 'Gradle project',
    name,
    // The JAR of Spring Boot names its class itself.
    ...(build.hasSpringBoot ? { chosen: undefined, mains: [] } : { chosen: build.mainClass, mains }),
  };
  return projectsOf(startable, (mainClass) => ({
    bases: javaBases(release === 0 ? build.release : release),
    builds: async (build) => [await gradleStep(module, build)],
    image: (_context, io) => (build.hasSpringBoot ? bootImage(module, io) : image(module, mainClass, io)),
  }));
}

function classFolders({ path: place }: Module): readonly string[] {
  return languages.map((language) => below(place, `build/classes/${language}/main`));
}

async function image(module: Module, mainClass: string | undefined, io: Io): Promise<ImageBlueprint> {
  const { folder, path: place, name, build } = module;
  const compiled = await Promise.all(classFolders(module).map((one) => scanProject(folder, one, maxClasses, io)));
  const outputs = compiled.filter(({ hasClasses }) => hasClasses);
  if (outputs.length === 0) throw notBuilt(folder.path(below(place, 'build/classes')), `gradle ${taskOf(module)}`);
  const resources: ClassScan = await scanProject(folder, below(place, 'build/resources/main'), maxClasses, io);
  const libraries = await librariesOf(module, io);
  return applicationBlueprint(
    {
      outputs: [resources, ...outputs],
      libraries,
      mainClass: mainClassOf(mainClass ?? build.mainClass, outputs, place === '' ? name : place),
      materials: libraries.map(({ file }) => file),
    },
    io,
  );
}

/** What the distribution holds, but the module's own JAR: its classes are taken from their folder. */
async function librariesOf(module: Module, io: Io): Promise<readonly Library[]> {
  const { folder, path: place, name: own, modules } = module;
  const distributions = (await folder.list(below(place, 'build/install'), io)).filter(({ kind }) => kind === 'folder');
  const chosen =
    distributions.find(({ name }) => name === own) ?? distributions.find(({ name }) => !/-shadow$/.test(name));
  if (chosen === undefined) throw notBuilt(folder.path(below(place, 'build/install')), `gradle ${taskOf(module)}`);
  const lib = below(place, `build/install/${chosen.name}/lib`);
  const ownJars = new Set(await builtJars(folder, place, io));
  const others = modules.filter((one) => one !== place);
  const moduleJars = new Set((await Promise.all(others.map((one) => builtJars(folder, one, io)))).flat());
  return (await folder.list(lib, io))
    .filter(({ name, kind }) => kind === 'file' && name.endsWith('.jar') && !ownJars.has(name))
    .map(({ name }) => ({
      file: folder.path(`${lib}/${name}`),
      kind: moduleJars.has(name) ? 'module' : kindOf(name),
    }));
}

async function builtJars(folder: ProjectFolder, place: string, io: Io): Promise<readonly string[]> {
  const entries = await folder.list(below(place, 'build/libs'), io);
  return entries.filter(({ name, kind }) => kind === 'file' && name.endsWith('.jar')).map(({ name }) => name);
}

async function bootImage(module: Module, io: Io): Promise<ImageBlueprint> {
  const { folder, path: place } = module;
  const names = (await builtJars(folder, place, io)).filter(isProgramJar);
  const files = await Promise.all(
    names.map(async (name) => {
      const file = folder.path(below(place, `build/libs/${name}`));
      return { file, time: (await stat(file)).mtimeMs };
    }),
  );
  // JARs of older versions stay in the folder.
  const [newest] = files.sort((a, b) => b.time - a.time);
  if (newest === undefined) throw notBuilt(folder.path(below(place, 'build/libs')), `gradle ${taskOf(module)}`);
  return jarBlueprint(newest.file, io);
}

async function firstText(
  folder: ProjectFolder,
  place: string,
  names: readonly string[],
  io: Io,
): Promise<string | undefined> {
  for (const name of names) {
    const text = await readableText(folder, below(place, name), io);
    if (text !== undefined) return text;
  }
  return undefined;
}
