import path from 'node:path';
import type { ContainerizeWarning } from '../../api.ts';
import type { Io } from '../../content/store.ts';
import { OciError } from '../../errors.ts';
import { escapeText } from '../../oci/reference.ts';
import type { ImageBlueprint } from '../blueprint.ts';
import { blueprintOfFiles } from './binary.ts';
import { assertBuilt, eachPlatform } from './binaryOutput.ts';
import { programName } from './denoCommand.ts';
import { type DenoProgram, denoProgram } from './denoConfig.ts';
import type { ProjectFolder } from './projectFolder.ts';
import type { BuildContext, BuildStep, Project, Recipe } from './recipe.ts';

const targets: ReadonlyMap<string, string> = new Map([
  ['linux/amd64', 'x86_64-unknown-linux-gnu'],
  ['linux/arm64', 'aarch64-unknown-linux-gnu'],
]);
/** With glibc, which Deno's own program needs. */
const bases = ['gcr.io/distroless/cc-debian13:nonroot', 'debian:stable-slim'];
const howToGet =
  'Install Deno from https://docs.deno.com/runtime/ and start VS Code anew, so that deno is on its PATH.';
const noPermissions: ContainerizeWarning = {
  code: 'note',
  text: 'The program may not read files or use the network: deno.json has no task that says what it may do. Add one, such as "start": "deno run --allow-net main.ts".',
};

/** Programs of Deno, compiled into one file each. */
export const denoRecipe: Recipe = { name: 'deno', detect: denoProjects };

async function denoProjects(folder: ProjectFolder, io: Io): Promise<readonly Project[]> {
  const program = await denoProgram(folder, io);
  if (program === undefined) return [];
  const name = programName(program.config['name'], folder);
  const steps = (build: BuildContext): readonly DenoStep[] =>
    eachPlatform(build.platforms).map((platform) => stepOf(program, name, platform, folder.root, build.output));
  return [
    {
      recipe: 'deno',
      id: program.entry,
      title: `Deno program ${program.entry}`,
      bases,
      builds: async (build) => steps(build).map(({ step }) => step),
      image: async (build, io) => imageOf(program, steps(build), io),
    },
  ];
}

interface DenoStep {
  readonly step: BuildStep;
  readonly platform: string;
  readonly file: string;
}

function stepOf(program: DenoProgram, name: string, platform: string, directory: string, output: string): DenoStep {
  const target = targets.get(platform);
  if (target === undefined) {
    throw new OciError(
      'unsupported-media-type',
      `Deno does not compile for ${platform}. Choose linux/amd64 or linux/arm64.`,
    );
  }
  const file = path.join(output, platform.replaceAll('/', '_'), name);
  const { entry, flags } = program;
  const step = {
    title: `deno compile ${entry} for ${platform}`,
    platform,
    command: 'deno',
    args: ['compile', ...flags, '--target', target, '--output', file, `./${entry}`],
    directory,
    env: {},
    howToGet,
  };
  return { step, platform, file };
}

async function imageOf(
  { flags, entry, isServed }: DenoProgram,
  steps: readonly DenoStep[],
  io: Io,
): Promise<ImageBlueprint> {
  for (const { file, step } of steps) await assertBuilt(file, step, io);
  const mayDo = flags.some((flag) => /^(?:--allow|--permission-set|-[ARWNESIP])/.test(flag));
  const warnings = [...(mayDo ? [] : [noPermissions]), ...(isServed ? [served(entry)] : [])];
  return { ...blueprintOfFiles(steps, { to: '/app' }), warnings };
}

function served(entry: string): ContainerizeWarning {
  const text =
    `A compiled program starts ${escapeText(entry)} as "deno run" does. If it answers no requests, let it call Deno.serve ` +
    'itself in place of exporting a handler for "deno serve". A port that the task names is not set.';
  return { code: 'note', text };
}
