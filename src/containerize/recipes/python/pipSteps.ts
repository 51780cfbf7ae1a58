import path from 'node:path';
import type { Io } from '../../../content/store.ts';
import { digestOf, encodedOf } from '../../../oci/digest.ts';
import { parsePlatform } from '../../../oci/platform.ts';
import type { BuildContext, BuildStep } from '../recipe.ts';
import { requirementsText } from './lockedPackages.ts';
import type { PythonProject } from './pythonProject.ts';
import { requirementFiles } from './requirementFiles.ts';

const getPython = 'Install Python 3 with pip: https://www.python.org/downloads.';
const getUv = 'Install uv: https://docs.astral.sh/uv.';
const getPdm = 'Install PDM: "pipx install pdm".';
const getPoetry =
  'Install Poetry and its export plugin: "pipx install poetry && pipx inject poetry poetry-plugin-export".';

/** The machine that runs the builds; undefined where its wheels do not run in an image. */
export function hostPlatform(os: string = process.platform, arch: string = process.arch): string | undefined {
  const names: Readonly<Record<string, string>> = { x64: 'amd64', ia32: '386', arm: 'arm/v7', ppc64: 'ppc64le' };
  return os === 'linux' ? `linux/${names[arch] ?? arch}` : undefined;
}

/** Where the packages for a platform are installed: another folder for other contents, as pip takes nothing away. */
export async function installFolder(
  project: PythonProject,
  minor: number,
  platform: string,
  build: BuildContext,
  io: Io,
): Promise<string> {
  const key = encodedOf(digestOf(await contentsOf(project, io))).slice(0, 16);
  return path.join(build.output, `${platform.replaceAll('/', '_')}-3.${minor}-${key}`, 'site-packages');
}

/** Everything that says what is installed. */
async function contentsOf({ folder, file, source }: PythonProject, io: Io): Promise<Uint8Array> {
  if (file === undefined) return new Uint8Array();
  if (source !== 'requirements') return (await folder.bytes(file, io)) ?? new Uint8Array();
  const files = await requirementFiles(folder, file, io);
  return Buffer.from([...files].flat().join('\0'));
}

/** Commands that install what a project needs for each platform, without what only its development needs. */
export async function installSteps(
  project: PythonProject,
  minor: number,
  build: BuildContext,
  io: Io,
  host = hostPlatform(),
): Promise<readonly BuildStep[]> {
  const { source, specifiers } = project;
  if (source === 'none' || (specifiers.length === 0 && ['pyproject', 'pipfile', 'pylock'].includes(source))) return [];
  const exported = path.join(build.output, 'requirements.txt');
  const files = project.locked === undefined ? {} : { files: { [exported]: requirementsText(project.locked) } };
  const steps: BuildStep[] = [];
  if (source === 'uv') steps.push(exportStep(project, 'uv', uvExport(exported), getUv));
  if (source === 'pdm') {
    // Else it looks for a newer PDM, and fails where it cannot.
    steps.push({ ...exportStep(project, 'pdm', pdmExport(exported), getPdm), env: { PDM_CHECK_UPDATE: '0' } });
  }
  if (source === 'poetry') {
    // Poetry 2 and some packages of Poetry 1 come without the command.
    const step = exportStep(project, 'poetry', poetryExport(exported), getPoetry);
    steps.push({ ...step, title: 'poetry export, which poetry-plugin-export brings' });
  }
  for (const platform of build.platforms) {
    const target = await installFolder(project, minor, platform, build, io);
    const what = requirementArgs(project, exported);
    const step =
      source === 'uv' ? uvInstall(target, what, platform, minor) : pipInstall(target, what, platform, minor, host);
    steps.push({
      ...step,
      platform,
      title: `${step.title} for ${platform}`,
      directory: project.folder.root,
      env: {},
      ...files,
    });
  }
  return steps;
}

function uvExport(file: string): readonly string[] {
  return ['export', '--frozen', '--no-dev', '--no-emit-project', '--format', 'requirements-txt', '-o', file];
}

function poetryExport(file: string): readonly string[] {
  return ['export', '--only', 'main', '--format', 'requirements.txt', '--output', file];
}

function pdmExport(file: string): readonly string[] {
  return ['export', '--prod', '--format', 'requirements', '--output', file];
}

function exportStep({ folder }: PythonProject, command: string, args: readonly string[], howToGet: string): BuildStep {
  return { title: `${command} export`, command, args, directory: folder.root, env: {}, howToGet };
}

function requirementArgs({ source, specifiers }: PythonProject, exported: string): readonly string[] {
  if (source === 'requirements') return ['-r', 'requirements.txt'];
  // What a range leaves open is for pip to choose.
  if (source === 'pyproject') return specifiers;
  // A lock file names everything.
  return source === 'pipfile' || source === 'pylock' ? ['--no-deps', '-r', exported] : ['-r', exported];
}

type Install = Pick<BuildStep, 'title' | 'command' | 'args' | 'howToGet'>;

function pipInstall(
  target: string,
  what: readonly string[],
  platform: string,
  minor: number,
  host: string | undefined,
): Install {
  const foreign = platform === host ? [] : foreignArgs(platform, minor);
  const common = ['--disable-pip-version-check', '--no-input', '--no-compile', '--upgrade', '--target', target];
  return {
    title: 'pip install',
    command: process.platform === 'win32' ? 'python' : 'python3',
    args: ['-m', 'pip', 'install', ...common, ...foreign, ...what],
    howToGet: getPython,
  };
}

function uvInstall(target: string, what: readonly string[], platform: string, minor: number): Install {
  const machine = machineOf(platform);
  const system = ['x86_64', 'aarch64'].includes(machine) ? `${machine}-manylinux_2_28` : `${machine}-unknown-linux-gnu`;
  const of = ['--target', target, '--python-version', `3.${minor}`, '--python-platform', system];
  return { title: 'uv pip install', command: 'uv', args: ['pip', 'install', ...of, ...what], howToGet: getUv };
}

/** Versions of glibc that wheels are built for; the images that are recommended have 2.36 or later. */
const glibcs = ['2_34', '2_31', '2_28', '2_27', '2_26', '2_24', '2_17'];

function foreignArgs(platform: string, minor: number): readonly string[] {
  const machine = machineOf(platform);
  const tags = [...glibcs.map((version) => `manylinux_${version}_${machine}`), `manylinux2014_${machine}`];
  return [
    '--only-binary=:all:',
    '--implementation',
    'cp',
    '--python-version',
    `3.${minor}`,
    ...tags.flatMap((tag) => ['--platform', tag]),
  ];
}

const machines: Readonly<Record<string, string>> = { amd64: 'x86_64', arm64: 'aarch64', '386': 'i686', arm: 'armv7l' };

function machineOf(platform: string): string {
  const { architecture } = parsePlatform(platform);
  return machines[architecture] ?? architecture;
}
