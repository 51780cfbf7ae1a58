import path from 'node:path';
import type { Io } from '../../../content/store.ts';
import { isOciError, OciError } from '../../../errors.ts';
import { escapeText } from '../../../oci/reference.ts';
import type { ImageBlueprint } from '../../blueprint.ts';
import { pathBelow } from '../../pathBelow.ts';
import { readableText } from '../folder/onDisk.ts';
import { ProjectFolder } from '../projectFolder.ts';
import type { BuildContext, BuildStep, Project } from '../recipe.ts';
import { applicationBlueprint, mainClassOf } from './application.ts';
import { javaBases } from './javaBases.ts';
import { notBuilt, projectsOf } from './javaProject.ts';
import { kindOf, type Library } from './libraries.ts';
import { parsePom, type Pom } from './pom.ts';
import { maxClasses, scanClasses, scanProject } from './scanClasses.ts';
import { below, mainsInSources } from './scanSources.ts';
import { toolCommand } from './wrapper.ts';

interface Module {
  readonly folder: ProjectFolder;
  /** Below the folder; empty for itself. */
  readonly path: string;
  readonly pom: Pom;
}

const maxModules = 500;
const maxLibraries = 20_000;
/** Most class files that are read to find out which projects there are. */
const maxDetected = 3000;
const howToGet =
  'Install Maven from https://maven.apache.org, or add its wrapper to the project with `mvn wrapper:wrapper`.';

/** The programs of a Maven build; empty where there is no pom.xml, or none that can be read. */
export async function mavenProjects(folder: ProjectFolder, io: Io): Promise<readonly Project[]> {
  const modules = await modulesOf(folder, io);
  const found: (Awaited<ReturnType<typeof startable>> & { readonly module: Module })[] = [];
  for (const module of modules.filter(({ pom }) => pom.packaging === 'jar' || pom.packaging === 'war')) {
    found.push({ module, ...(await startable(module, io)) });
  }
  const programs = found.filter(({ mains, module }) => mains.length > 0 || module.pom.mainClass !== undefined);
  // What is started may be in a library, or in a language that is not looked into.
  return (programs.length > 0 ? programs : found).flatMap(({ module, mains, release }) =>
    projectsOf(
      { place: module.path, kind: 'Maven project', name: module.pom.artifactId, chosen: module.pom.mainClass, mains },
      (mainClass) => ({
        bases: javaBases(release === 0 ? module.pom.release : release),
        builds: async (build) => [await buildStep(module, build)],
        image: (build, imageIo) => image(module, mainClass, build, imageIo),
      }),
    ),
  );
}

async function modulesOf(folder: ProjectFolder, io: Io): Promise<readonly Module[]> {
  const modules: Module[] = [];
  const seen = new Set<string>();
  const waiting: { readonly place: string; readonly parent?: Pom }[] = [{ place: '' }];
  for (let next = waiting.shift(); next !== undefined && modules.length < maxModules; next = waiting.shift()) {
    const { place, parent } = next;
    // By a link a module may hold itself.
    const real = await folder.real(place === '' ? '.' : place);
    if (real === undefined || seen.has(real)) continue;
    seen.add(real);
    const pom = parsePom((await readableText(folder, below(place, 'pom.xml'), io)) ?? '', parent);
    if (pom === undefined) continue;
    modules.push({ folder, path: place, pom });
    for (const one of pom.modules) {
      const inside = path.posix.normalize(below(place, one.replaceAll('\\', '/'))).replace(/\/(?:pom\.xml)?$/, '');
      // Maven takes more than one name, and signs before them, in its list of modules.
      if (/^[^-+!?:@,][^,]*$/.test(inside)) waiting.push({ place: inside, parent: pom });
    }
  }
  return modules;
}

async function startable(
  { folder, path: place }: Module,
  io: Io,
): Promise<{ readonly mains: readonly string[]; readonly release: number }> {
  const { hasClasses, mains, release } = await scanProject(folder, below(place, 'target/classes'), maxDetected, io);
  return { mains: hasClasses ? mains : await mainsInSources(folder, place, io), release };
}

