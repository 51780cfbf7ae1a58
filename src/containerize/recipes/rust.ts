import { homedir } from 'node:os';
import path from 'node:path';
import type { Io } from '../../content/store.ts';
import type { ImageBlueprint } from '../blueprint.ts';
import { blueprintOfFiles } from './binary.ts';
import { assertBuilt, eachPlatform } from './binaryOutput.ts';
import type { ProjectFolder } from './projectFolder.ts';
import type { BuildContext, BuildStep, Project, Recipe } from './recipe.ts';
import { type RustBin, rustBins } from './rustBins.ts';
import { cargoConfigs, installedTargets, type RustMachine, targetFolder } from './rustMachine.ts';
import { type RustTarget, rustTarget } from './rustTarget.ts';
import { type RustWorkspace, rustWorkspace } from './rustWorkspace.ts';

const staticBases = ['gcr.io/distroless/static-debian13:nonroot', 'cgr.dev/chainguard/static', 'scratch'];
const glibcBases = ['gcr.io/distroless/cc-debian13:nonroot', 'debian:stable-slim'];

/** Rust programs, built by Cargo where it always builds them. */
export const rustRecipe: Recipe = { name: 'rust', detect: (folder, io) => rustProjects(folder, thisMachine(), io) };

function thisMachine(): RustMachine {
  return { env: process.env, home: homedir(), platform: process.platform, arch: process.arch };
}

/** The programs of a folder's packages, those of its own package first. */
export async function rustProjects(folder: ProjectFolder, machine: RustMachine, io: Io): Promise<readonly Project[]> {
  const workspace = await rustWorkspace(folder, io);
  if (workspace === undefined) return [];
  const bins: RustBin[] = [];
  for (const one of workspace.packages) bins.push(...(await rustBins(folder, one, io)));
  if (bins.length === 0) return [];
  const usual = await targetsFor(['linux/amd64'], folder, machine, io);
  const bases = usual.every(({ isStatic }) => isStatic) ? [...staticBases, ...glibcBases] : glibcBases;
  return bins.map((bin) => projectOf({ folder, workspace, bin, machine }, bases));
}

interface Found {
  readonly folder: ProjectFolder;
  readonly workspace: RustWorkspace;
  readonly bin: RustBin;
  readonly machine: RustMachine;
}

function projectOf(found: Found, bases: readonly string[]): Project {
  const { bin } = found;
  return {
    recipe: 'rust',
    id: bin.name === bin.package ? bin.name : `${bin.package}/${bin.name}`,
    title: `Rust program ${bin.name}`,
    bases,
    builds: async (build, io) => (await built(found, build, io)).map(({ step }) => step),
    image: async (build, io) => imageOf(found, await built(found, build, io), io),
  };
}

interface Built {
  readonly step: BuildStep;
  readonly platform: string;
  /** Where the program is afterwards. */
  readonly file: string;
}

async function built(
  { folder, workspace, bin, machine }: Found,
  build: BuildContext,
  io: Io,
): Promise<readonly Built[]> {
  const configs = await cargoConfigs(folder.root, machine, io);
  const place = targetFolder(workspace.root, folder.root, configs, machine.env);
  const targets = await targetsFor(build.platforms, folder, machine, io);
  return targets.map((target) => ({
    platform: target.platform,
    file: path.join(place, target.triple, 'release', bin.name),
    step: stepOf(bin, target, folder.root, workspace.hasLock),
  }));
}

type PlatformTarget = RustTarget & { readonly platform: string };

async function targetsFor(
  platforms: readonly string[],
  folder: ProjectFolder,
  machine: RustMachine,
  io: Io,
): Promise<readonly PlatformTarget[]> {
  const configs = await cargoConfigs(folder.root, machine, io);
  const installed = await installedTargets(folder.root, machine, io);
  return eachPlatform(platforms).map((platform) => ({
    platform,
    ...rustTarget(platform, installed, configs, machine),
  }));
}

function stepOf(
  bin: RustBin,
  { triple, env, platform }: PlatformTarget,
  directory: string,
  hasLock: boolean,
): BuildStep {
  const locked = hasLock ? ['--locked'] : [];
  const features = bin.features.length > 0 ? [`--features=${bin.features.join(',')}`] : [];
  const chosen = ['--package', bin.package, '--bin', bin.name, ...features, '--target', triple];
  return {
    title: `cargo build --bin ${bin.name} for ${platform}`,
    platform,
    command: 'cargo',
    args: ['build', '--release', ...locked, ...chosen],
    directory,
    env,
    howToGet: `Install Rust from https://rustup.rs/, run rustup target add ${triple}, and start VS Code anew, so that cargo is on its PATH.`,
  };
}

async function imageOf({ workspace }: Found, all: readonly Built[], io: Io): Promise<ImageBlueprint> {
  for (const { file, step } of all) await assertBuilt(file, step, io);
  const materials = workspace.hasLock ? [path.join(workspace.root, 'Cargo.lock')] : [];
  return { ...blueprintOfFiles(all, { to: '/usr/local/bin' }), materials };
}
