import path from 'node:path';
import type { Io } from '../../../content/store.ts';
import { OciError } from '../../../errors.ts';
import { escapeText } from '../../../oci/reference.ts';
import type { ImageBlueprint, LayerBlueprint } from '../../blueprint.ts';
import { isZip } from '../../jarFile.ts';
import { LocalFile } from '../../localFile.ts';
import { librariesBeside } from './classPath.ts';
import { type ExplodedFile, type ExplodedJar, explodeJar } from './explodedJar.ts';
import { appRoot, libraryLayers, modes } from './libraries.ts';
import { isClassName } from './scanClasses.ts';
import { isSpringBoot, layersIndexNames, springBootLayers } from './springBoot.ts';

/** What Java looks for in the manifest of the JAR that it is given with `-jar`, and nowhere else. */
const onlyAsJar = ['launcher-agent-class', 'add-opens', 'add-exports', 'enable-native-access'];

/**
 * The image of an executable JAR, taken apart so that libraries and classes are in layers of their own: an archive of Spring
 * Boot by its layer index, others as `jib jar` does it. One whose manifest asks Java for more than a main class stays whole.
 * @param file an absolute path
 * @throws OciError not-found where no class of it can be started; invalid-reference where several can; corrupt-archive,
 * too-large, unsupported-media-type, forbidden
 */
export async function jarBlueprint(file: string, io: Io): Promise<ImageBlueprint> {
  const jar = await explodeJar(file, layersIndexNames, io);
  const whole = `${appRoot}/${path.basename(file)}`;
  const mainClass = jar.manifest.get('main-class') ?? onlyMain(jar, file);
  const isNamed = jar.manifest.has('main-class');
  // Stands for all of it: the release of Java that its classes need is what matters. By a script before it, as Spring Boot
  // can put one there, it would be taken for a program of a shell.
  const programs = isNamed && (await beginsAsZip(file, io)) ? [{ file, path: whole }] : [];
  const staysWhole = isNamed && needsJar(jar);
  const rest = { programs, warnings: [], materials: [file] };
  if (isSpringBoot(jar) && !staysWhole) {
    const config = { entrypoint: ['java', '-cp', appRoot, mainClass] };
    return { ...rest, layers: springBootLayers(jar), config };
  }
  const folder = `${appRoot}/dependencies`;
  const { libraries, warnings } = await librariesBeside(file, jar.manifest.get('class-path') ?? '', io);
  const materials = [file, ...libraries.map((one) => one.file)];
  if (staysWhole) {
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

async function beginsAsZip(file: string, io: Io): Promise<boolean> {
  const source = await LocalFile.open(file, io);
  try {
    return isZip(await source.read(0, 4, io));
  } finally {
    await source.close();
  }
}

/** True where it would be another program in a folder: without its signature, its options for Java or some of its files. */
function needsJar(jar: ExplodedJar): boolean {
  const { manifest, isSigned, files } = jar;
  // Spring Boot's launcher takes no notice of it.
  const names = isSpringBoot(jar) ? onlyAsJar : [...onlyAsJar, 'multi-release'];
  if (isSigned || names.some((name) => /^(?!false$)./i.test(manifest.get(name) ?? ''))) return true;
  // Java finds files of such names only where the base has a locale with UTF-8; inside of a JAR they always have it.
  if (files.some(({ name }) => /[^\x20-\x7e]/.test(name))) return true;
  const all = new Set(files.map(({ name }) => name));
  return files.some(({ name }) => foldersAbove(name).some((folder) => all.has(folder)));
}

function foldersAbove(name: string): readonly string[] {
  return [...name.matchAll(/\//g)].map(({ index }) => name.slice(0, index));
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
