import path from 'node:path';
import type { FileOnDisk, PathFilter } from '../../archive/pack.ts';
import type { Io } from '../../content/store.ts';
import { isOciError, OciError } from '../../errors.ts';
import { escapeText } from '../../oci/reference.ts';
import type { ImageBlueprint, ImageProgram, LayerBlueprint } from '../blueprint.ts';
import { packageFiles } from './dotnet/dependencies.ts';
import { type DotnetProject, findProjects } from './dotnet/findProjects.ts';
import type { ProjectFile } from './dotnet/projectFile.ts';
import { ProjectFolder } from './projectFolder.ts';
import type { BuildContext, BuildStep, Project, Recipe } from './recipe.ts';

interface Published {
  readonly layers: readonly LayerBlueprint[];
  readonly program: ImageProgram;
  readonly material: string;
}

const appRoot = '/app';
const howToGet = 'Install the .NET SDK from https://dotnet.microsoft.com/download.';
/** What the names of runtimes call an architecture (.NET RID catalog). */
const architectures: ReadonlyMap<string, string> = new Map([
  ['linux/amd64', 'x64'],
  ['linux/arm64', 'arm64'],
  ['linux/arm/v7', 'arm'],
]);

/** Programs of .NET projects in C#, F# and Visual Basic, as `dotnet publish` leaves them. */
export const dotnetRecipe: Recipe = {
  name: 'dotnet',
  detect: async (folder, io) => (await findProjects(folder, io)).map(projectOf),
};

function projectOf(found: DotnetProject): Project {
  return {
    recipe: 'dotnet',
    id: found.path,
    title: `.NET program ${found.path}`,
    bases: basesOf(found.file),
    builds: async (context) => context.platforms.map((platform) => buildStep(found, platform, context)),
    image: (context, io) => image(found, context, io),
  };
}

/** Microsoft's images, by what the program brings with it. */
function basesOf({ sdk, framework, deployment, libc }: ProjectFile): readonly string[] {
  const shared = sdk === 'web' ? 'aspnet' : 'runtime';
  const name = deployment === 'framework-dependent' ? shared : 'runtime-deps';
  const version = framework?.replace(/^net(?:coreapp)?/, '') ?? '8.0';
  const alpine = `mcr.microsoft.com/dotnet/${name}:${version}-alpine`;
  // What is linked to one C library does not run on the other; IL runs on both.
  if (libc === 'musl') return [alpine];
  const usual = `mcr.microsoft.com/dotnet/${name}:${version}`;
  return deployment === 'framework-dependent' ? [usual, alpine] : [usual];
}

function buildStep(found: DotnetProject, platform: string, context: BuildContext): BuildStep {
  const { folder, path: project, file } = found;
  const runtime = runtimeOf(platform, file);
  const { deployment, framework, hasFrameworks } = file;
  const own = deployment === 'native' ? [] : ['--self-contained', String(deployment === 'self-contained')];
  const chosen = hasFrameworks && framework !== undefined ? ['-f', framework] : [];
  const to = publishFolder(found, platform, context);
  return {
    title: `dotnet publish ${project} for ${platform}`,
    platform,
    command: 'dotnet',
    args: ['publish', argument(project), '-c', 'Release', '-r', runtime, ...own, ...chosen, '-o', to],
    directory: folder.root,
    env: { DOTNET_CLI_TELEMETRY_OPTOUT: '1', DOTNET_NOLOGO: '1' },
    howToGet,
  };
}

/** Another one for a project file that changed: `dotnet publish` may leave what an older one asked for. */
function publishFolder({ file, key }: DotnetProject, platform: string, { output }: BuildContext): string {
  return path.join(output, `${runtimeOf(platform, file)}-${key}`);
}

function runtimeOf(platform: string, { libc }: ProjectFile): string {
  const architecture = architectures.get(platform.replace(/^linux\/arm64\/v8$/, 'linux/arm64'));
  if (architecture !== undefined) return `linux-${libc === 'musl' ? 'musl-' : ''}${architecture}`;
  const text = `.NET has no runtime for ${escapeText(platform)}`;
  throw new OciError('invalid-reference', `${text}. There are: ${[...architectures.keys()].join(', ')}.`);
}

