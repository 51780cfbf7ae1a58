import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import type { ImageBlueprint } from '../../../../src/containerize/blueprint.ts';
import { ProjectFolder } from '../../../../src/containerize/recipes/projectFolder.ts';
import type { BuildContext, Project } from '../../../../src/containerize/recipes/recipe.ts';
import { javaRecipe } from '../../../../src/containerize/recipes/java.ts';
import { testIo } from '../../../support/io.ts';
import { bytesOf, entriesOf, type ReadEntry, withLayer } from '../../../support/layerTools.ts';

const run = promisify(execFile);

/** Writes text files, with the folders they are in. */
export async function writeFiles(folder: string, files: Readonly<Record<string, string | Uint8Array>>): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    const file = path.join(folder, name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, content);
  }
}

/** Compiles all sources of a folder into another, which is made. */
export async function javac(from: string, to: string, flags: readonly string[] = []): Promise<void> {
  const { stdout } = await run('find', [from, '-name', '*.java']);
  await mkdir(to, { recursive: true });
  await run('javac', ['-d', to, ...flags, ...stdout.trim().split('\n')]);
}

/** Makes a JAR of what is in a folder. */
export async function jar(file: string, from: string, manifest = ''): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(`${file}.mf`, `Manifest-Version: 1.0\n${manifest}`);
  await run('jar', ['--create', '--file', file, '--manifest', `${file}.mf`, '-C', from, '.']);
}

/** A JAR with one class `lib.NAME` whose `name()` answers its name. */
export async function libraryJar(file: string, name: string): Promise<void> {
  const source = `package lib; public class ${name} { public static String name() { return "${name}"; } }`;
  await writeFiles(`${file}.d/src`, { [`lib/${name}.java`]: source });
  await javac(`${file}.d/src`, `${file}.d/out`);
  await jar(file, `${file}.d/out`);
}

/** What the recipe finds in a folder. */
export async function projectsIn(folder: string): Promise<readonly Project[]> {
  return javaRecipe.detect(await ProjectFolder.open(folder), testIo());
}

export function contextOf(output: string): BuildContext {
  return { platforms: ['linux/amd64'], output };
}

/** The digest of the uncompressed layer by the layer's name. */
export async function layerDigests({ layers }: ImageBlueprint): Promise<Readonly<Record<string, string>>> {
  const digests: Record<string, string> = {};
  for (const { name, files } of layers) {
    digests[name] = await withLayer(files, { compression: 'none' }, async ({ diffId }) => diffId);
  }
  return digests;
}

/** What is in each layer, as a reader of the tar sees it. */
export async function entriesOfLayers({ layers }: ImageBlueprint): Promise<readonly (readonly [string, ReadEntry])[]> {
  const found: (readonly [string, ReadEntry])[] = [];
  for (const { name, files } of layers) {
    const tar = await withLayer(files, { compression: 'none' }, async ({ open }) => bytesOf(await open()));
    for (const entry of await entriesOf(tar)) found.push([name, entry]);
  }
  return found;
}

/** Paths of files by the name of their layer. */
export async function pathsByLayer(image: ImageBlueprint): Promise<Readonly<Record<string, readonly string[]>>> {
  const paths: Record<string, string[]> = Object.fromEntries(image.layers.map(({ name }) => [name, []]));
  for (const [layer, { name, type }] of await entriesOfLayers(image)) if (type === 'file') paths[layer]?.push(name);
  return paths;
}

/** Unpacks the layers into a folder and starts the entrypoint there with this machine's Java. */
export async function runImage(image: ImageBlueprint, folder: string): Promise<string> {
  for (const [, { name, type, content }] of await entriesOfLayers(image)) {
    const file = path.join(folder, name);
    if (type === 'directory') await mkdir(file, { recursive: true });
    else await writeFile(file, Buffer.from(content, 'latin1'));
  }
  const [command = '', ...args] = image.config.entrypoint ?? [];
  const moved = args.map((one) => one.replaceAll('/app', path.join(folder, 'app')));
  const { stdout } = await run(command, moved, { cwd: folder });
  return stdout;
}
