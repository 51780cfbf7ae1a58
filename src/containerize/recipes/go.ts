import path from 'node:path';
import type { ContainerizeWarning } from '../../api.ts';
import type { Io } from '../../content/store.ts';
import { isOciError, type OciError } from '../../errors.ts';
import { type KoBuild, type KoConfig, readKoConfig } from '../koConfig.ts';
import { environmentIn, isTemplate } from '../koConfigTemplate.ts';
import { readGitFacts } from '../spec/gitFacts.ts';
import { seemsSecret } from '../spec/usedVariables.ts';
import { parseYaml } from '../spec/yamlDocument.ts';
import { eachPlatform } from './binaryOutput.ts';
import { goImage } from './goImage.ts';
import { workFolders } from './goModule.ts';
import { findGoPrograms, type GoProgram } from './goPackages.ts';
import { type GoSettings, goStep, type GoValues } from './goSteps.ts';
import type { ProjectFolder } from './projectFolder.ts';
import type { BuildContext, BuildStep, Project, Recipe } from './recipe.ts';

export interface GoOptions {
  /** Default: the .ko.yaml of the folder. */
  readonly config?: KoConfig;
  /** What templates can name. Default: this process's. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

const staticBases = ['cgr.dev/chainguard/static', 'gcr.io/distroless/static-debian13:nonroot', 'scratch'];
const cgoBases = ['cgr.dev/chainguard/glibc-dynamic', 'gcr.io/distroless/base-debian13:nonroot'];
const configFiles = ['.ko.yaml', '.ko.yml'];

/** Go programs, as ko makes images of them. */
export const goRecipe: Recipe = { name: 'go', detect: (folder, io) => goProjects(folder, {}, io) };

/** The Go programs of a folder, the likeliest first: those that .ko.yaml names, the folder itself, those below `cmd`. */
export async function goProjects(folder: ProjectFolder, options: GoOptions, io: Io): Promise<readonly Project[]> {
  const programs = await findGoPrograms(folder, io);
  if (programs.length === 0) return [];
  const config = options.config ?? (await configOf(folder, io));
  const work = await workModules(folder, io);
  const named = new Set(isOciError(config) ? [] : config?.builds.map((build) => build.folder));
  const ranked = programs.toSorted((a, b) => rank(a, named) - rank(b, named));
  return ranked.map((program) => projectOf({ folder, program, config, work, env: options.env ?? process.env }));
}

interface Found {
  readonly folder: ProjectFolder;
  readonly program: GoProgram;
  /** An error is thrown when it is needed: a broken file hides no program. */
  readonly config: KoConfig | OciError | undefined;
  /** Folders of the modules that go.work uses. */
  readonly work: ReadonlySet<string> | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
}

async function configOf(folder: ProjectFolder, io: Io): Promise<KoConfig | OciError | undefined> {
  for (const name of configFiles) {
    try {
      const text = await folder.text(name, io);
      if (text === undefined) continue;
      const document = parseYaml(text, name);
      return readKoConfig(document.value, name, (at) => document.at(at));
    } catch (error) {
      if (isOciError(error)) return error;
      throw error;
    }
  }
  return undefined;
}

async function workModules(folder: ProjectFolder, io: Io): Promise<ReadonlySet<string> | undefined> {
  const text = await folder.text('go.work', io);
  return text === undefined ? undefined : new Set(workFolders(text).map((use) => path.resolve(folder.root, use)));
}

function projectOf(found: Found): Project {
  const { folder, program, config, env } = found;
  const { importPath } = program;
  const known = isOciError(config) ? undefined : config;
  const build = known?.builds.findLast((one) => one.folder === program.folder);
  const steps = async (context: BuildContext, io: Io): Promise<readonly BuildStep[]> => {
    if (isOciError(config)) throw config;
    const settings = settingsOf(known, build);
    const values = { env, seconds: secondsOf(env), git: await gitOf(settings, folder, io) };
    return stepsOf(found, context, settings, values);
  };
  const usesCgo = settingsOf(known, build).env.includes('CGO_ENABLED=1');
  const base = known?.baseImageOverrides.get(importPath.toLowerCase()) ?? known?.defaultBaseImage;
  const options = { root: folder.root, ...(base === undefined ? {} : { base }), warnings: warningsOf(known, build) };
  return {
    recipe: 'go',
    id: program.folder,
    title: `Go program ${program.folder === '.' ? program.name : `./${program.folder}`}`,
    bases: base === undefined ? (usesCgo ? cgoBases : staticBases) : [base],
    ...(known?.defaultPlatforms === undefined ? {} : { platforms: known.defaultPlatforms }),
    builds: steps,
    image: async (context, io) => goImage(program, await steps(context, io), context, options, io),
  };
}

function stepsOf(
  { program, work }: Found,
  { output, platforms }: BuildContext,
  settings: GoSettings,
  values: GoValues,
): readonly BuildStep[] {
  // A module beside those of go.work cannot be built in their workspace.
  const extra: Readonly<Record<string, string>> =
    work === undefined || work.has(program.module.root) ? {} : { GOWORK: 'off' };
  return eachPlatform(platforms).map((platform) => goStep(program, output, platform, settings, values, extra));
}

function settingsOf(config: KoConfig | undefined, build: KoBuild | undefined): GoSettings {
  const either = <T>(own: readonly T[] | undefined, otherwise: readonly T[] | undefined): readonly T[] =>
    own !== undefined && own.length > 0 ? own : (otherwise ?? []);
  return {
    file: config?.file ?? '',
    env: either(build?.env, config?.defaultEnv),
    flags: either(build?.flags, config?.defaultFlags),
    ldflags: either(build?.ldflags, config?.defaultLdflags),
  };
}

/** Only where a template names it. */
async function gitOf(settings: GoSettings, folder: ProjectFolder, io: Io): Promise<GoValues['git']> {
  const isNamed = [...settings.flags, ...settings.ldflags].some(
    ({ text }) => isTemplate(text) && text.includes('.Git.'),
  );
  return isNamed ? readGitFacts(folder.root, io) : {};
}

/** SOURCE_DATE_EPOCH, else now, as ko dates a build. */
function secondsOf(env: Readonly<Record<string, string | undefined>>): number {
  const epoch = env['SOURCE_DATE_EPOCH'] ?? '';
  return /^\d{1,10}$/.test(epoch) ? Number(epoch) : Math.floor(Date.now() / 1000);
}

function warningsOf(config: KoConfig | undefined, build: KoBuild | undefined): readonly ContainerizeWarning[] {
  const warnings: ContainerizeWarning[] = [];
  if (build?.hasCapabilities === true) {
    const text = 'The linux_capabilities of .ko.yaml are not written: the program has none of them.';
    warnings.push({ code: 'not-supported', text });
  }
  const { flags, ldflags } = settingsOf(config, build);
  for (const name of new Set([...flags, ...ldflags].flatMap(({ text }) => environmentIn(text)).filter(seemsSecret))) {
    const text = `The value of the environment variable ${name} goes into the program: whoever can pull the image can read it.`;
    warnings.push({ code: 'secret-included', text });
  }
  if (config?.wantsAllPlatforms === true) {
    const text = 'The defaultPlatforms of .ko.yaml ask for all platforms of the base. Name them to get more than one.';
    warnings.push({ code: 'not-supported', text });
  }
  return warnings;
}

/** Samples and tools of a module are programs too, but seldom what an image is made of. */
function rank({ folder }: GoProgram, named: ReadonlySet<string>): number {
  if (named.has(folder)) return 0;
  const parts = folder.split('/');
  const isMinor = parts.some((part) =>
    /^(?:_?examples?|samples?|tests?|e2e|hack|tools?|scripts?|internal|third_party|docs?)$/.test(part),
  );
  if (isMinor) return 4;
  return folder === '.' ? 1 : parts.includes('cmd') ? 2 : 3;
}