async function image(found: DotnetProject, context: BuildContext, io: Io): Promise<ImageBlueprint> {
  const { assembly, deployment } = found.file;
  const published: Published[] = [];
  for (const platform of context.platforms) published.push(await publishedOf(found, platform, context, io));
  const entrypoint =
    deployment === 'framework-dependent' ? ['dotnet', `${appRoot}/${assembly}.dll`] : [`${appRoot}/${assembly}`];
  return {
    layers: published.flatMap(({ layers }) => layers),
    // Settings and static files of a program are looked for in the folder that it is started in.
    config: { entrypoint, workdir: appRoot },
    programs: published.map(({ program }) => program),
    platforms: context.platforms,
    warnings: [],
    materials: [found.folder.path(found.path), ...published.map(({ material }) => material)],
  };
}

async function publishedOf(found: DotnetProject, platform: string, context: BuildContext, io: Io): Promise<Published> {
  const { file, path: project } = found;
  const { assembly, deployment } = file;
  const from = publishFolder(found, platform, context);
  const started = deployment === 'framework-dependent' ? `${assembly}.dll` : assembly;
  const folder = await openOutput(from);
  if (folder === undefined || !(await folder.has(started))) {
    const text = `${escapeText(path.join(from, started))} is not there`;
    throw new OciError('not-found', `${text}: build the project first, with \`dotnet publish ${project}\`.`);
  }
  const packages = packageFiles((await folder.text(`${assembly}.deps.json`, io)) ?? '');
  const executables = (await folder.list('.', io))
    .filter(({ name, kind }) => kind === 'file' && (name === assembly || name === 'createdump'))
    .map(({ name }) => name);
  const files = (filter: PathFilter): FileOnDisk => ({ from, to: appRoot, filter, mode: 0o644, directoryMode: 0o755 });
  const isPackage = (one: string): boolean => packages.has(one) || one === 'createdump';
  const parts = [
    { name: 'dependencies', keeps: isPackage },
    // Symbols of native programs are larger than the programs.
    { name: 'app', keeps: (one: string): boolean => !isPackage(one) && !one.endsWith('.dbg') },
  ];
  const names = await namesIn(folder, io);
  const layers = parts.map(({ name, keeps }): LayerBlueprint => ({
    name,
    platform,
    files: names.some((one) => keeps(one))
      ? [
          files({
            keeps: (one, isFolder) => !isFolder && !executables.includes(one) && keeps(one),
            enters: () => true,
          }),
          // NuGet's and the SDK's modes differ from machine to machine: only what is started has to be executable.
          ...executables
            .filter((one) => keeps(one))
            .map((one) => ({ from: path.join(from, one), to: `${appRoot}/${one}`, mode: 0o755 })),
        ]
      : [],
  }));
  return {
    layers: layers.filter((layer) => layer.files.length > 0),
    program: { file: path.join(from, started), path: `${appRoot}/${started}`, platform },
    material: path.join(from, `${assembly}.deps.json`),
  };
}

/** Names that begin with - or @ are options and files of options. */
function argument(project: string): string {
  return /^[-@/]/.test(project) ? `./${project}` : project;
}

/** Files of a folder and of the folders in it: resources of languages are one below. */
async function namesIn(folder: ProjectFolder, io: Io): Promise<readonly string[]> {
  const names: string[] = [];
  for (const { name, kind } of await folder.list('.', io)) {
    if (kind === 'file') names.push(name);
    if (kind !== 'folder') continue;
    for (const inner of await folder.list(name, io)) names.push(`${name}/${inner.name}`);
  }
  return names;
}

async function openOutput(folder: string): Promise<ProjectFolder | undefined> {
  try {
    return await ProjectFolder.open(folder);
  } catch (error) {
    if (isOciError(error, 'not-found')) return undefined;
    throw error;
  }
}
