import path from 'node:path';
import type { Io } from '../../content/store.ts';
import { isOciError, OciError } from '../../errors.ts';
import { isObject, type JsonObject, parseJson } from '../../oci/json.ts';
import type { ImageBlueprint } from '../blueprint.ts';
import { blueprintOfFiles } from './binary.ts';
import { assertBuilt, eachPlatform } from './binaryOutput.ts';
import { firstThere, programName, sourceCommand } from './denoCommand.ts';
import { plainCommand } from './node/commandWords.ts';
import type { ProjectFolder } from './projectFolder.ts';
import type { BuildContext, BuildStep, Project, Recipe } from './recipe.ts';
import { siteTool } from './staticSite/siteTools.ts';

const targets: ReadonlyMap<string, string> = new Map([
  ['linux/amd64', 'bun-linux-x64'],
  ['linux/arm64', 'bun-linux-arm64'],
]);
/** With glibc, which Bun's own program needs. */
const bases = ['gcr.io/distroless/cc-debian13:nonroot', 'debian:stable-slim'];
const howToGet =
  'Install Bun from https://bun.sh/docs/installation and start VS Code anew, so that bun is on its PATH.';
const locks = ['bun.lock', 'bun.lockb'];
const names = ['index', 'main', 'server', 'app'];
const usual = ['', 'src/'].flatMap((folder) =>
  names.flatMap((name) => ['.ts', '.tsx', '.js', '.mjs'].map((end) => `${folder}${name}${end}`)),
);

/** Programs of Bun, compiled into one file each. */
export const bunRecipe: Recipe = { name: 'bun', detect: bunProjects };

async function bunProjects(folder: ProjectFolder, io: Io): Promise<readonly Project[]> {
  const lock = await firstThere(folder, locks, io);
  const manifest = lock === undefined ? undefined : await readManifest(folder, io);
  if (lock === undefined || manifest === undefined) return [];
  if (isOfNode(manifest)) return [];
  // What a site is made of runs in browsers, though it is called main.tsx too.
  const guesses = (await siteTool(folder, io))?.step === undefined ? usual : [];
  const entry = await firstThere(folder, [...named(manifest), ...guesses], io);
  if (entry === undefined) return [];
  const name = programName(manifest['name'], folder);
  const compiled = (build: BuildContext): readonly Compiled[] =>
    eachPlatform(build.platforms).map((platform) => compile(entry, name, platform, folder.root, build.output));
  return [
    {
      recipe: 'bun',
      id: entry,
      title: `Bun program ${entry}`,
      bases,
      builds: async (build) => [...(await install(folder, manifest)), ...compiled(build).map(({ step }) => step)],
      image: async (build, io) => imageOf(compiled(build), folder.path(lock), environment(manifest), io),
    },
  ];
}

async function readManifest(folder: ProjectFolder, io: Io): Promise<JsonObject | undefined> {
  const text = await folder.text('package.json', io);
  try {
    const value = text === undefined ? undefined : parseJson(Buffer.from(text), 'package.json', 'invalid-spec');
    return isObject(value) ? value : undefined;
  } catch (error) {
    if (isOciError(error)) return undefined;
    throw error;
  }
}

/** True where the script `start` runs another program: Bun only installs its packages. */
function isOfNode(manifest: JsonObject): boolean {
  const script = startScript(manifest);
  return script !== undefined && !/\bbunx?\b/.test(script);
}

function startScript({ scripts }: JsonObject): string | undefined {
  const script = isObject(scripts) && Object.hasOwn(scripts, 'start') ? scripts['start'] : undefined;
  return typeof script === 'string' ? script : undefined;
}

/** What the script `start` runs, else what the package says it begins with. */
function named(manifest: JsonObject): readonly string[] {
  const started = sourceCommand(startScript(manifest) ?? '', 'bun')?.entry;
  return [started, manifest['module'], manifest['main']].filter((file) => typeof file === 'string');
}

async function install(folder: ProjectFolder, manifest: JsonObject): Promise<readonly BuildStep[]> {
  const needs = ['dependencies', 'devDependencies'].some((member) => {
    const packages = manifest[member];
    return isObject(packages) && Object.keys(packages).length > 0;
  });
  if (!needs || (await folder.has('node_modules'))) return [];
  const args = ['install', '--frozen-lockfile'];
  return [{ title: 'bun install', command: 'bun', args, directory: folder.root, env: {}, howToGet }];
}

interface Compiled {
  readonly step: BuildStep;
  readonly platform: string;
  readonly file: string;
}

function compile(entry: string, name: string, platform: string, directory: string, output: string): Compiled {
  const target = targets.get(platform);
  if (target === undefined) {
    throw new OciError(
      'unsupported-media-type',
      `Bun does not compile for ${platform}. Choose linux/amd64 or linux/arm64.`,
    );
  }
  const file = path.join(output, platform.replaceAll('/', '_'), name);
  const step = {
    title: `bun build ${entry} for ${platform}`,
    platform,
    command: 'bun',
    args: ['build', '--compile', `--target=${target}`, `./${entry}`, '--outfile', file],
    directory,
    env: {},
    howToGet,
  };
  return { step, platform, file };
}

/** What the script `start` sets before the program: templates of Bun serve for development without it. */
function environment(manifest: JsonObject): readonly string[] {
  return ['NODE_ENV=production', ...(plainCommand(startScript(manifest) ?? '')?.env ?? [])];
}

async function imageOf(
  all: readonly Compiled[],
  lock: string,
  env: readonly string[],
  io: Io,
): Promise<ImageBlueprint> {
  for (const { file, step } of all) await assertBuilt(file, step, io);
  // Only the lock in text form can be read.
  const materials = lock.endsWith('.lock') ? [lock] : [];
  const blueprint = blueprintOfFiles(all, { to: '/app' });
  return { ...blueprint, config: { ...blueprint.config, env }, materials };
}
