import { stat } from 'node:fs/promises';
import path from 'node:path';
import { fileError } from '../../../archive/fileError.ts';
import type { FileOnDisk, PathFilter } from '../../../archive/pack.ts';
import type { Io } from '../../../content/store.ts';
import { OciError } from '../../../errors.ts';
import { escapeText } from '../../../oci/reference.ts';
import type { ImageBlueprint, ImageProgram, LayerBlueprint } from '../../blueprint.ts';
import { type ClassScan, isClassName } from './scanClasses.ts';

/** A JAR that an application needs. */
export interface Library {
  /** An absolute path. */
  readonly file: string;
  /** `module`: another part of the same build. */
  readonly kind: 'release' | 'snapshot' | 'module';
  /** Its absolute path in the image. Default: under its own name in the folder for libraries. */
  readonly to?: string;
}

/** A program that a build left as folders of classes. */
export interface Application {
  /** In the order of the class path. */
  readonly outputs: readonly ClassScan[];
  readonly libraries: readonly Library[];
  readonly mainClass: string;
  /** See `ImageBlueprint.materials`. */
  readonly materials: readonly string[];
}

/** Where an application is in its image. */
export const appRoot = '/app';
/** The modes of all files: a build's own differ from machine to machine. */
export const modes = { mode: 0o644, directoryMode: 0o755 };

/** Of a library that is no part of the same build, by the name of its file. */
export function kindOf(file: string): Library['kind'] {
  return path.basename(file).includes('SNAPSHOT') ? 'snapshot' : 'release';
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

/** Libraries in a folder of the image, a layer for each kind. Those of one name get their size into it, as Jib does it. */
export async function libraryLayers(
  libraries: readonly Library[],
  to: string,
  io: Io,
): Promise<readonly LayerBlueprint[]> {
  const unique = [...new Map(libraries.map((one) => [one.file, one])).values()];
  const counts = new Map<string, number>();
  for (const { file } of unique) counts.set(path.basename(file), (counts.get(path.basename(file)) ?? 0) + 1);
  const placed = new Map<Library['kind'], FileOnDisk[]>([
    ['release', []],
    ['snapshot', []],
    ['module', []],
  ]);
  for (const { file, kind, to: given } of unique) {
    io.signal.throwIfAborted();
    const name = path.basename(file);
    const own = (counts.get(name) ?? 0) < 2 ? name : `${name.replace(/\.jar$/, '')}-${await sizeOf(file)}.jar`;
    placed.get(kind)?.push({ from: file, to: given ?? `${to}/${own}`, ...modes });
  }
  const names = { release: 'dependencies', snapshot: 'snapshot dependencies', module: 'project dependencies' };
  return [...placed]
    .filter(([, files]) => files.length > 0)
    .map(([kind, files]) => ({ name: names[kind], files: files.sort((a, b) => (a.to < b.to ? -1 : 1)) }));
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

async function sizeOf(file: string): Promise<number> {
  try {
    return (await stat(file)).size;
  } catch (cause) {
    throw fileError(cause, 'read', file);
  }
}
