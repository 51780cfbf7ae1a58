import path from 'node:path';
import type { ConfigChanges, ContainerizeWarning } from '../../api.ts';
import type { Io } from '../../content/store.ts';
import type { SpecProblem } from '../../errors.ts';
import { formatPlatform, parsePlatform } from '../../oci/platform.ts';
import type { ImageBlueprint, ImageProgram, LayerBlueprint } from '../blueprint.ts';
import { type GantrySpec, readSpec } from './gantrySpec.ts';
import { readGitFacts } from './gitFacts.ts';
import { mergeConfig } from './mergeConfig.ts';
import { programsOf } from './programsOf.ts';
import { referenceFrom } from './specChecks.ts';
import type { SpecContext } from './specContext.ts';
import { specFailure } from './specFailure.ts';
import { type PlacedFile, placeFile } from './specFiles.ts';
import type { SpecLayer } from './specLayers.ts';
import { secretVariables, usedVariables } from './usedVariables.ts';
import { expandWith, variablesIn } from './variables.ts';

interface PlacedLayer {
  readonly layer: LayerBlueprint;
  readonly files: readonly PlacedFile[];
}

/**
 * The image that a spec describes: its variables filled in, its recipe's layers below its own.
 * @throws SpecError with every problem at its line; OciError of the recipe
 */
export async function specBlueprint(spec: GantrySpec, context: SpecContext, io: Io): Promise<ImageBlueprint> {
  const filled = await fillIn(spec, context, io);
  const recipe = spec.recipe === undefined ? undefined : await context.project?.(spec.recipe, spec.project);
  const placed = await placeLayers(spec, filled, context, io);
  const { base, target, tags, epoch, annotations } = filled.any;
  const config = mergeConfig(recipe?.config ?? {}, filled.any.config);
  const programs = await programsOf(
    config,
    placed.flatMap(({ layer, files }) => platformed(files, layer.platform)),
    io,
  );
  const platforms = platformsOf(spec, filled, recipe);
  const chosenBase = base ?? recipe?.base;
  const named = { ...recipe?.annotations, ...annotations };
  const chosenEpoch = epoch ?? recipe?.epoch;
  return {
    ...(chosenBase === undefined ? {} : { base: referenceFrom(chosenBase, context.folder) }),
    layers: [...(recipe?.layers ?? []), ...placed.map(({ layer }) => layer)],
    config,
    programs: [...keptPrograms(recipe?.programs ?? [], config, filled.any.config), ...programs],
    ...(platforms === undefined ? {} : { platforms }),
    ...(target === undefined ? {} : { target: referenceFrom(target, context.folder) }),
    ...(tags === undefined ? {} : { tags }),
    ...(Object.keys(named).length === 0 ? {} : { annotations: named }),
    ...(chosenEpoch === undefined ? {} : { epoch: chosenEpoch }),
    warnings: [...(recipe?.warnings ?? []), ...secretWarnings(spec)],
    materials: recipe?.materials ?? [],
    ...(recipe?.lockFiles === undefined ? {} : { lockFiles: recipe.lockFiles }),
  };
}

interface Filled {
  /** For what is the same on all platforms. */
  readonly any: GantrySpec;
  readonly of: ReadonlyMap<string, GantrySpec>;
}

/** The spec read once for each platform, with the values that its variables have there. */
async function fillIn(spec: GantrySpec, context: SpecContext, io: Io): Promise<Filled> {
  const { folder, args = {}, env = process.env, git = readGitFacts } = context;
  const needsGit = usedVariables(spec.document.value).some((name) => name.startsWith('git.'));
  const values = { args, env, folderName: path.basename(folder), git: needsGit ? await git(folder, io) : {} };
  const listed = spec.layers.flatMap(({ platform }) => platform ?? []);
  const platforms = [...new Set([...context.platforms, ...listed].map((one) => formatPlatform(parsePlatform(one))))];
  const chosen = new Set(context.platforms.map((one) => formatPlatform(parsePlatform(one))));
  const all = platforms.map(
    (platform) => [platform, readSpec(spec.document, expandWith({ ...values, platform }))] as const,
  );
  const any = all[0]?.[1] ?? readSpec(spec.document, expandWith(values));
  return { any, of: new Map(all.filter(([platform]) => chosen.has(platform))) };
}

async function placeLayers(
  spec: GantrySpec,
  { any, of }: Filled,
  context: SpecContext,
  io: Io,
): Promise<readonly PlacedLayer[]> {
  const problems: SpecProblem[] = [];
  const placed: PlacedLayer[] = [];
  for (const [at, layer] of spec.layers.entries()) {
    const own = layer.platform === undefined ? [...of] : [...of].filter(([platform]) => platform === layer.platform);
    const isForAll = layer.platform === undefined && !differs(layer);
    const variants = isForAll ? [[undefined, any] as const] : own;
    for (const [platform, filled] of variants) {
      const found = filled.layers[at];
      if (found !== undefined) placed.push(await placeLayer(spec, found, platform, problems, context, io));
    }
  }
  if (problems.length > 0) throw specFailure(spec.document.file, problems);
  return placed;
}

async function placeLayer(
  { document }: GantrySpec,
  { name, files }: SpecLayer,
  platform: string | undefined,
  problems: SpecProblem[],
  context: SpecContext,
  io: Io,
): Promise<PlacedLayer> {
  const placed: PlacedFile[] = [];
  for (const file of files) {
    const found = await placeFile(file, context, io);
    if (typeof found === 'object') placed.push(found);
    else problems.push({ file: document.file, ...document.at([...file.path, 'from']), text: found });
  }
  const layerFiles = placed.map(({ layerFile }) => layerFile);
  return { layer: { name, files: layerFiles, ...(platform === undefined ? {} : { platform }) }, files: placed };
}

/** True for a layer with files that are others on other platforms. */
function differs({ files }: SpecLayer): boolean {
  return files.some(({ from, to }) =>
    [...variablesIn(from), ...variablesIn(to)].some((name) => name.startsWith('platform.')),
  );
}

function platformed(
  files: readonly PlacedFile[],
  platform: string | undefined,
): readonly (PlacedFile & { platform?: string })[] {
  return files.map((file) => ({ ...file, ...(platform === undefined ? {} : { platform }) }));
}

function platformsOf(
  spec: GantrySpec,
  { of }: Filled,
  recipe: ImageBlueprint | undefined,
): readonly string[] | undefined {
  const isBound = spec.platforms !== undefined || spec.layers.some(differs);
  return isBound ? [...of.keys()] : recipe?.platforms;
}

/** Programs of the recipe that the image still starts. */
function keptPrograms(
  programs: readonly ImageProgram[],
  config: ConfigChanges,
  spec: ConfigChanges,
): readonly ImageProgram[] {
  if (spec.entrypoint === undefined) return programs;
  const command = config.entrypoint?.[0];
  return programs.filter((program) => program.path === command);
}

function secretWarnings({ document }: GantrySpec): readonly ContainerizeWarning[] {
  return secretVariables(document.value).map((name) => ({
    code: 'secret-included',
    text: `The value of the environment variable ${name} goes into the image: whoever can pull it can read it.`,
  }));
}
