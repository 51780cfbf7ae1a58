import { realpath } from 'node:fs/promises';
import path from 'node:path';
import { fileError } from '../../../archive/fileError.ts';
import type { Io } from '../../../content/store.ts';
import { isOciError, OciError } from '../../../errors.ts';
import { escapeText } from '../../../oci/reference.ts';
import type { ContainerizeWarning } from '../../../api.ts';
import type { ImageBlueprint, LayerBlueprint } from '../../blueprint.ts';
import { pathBelow } from '../../pathBelow.ts';
import { appRoot, kindOf, type Library, libraryLayers, modes } from './application.ts';
import { type ExplodedFile, type ExplodedJar, explodeJar } from './explodedJar.ts';
import { isClassName } from './scanClasses.ts';
import { isSpringBoot, layersIndexName, springBootLayers } from './springBoot.ts';

const maxLibraries = 20_000;
/** What Java looks for in the manifest of the JAR that it is given with `-jar`, and nowhere else. */
const onlyAsJar = ['multi-release', 'launcher-agent-class', 'add-opens', 'add-exports', 'enable-native-access'];

/**
 * The image of an executable JAR, taken apart so that libraries and classes are in layers of their own: an archive of Spring
 * Boot by its layer index, others as `jib jar` does it. One whose manifest asks Java for more than a main class stays whole.
 * @param file an absolute path
 * @throws OciError not-found where no class of it can be started; invalid-reference where several can; corrupt-archive,
 * too-large, unsupported-media-type, forbidden
 */
export async function jarBlueprint(file: string, io: Io): Promise<ImageBlueprint> {
  const jar = await explodeJar(file, [layersIndexName], io);
  const whole = `${appRoot}/${path.basename(file)}`;
  const mainClass = jar.manifest.get('main-class') ?? onlyMain(jar, file);
  // Stands for all of it: the release of Java that its classes need is what matters.
  const programs = jar.manifest.has('main-class') ? [{ file, path: whole }] : [];
  const rest = { programs, warnings: [], materials: [file] };
  if (isSpringBoot(jar)) {
    const layers = springBootLayers(jar, jar.texts.get(layersIndexName));
    return { ...rest, layers, config: { entrypoint: ['java', '-cp', appRoot, mainClass] } };
  }
  const folder = `${appRoot}/dependencies`;
  const { libraries, warnings } = await besides(file, jar.manifest.get('class-path') ?? '', io);
  const materials = [file, ...libraries.map((one) => one.file)];
  if (programs.length > 0 && onlyAsJar.some((name) => /^(?!false$)./i.test(jar.manifest.get(name) ?? ''))) {
    const own = { name: 'jar', files: [{ from: file, to: whole, ...modes }] };
    const layers = [...(await libraryLayers(libraries, folder, io)), own];
    return { ...rest, layers, config: { entrypoint: ['java', '-jar', whole] }, warnings, materials };
  }
  // One folder is enough: nothing in the image looks for them where the manifest says.
  const flat = libraries.map(({ file: from, kind }) => ({ file: from, kind }));
  const layers = [...(await libraryLayers(flat, folder, io)), ...explodedLayers(jar)];
  const entrypoint = ['java', '-cp', `${exploded}:${folder}/*`, mainClass];
  return { ...rest, layers, config: { entrypoint }, warnings, materials };
}

const exploded = `${appRoot}/explodedJar`;

function explodedLayers({ files }: ExplodedJar): readonly LayerBlueprint[] {
  const place = (kept: readonly ExplodedFile[]): LayerBlueprint['files'] =>
    kept.map((one) => one.place(`${exploded}/${one.name}`));
  return [
    { name: 'resources', files: place(files.filter(({ name }) => !isClassName(name))) },
    { name: 'classes', files: place(files.filter(({ name }) => isClassName(name))) },
  ].filter((layer) => layer.files.length > 0);
}

function onlyMain({ mains }: ExplodedJar, file: string): string {
  const [only, ...more] = mains;
  if (only !== undefined && more.length === 0) return only;
  const names = mains.slice(0, 20).map((name) => escapeText(name));
  const text = `the manifest of ${escapeText(file)} names no Main-Class`;
  if (only === undefined) throw new OciError('not-found', `${text}, and no class in it can be started.`);
  const several = `${text}, and several classes in it can be started: ${names.join(', ')}`;
  throw new OciError(
    'invalid-reference',
    `${several}. Write one into the manifest with \`jar --update --main-class\`.`,
  );
}

/** The libraries that a manifest names, as far as they are in the folder of the JAR: others are not taken from this machine. */
async function besides(
  file: string,
  classPath: string,
  io: Io,
): Promise<{ readonly libraries: readonly Library[]; readonly warnings: readonly ContainerizeWarning[] }> {
  const root = path.dirname(await real(file));
  const libraries: Library[] = [];
  const missing: string[] = [];
  for (const name of new Set(classPath.split(/\s+/, maxLibraries).filter((one) => one !== ''))) {
    io.signal.throwIfAborted();
    const found = await library(root, name);
    if (found === undefined) missing.push(name);
    else libraries.push(found);
  }
  if (missing.length === 0) return { libraries, warnings: [] };
  const text = `Libraries that the manifest of ${escapeText(path.basename(file))} names are not in its folder, and are left out.`;
  return { libraries, warnings: [{ code: 'note', text, paths: missing.slice(0, 100) }] };
}

async function library(root: string, name: string): Promise<Library | undefined> {
  const relative = decoded(name)?.replace(/^(?:\.\/)+/, '');
  // A URL of any kind, a drive, an absolute path: nothing that is relative to the JAR.
  if (relative === undefined || !/^[^/\\:\0]/.test(relative) || /[\\:\0]/.test(relative)) return undefined;
  try {
    const found = await realpath(path.join(root, relative));
    if (pathBelow(root, found) === undefined || !relative.endsWith('.jar')) return undefined;
    const to = path.posix.join(appRoot, path.posix.normalize(relative));
    return { file: found, kind: kindOf(relative), to };
  } catch (cause) {
    const error = fileError(cause, 'read', path.join(root, relative));
    if (isOciError(error, 'not-found')) return undefined;
    throw error;
  }
}

function decoded(name: string): string | undefined {
  try {
    return decodeURIComponent(name);
  } catch {
    return undefined;
  }
}

async function real(file: string): Promise<string> {
  try {
    return await realpath(file);
  } catch (cause) {
    throw fileError(cause, 'read', file);
  }
}
