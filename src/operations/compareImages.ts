import type { CompareImagesResult } from '../api.ts';
import type { LayerStack } from '../archive/layerStack.ts';
import type { IndexOptions } from '../archive/layers.ts';
import type { Io } from '../content/store.ts';
import { compareConfig } from './compareConfig.ts';
import { compareFiles } from './compareFiles.ts';
import { comparePackages } from './comparePackages.ts';
import { ContentComparer, type ContentSide } from './contentComparer.ts';
import type { ImageFiles } from './imageFiles.ts';
import { type DatabaseFile, findDatabases } from './packages/packageDatabases.ts';
import { type InstalledPackages, readPackages } from './packages/readPackages.ts';
import { forEachParallel, linkIo } from './parallel.ts';

/** Layers that are read at the same time. */
const parallelLayers = 3;

export interface CompareOptions {
  /** How the layers are read. */
  readonly reading?: IndexOptions;
}

/** What differs between two images. */
export type ImageDifferences = Omit<CompareImagesResult, 'left' | 'right'>;

/** One value for each of the two images. */
interface Sides<Value> {
  readonly left: Value;
  readonly right: Value;
}

/** Compares the configs, packages and files of two images. Layers are not read where both have the same ones. */
export async function compareImages(
  left: ImageFiles,
  right: ImageFiles,
  { reading = {} }: CompareOptions,
  io: Io,
): Promise<ImageDifferences> {
  const config = compareConfig(left.config, right.config);
  if (layersOf(left).join() === layersOf(right).join()) {
    return { added: [], removed: [], changed: [], config, packages: [], problems: [] };
  }
  const files = { left, right };
  await readLayers(files, reading, io);
  const stacks = await both(files, async (image, inner) => image.filesystem({}, inner), io);
  const oddities = await both(files, layerProblems, io);
  const contents = new ContentComparer(contentSide(left), contentSide(right));
  const differences = await compareFiles(stacks.left, stacks.right, contents, io);
  const installed = await readChanged(files, stacks, contents, io);
  const unreadable = new Set([...installed.left.unreadable, ...installed.right.unreadable]);
  const packages = await comparePackages(installed.left.packages, installed.right.packages, io);
  const problemsOf = (side: keyof Sides<unknown>): readonly string[] => {
    return [...oddities[side], ...stacks[side].problems, ...installed[side].problems];
  };
  return {
    ...differences,
    config,
    packages: packages.filter(({ manager }) => !unreadable.has(manager)),
    problems: [...named(problemsOf('left'), problemsOf('right')), ...contents.problems],
  };
}

/** Reads the layers of both images, those that both have once. */
async function readLayers({ left, right }: Sides<ImageFiles>, reading: IndexOptions, io: Io): Promise<void> {
  const known = new Set(layersOf(left));
  const ofLeft = [...known].map((digest) => ({ files: left, at: left.position(digest) }));
  const more = [...new Set(layersOf(right))].filter((digest) => !known.has(digest));
  const ofRight = more.map((digest) => ({ files: right, at: right.position(digest) }));
  const read = async ({ files, at }: (typeof ofLeft)[number], inner: Io): Promise<void> => {
    await files.layer(at, reading, inner);
  };
  await forEachParallel([...ofLeft, ...ofRight], parallelLayers, read, io);
}

/** The packages of databases that are not the same in both images. */
async function readChanged(
  files: Sides<ImageFiles>,
  stacks: Sides<LayerStack>,
  contents: ContentComparer,
  io: Io,
): Promise<Sides<InstalledPackages>> {
  const [left, right] = [databaseFiles(stacks.left), databaseFiles(stacks.right)];
  const skip = ({ path }: DatabaseFile): boolean => {
    const [one, other] = [left.get(path), right.get(path)];
    return one !== undefined && other !== undefined && contents.known(one.place, other.place) === true;
  };
  return {
    left: await readPackages(files.left, stacks.left, { skip }, io),
    right: await readPackages(files.right, stacks.right, { skip }, io),
  };
}

function databaseFiles(stack: LayerStack): ReadonlyMap<string, DatabaseFile> {
  return new Map(findDatabases(stack).flatMap(({ files }) => files.map((file) => [file.path, file] as const)));
}

/** Does the same for both sides at the same time; the first failure ends the other and is thrown. */
async function both<From, To>(
  sides: Sides<From>,
  action: (side: From, io: Io) => Promise<To>,
  io: Io,
): Promise<Sides<To>> {
  const linked = linkIo(io);
  const run = async (side: From): Promise<To> => {
    try {
      return await action(side, linked.io);
    } catch (error) {
      linked.abort(error);
      throw error;
    }
  };
  const tasks = [run(sides.left), run(sides.right)] as const;
  await Promise.allSettled(tasks);
  linked.unlink();
  io.signal.throwIfAborted();
  const [left, right] = await Promise.all(tasks);
  return { left, right };
}

function layersOf({ manifest }: ImageFiles): readonly string[] {
  return manifest.layers.map(({ digest }) => digest);
}

function contentSide(files: ImageFiles): ContentSide {
  return { layers: layersOf(files), read: async ({ layer, entry }, io) => files.read(layer, entry, io) };
}

async function layerProblems(files: ImageFiles, io: Io): Promise<readonly string[]> {
  const sentences: string[] = [];
  for (const at of files.manifest.layers.keys()) {
    const { problems, damage } = await files.layer(at, {}, io);
    const incomplete = `it could not be read to its end, so files may be missing: ${damage ?? ''}`;
    for (const text of damage === undefined ? problems : [...problems, incomplete]) {
      sentences.push(`Layer #${at + 1}: ${text}`);
    }
  }
  return sentences;
}

/** The sentences about both images, each with the image that it is about. */
function named(left: readonly string[], right: readonly string[]): readonly string[] {
  const [inLeft, inRight] = [new Set(left), new Set(right)];
  return [
    ...[...inLeft].map((text) => `${inRight.has(text) ? 'Both images' : 'Left image'}: ${text}`),
    ...[...inRight].filter((text) => !inLeft.has(text)).map((text) => `Right image: ${text}`),
  ];
}
