import type { ContainerizeWarning } from '../../api.ts';
import type { Io } from '../../content/store.ts';
import { OciError } from '../../errors.ts';
import { matchesPlatform, parsePlatform } from '../../oci/platform.ts';
import { escapeText } from '../../oci/reference.ts';
import type { ImageBlueprint, LayerBlueprint } from '../blueprint.ts';
import { blueprintOfFiles, type ProgramFile } from './binary.ts';
import { binarySteps } from './binaryBuilds.ts';
import { eachPlatform } from './binaryOutput.ts';
import { type OwnLibraries, ownLibraries } from './binaryLibraries.ts';
import { type BuiltProgram, findPrograms } from './binaryPrograms.ts';
import { readableText } from './folder/onDisk.ts';
import type { ProjectFolder } from './projectFolder.ts';
import type { Project, Recipe } from './recipe.ts';

const bases = {
  none: ['gcr.io/distroless/static-debian13:nonroot', 'cgr.dev/chainguard/static', 'scratch'],
  glibc: ['gcr.io/distroless/cc-debian13:nonroot', 'debian:stable-slim'],
  musl: ['alpine:3'],
} as const;

/** What stands for the programs of a folder where nothing was built yet. */
const unbuilt = '.';
const inImage = '/app';

/** Programs that were built already, and what CMake, Meson, make and configure build. */
export const binaryRecipe: Recipe = { name: 'binary', detect: binaryProjects };

async function binaryProjects(folder: ProjectFolder, io: Io): Promise<readonly Project[]> {
  const programs = await findPrograms(folder, io);
  const byName = Map.groupBy(programs.toSorted(byRank), ({ name }) => name);
  if (byName.size > 0) return [...byName].map(([name, files]) => projectOf(folder, name, files));
  const isSource = (await hasSources(folder, io)) && (await binarySteps(folder, undefined, io)).length > 0;
  return isSource ? [projectOf(folder, unbuilt, [])] : [];
}

async function hasSources(folder: ProjectFolder, io: Io): Promise<boolean> {
  for (const place of ['.', 'src']) {
    const entries = await folder.list(place, io);
    if (entries.some(({ name, kind }) => kind === 'file' && /\.(?:c|cc|cpp|cxx|zig|f90|s)$/i.test(name))) return true;
  }
  return false;
}

/** @param files of one name, the newest first */
function projectOf(folder: ProjectFolder, id: string, files: readonly BuiltProgram[]): Project {
  const [newest] = files;
  const elf = newest?.binary.elf;
  const libc = elf === undefined || elf.linkage === 'dynamic' ? (elf?.libc ?? 'glibc') : 'none';
  const platforms = [...new Set(files.flatMap(({ binary }) => binary.platforms.slice(0, 1)))];
  return {
    recipe: 'binary',
    id,
    title: newest === undefined ? 'C or C++ program' : `Program ${newest.place}`,
    bases: bases[libc],
    ...(platforms.length === 0 ? {} : { platforms }),
    builds: (_, io) => binarySteps(folder, newest?.place, io),
    image: async (build, io) => imageOf(folder, id, build.platforms, io),
  };
}

/** Looks again: a build may have left other files. */
async function imageOf(
  folder: ProjectFolder,
  id: string,
  platforms: readonly string[],
  io: Io,
): Promise<ImageBlueprint> {
  const all = (await findPrograms(folder, io)).toSorted(byRank);
  const name = id === unbuilt ? await usualName(folder, all, io) : id;
  const own = all.filter((program) => program.name === name);
  const chosen = eachPlatform(platforms).map((platform): BuiltProgram & ProgramFile => {
    const fits = own.find(({ binary }) =>
      binary.platforms.some((one) => matchesPlatform(parsePlatform(platform), parsePlatform(one))),
    );
    if (fits !== undefined) return { ...fits, platform };
    throw missing(folder, name, own, platform);
  });
  const made = await withLibraries(folder, blueprintOfFiles(chosen, { to: inImage }), chosen, io);
  const others = new Set(all.flatMap((program) => (program.name === name ? [] : [program.name])));
  return id === unbuilt && others.size > 0 ? { ...made, warnings: [severalNote(name, [...others])] } : made;
}

/** Tests and samples are built last, and are seldom what an image is made of. */
function byRank(a: BuiltProgram, b: BuiltProgram): number {
  return Number(isMinor(a)) - Number(isMinor(b));
}

function isMinor({ name, place }: BuiltProgram): boolean {
  const words = [...place.split('/').slice(0, -1), ...name.split(/[-_.]/)];
  return words.some((word) => /^(?:tests?|unittests?|bench(?:mark)?s?|examples?|samples?|demos?)$/i.test(word));
}

/** Of programs that a build has left the one named as the project, else the first. */
async function usualName(folder: ProjectFolder, all: readonly BuiltProgram[], io: Io): Promise<string | undefined> {
  for (const file of ['CMakeLists.txt', 'meson.build']) {
    const text = (await readableText(folder, file, io)) ?? '';
    const named = /^\s*project\s*\(\s*['"]?([\w.+-]+)/im.exec(text)?.[1];
    const found = named === undefined ? undefined : all.find(({ name }) => name.toLowerCase() === named.toLowerCase());
    if (found !== undefined) return found.name;
  }
  return all[0]?.name;
}

function severalNote(name: string | undefined, others: readonly string[]): ContainerizeWarning {
  const text = `The build makes several programs. ${escapeText(name ?? '')} was taken; others are ${escapeText(others.slice(0, 10).join(', '))}.`;
  return { code: 'note', text };
}

/** Adds the project's own shared libraries, which no base has. */
async function withLibraries(
  folder: ProjectFolder,
  made: ImageBlueprint,
  chosen: readonly (BuiltProgram & ProgramFile)[],
  io: Io,
): Promise<ImageBlueprint> {
  const layers: LayerBlueprint[] = [];
  let needsPath = false;
  for (const { place, platform, binary } of chosen) {
    const none: OwnLibraries = { libraries: [], needsPath: false };
    const own = binary.elf === undefined ? none : await ownLibraries(folder, place, binary.elf, io);
    const files = own.libraries.map((one) => ({ from: one.file, to: `${inImage}/${one.place}`, mode: 0o755 }));
    if (files.length > 0) layers.push({ name: 'libraries', files, ...(platform === undefined ? {} : { platform }) });
    needsPath ||= own.needsPath;
  }
  const env = needsPath ? { env: [`LD_LIBRARY_PATH=${inImage}`] } : {};
  return { ...made, layers: [...layers, ...made.layers], config: { ...made.config, ...env } };
}

function missing(
  folder: ProjectFolder,
  name: string | undefined,
  own: readonly BuiltProgram[],
  platform: string,
): OciError {
  const there = own.map(({ place, binary }) => `${place} for ${binary.platforms.join(' or ')}`);
  const has = there.length === 0 ? '' : ` There is ${escapeText(there.join(', '))}.`;
  const what = name === undefined ? 'no program' : `no program ${escapeText(name)} for ${platform}`;
  return new OciError('not-found', `there is ${what} in ${escapeText(folder.root)}.${has} Build it first.`);
}