async function buildStep({ folder, path: place }: Module, { output }: BuildContext): Promise<BuildStep> {
  const tool = await toolCommand(folder, 'mvn', { unix: 'mvnw', windows: 'mvnw.cmd' });
  // Other modules that it needs are built too; each writes its class path over that of the one before, the module itself last.
  const chosen = place === '' ? [] : ['-pl', place, '-am'];
  const classPath = [
    'dependency:build-classpath',
    '-DincludeScope=runtime',
    `-Dmdep.outputFile=${classPathFile(output)}`,
  ];
  return {
    title: `${tool.name} package ${place}`.trimEnd(),
    command: tool.command,
    args: [...tool.args, '-B', '-q', ...chosen, 'package', ...classPath, '-Dmdep.regenerateFile=true', '-DskipTests'],
    directory: folder.root,
    env: {},
    howToGet,
  };
}

async function image(
  module: Module,
  mainClass: string | undefined,
  { output }: BuildContext,
  io: Io,
): Promise<ImageBlueprint> {
  const { folder, path: place, pom } = module;
  if (pom.packaging === 'war') throw noWar(pom);
  const command = 'mvn package';
  const scan = await scanProject(folder, below(place, 'target/classes'), maxClasses, io);
  if (!scan.hasClasses) throw notBuilt(scan.folder, command);
  const libraries = await librariesOf(folder, output, io);
  if (libraries === undefined) throw notBuilt(classPathFile(output), `${command} dependency:build-classpath`);
  // Without `package` other modules are on the class path as folders.
  const folders = libraries.filter(({ file }) => path.basename(file) === 'classes');
  const more = await Promise.all(
    folders.map(({ file }) => {
      const inside = pathBelow(folder.root, file);
      return inside === undefined ? scanClasses(file, maxClasses, io) : scanProject(folder, inside, maxClasses, io);
    }),
  );
  return applicationBlueprint(
    {
      outputs: [scan, ...more],
      libraries: libraries.filter((one) => !folders.includes(one)),
      mainClass: mainClassOf(mainClass ?? pom.mainClass, [scan], pom.artifactId),
      materials: [folder.path(below(place, 'pom.xml')), ...libraries.map(({ file }) => file)],
    },
    io,
  );
}

/**
 * The class path that Maven wrote: undefined where it did not. JARs inside the folder are of other modules. Dependencies of
 * type `pom` or `zip` are named too, which Java takes nothing from.
 */
async function librariesOf(root: ProjectFolder, output: string, io: Io): Promise<readonly Library[] | undefined> {
  const text = await readOutput(output, io);
  const files = text?.split(path.delimiter).map((file) => file.trim());
  const modules = root.root + path.sep;
  return files
    ?.filter((file) => path.isAbsolute(file) && /\.jar$|^classes$/i.test(path.basename(file)))
    .slice(0, maxLibraries)
    .map((file) => ({ file, kind: file.startsWith(modules) && isTarget(file) ? 'module' : kindOf(file) }));
}

function isTarget(file: string): boolean {
  return path.basename(path.dirname(file)) === 'target';
}

function classPathFile(output: string): string {
  return path.join(output, 'classpath');
}

async function readOutput(output: string, io: Io): Promise<string | undefined> {
  try {
    return await (await ProjectFolder.open(output)).text('classpath', io);
  } catch (error) {
    if (isOciError(error, 'not-found')) return undefined;
    throw error;
  }
}

function noWar({ artifactId }: Pom): OciError {
  return new OciError(
    'unsupported-media-type',
    `${escapeText(artifactId)} is packaged as a WAR, which needs a servlet container. Put the .war itself into an image of one, such as tomcat at /usr/local/tomcat/webapps/ROOT.war, or package it as an executable JAR.`,
  );
}
