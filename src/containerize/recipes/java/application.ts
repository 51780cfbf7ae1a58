import { stat } from 'node:fs/promises';
import path from 'node:path';
import type { PathFilter } from '../../../archive/pack.ts';
import type { Io } from '../../../content/store.ts';
import { OciError } from '../../../errors.ts';
import { escapeText } from '../../../oci/reference.ts';
import type { ImageBlueprint, ImageProgram, LayerBlueprint } from '../../blueprint.ts';
import { appRoot, type Library, libraryLayers, modes } from './libraries.ts';
import { type ClassScan, isClassName } from './scanClasses.ts';

/** A program that a build left as folders of classes. */
export interface Application {
  /** In the order of the class path. */
  readonly outputs: readonly ClassScan[];
  readonly libraries: readonly Library[];
  readonly mainClass: string;
  /** See `ImageBlueprint.materials`. */
  readonly materials: readonly string[];
}

/** The image of an application, in layers as Jib has them: what changes least is lowest. @throws OciError not-found for a missing library */
export async function applicationBlueprint(
  { outputs, libraries, mainClass, materials }: Application,
  io: Io,
): Promise<ImageBlueprint> {
  const layers = [
    ...(await libraryLayers(libraries, `${appRoot}/libs`, io)),
    outputLayer(
      'resources',
      outputs.filter(({ hasResources }) => hasResources),
    ),
    outputLayer(
      'classes',
      outputs.filter(({ hasClasses }) => hasClasses),
    ),
  ];
  const classPath = [`${appRoot}/resources`, `${appRoot}/classes`, `${appRoot}/libs/*`].join(':');
  return {
    layers: layers.filter(({ files }) => files.length > 0),
    config: { entrypoint: ['java', '-cp', classPath, mainClass] },
    programs: await mainProgram(outputs, mainClass),
    warnings: [],
    materials,
  };
}

/** The class to start: the one that was chosen, else the only one there is. @throws OciError invalid-reference, not-found */
export function mainClassOf(chosen: string | undefined, outputs: readonly ClassScan[], project: string): string {
  if (chosen !== undefined) return chosen;
  const mains = [...new Set(outputs.flatMap((one) => one.mains))].sort();
  const [only, ...more] = mains;
  if (only !== undefined && more.length === 0) return only;
  if (only === undefined) {
    const text = `no class of ${escapeText(project)} has a method public static void main(String[])`;
    throw new OciError('not-found', `${text}. Choose a project that is a program.`);
  }
  const names = mains
    .slice(0, 20)
    .map((name) => escapeText(name))
    .join(', ');
  const text = `${escapeText(project)} has ${mains.length} classes with a main method: ${names}`;
  throw new OciError('invalid-reference', `${text}. Choose the project with the name of one of them.`);
}

function outputLayer(name: 'classes' | 'resources', outputs: readonly ClassScan[]): LayerBlueprint {
  const files = outputs.map(({ folder }) => ({
    from: folder,
    to: `${appRoot}/${name}`,
    filter: name === 'classes' ? classes : resources,
    ...modes,
  }));
  return { name, files };
}

// Folders come with what is in them: else a new package would change the layer of the resources too.
const classes: PathFilter = { keeps: (name, isFolder) => !isFolder && isClassName(name), enters: () => true };
const resources: PathFilter = { keeps: (name, isFolder) => !isFolder && !isClassName(name), enters: () => true };

/** The class file that says which Java is needed; none where the main class is in a library. */
async function mainProgram(outputs: readonly ClassScan[], mainClass: string): Promise<readonly ImageProgram[]> {
  const name = `${mainClass.replaceAll('.', '/')}.class`;
  for (const { folder } of outputs) {
    const file = path.join(folder, ...name.split('/'));
    const found = await stat(file).catch(() => undefined);
    if (found?.isFile() === true) return [{ file, path: `${appRoot}/classes/${name}` }];
  }
  return [];
}
