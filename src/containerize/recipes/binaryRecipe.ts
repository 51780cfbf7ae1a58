import type { Io } from '../../content/store.ts';
import { OciError } from '../../errors.ts';
import { matchesPlatform, parsePlatform } from '../../oci/platform.ts';
import { escapeText } from '../../oci/reference.ts';
import type { ImageBlueprint } from '../blueprint.ts';
import { blueprintOfFiles, type ProgramFile } from './binary.ts';
import { binarySteps } from './binaryBuilds.ts';
import { eachPlatform } from './binaryOutput.ts';
import { type BuiltProgram, findPrograms } from './binaryPrograms.ts';
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

/** Programs that were built already, and what CMake and make build. */
export const binaryRecipe: Recipe = { name: 'binary', detect: binaryProjects };

async function binaryProjects(folder: ProjectFolder, io: Io): Promise<readonly Project[]> {
  const programs = await findPrograms(folder, io);
  const byName = Map.groupBy(programs, ({ name }) => name);
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
  const all = await findPrograms(folder, io);
  const name = id === unbuilt ? all[0]?.name : id;
  const own = all.filter((program) => program.name === name);
  const files = eachPlatform(platforms).map((platform): ProgramFile => {
    const fits = own.find(({ binary }) =>
      binary.platforms.some((one) => matchesPlatform(parsePlatform(platform), parsePlatform(one))),
    );
    if (fits !== undefined) return { file: fits.file, platform };
    throw missing(folder, name, own, platform);
  });
  return blueprintOfFiles(files, { to: inImage });
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
