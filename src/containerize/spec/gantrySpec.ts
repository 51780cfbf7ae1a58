import type { Compression, ConfigChanges, RecipeName } from '../../api.ts';
import { formatPlatform, parsePlatform } from '../../oci/platform.ts';
import { readConfig } from './specConfig.ts';
import { epochOf, specChecks } from './specChecks.ts';
import { readLayers, type SpecLayer } from './specLayers.ts';
import { compressions, otherNames, recipeNames, specMembers } from './specMembers.ts';
import { SpecReader } from './specReader.ts';
import { specFailure } from './specFailure.ts';
import { checkVariables, type Expander } from './variables.ts';
import type { YamlDocument } from './yamlDocument.ts';

/** What a gantry.yaml says. Texts hold variables as they are written until `specBlueprint` fills them in. */
export interface GantrySpec {
  readonly document: YamlDocument;
  readonly base?: string;
  /** In one spelling each. */
  readonly platforms?: readonly string[];
  readonly recipe?: RecipeName;
  /** Which of the recipe's projects. */
  readonly project?: string;
  readonly layers: readonly SpecLayer[];
  readonly config: ConfigChanges;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly target?: string;
  readonly tags?: readonly string[];
  readonly compression?: Compression;
  readonly sbom?: boolean;
  readonly provenance?: boolean;
  /** Seconds since 1970; absent too where a variable says it. */
  readonly epoch?: number;
  readonly ignore: SpecIgnore;
}

export interface SpecIgnore {
  /** Leave out what .gitignore files ignore. Default: false. */
  readonly gitignore?: boolean;
  /** Leave out what a .dockerignore ignores. Default: true. */
  readonly dockerignore?: boolean;
  /** Let in what looks like secrets. Default: false. */
  readonly secrets?: boolean;
}

/** Most characters of a gantry.yaml. */
export const maxSpecLength = 256 << 10;

/**
 * Reads a gantry.yaml.
 * @param expand what variables stand for. Default: their names are checked, nothing more.
 * @throws SpecError with every problem at its line
 */
export function readSpec(document: YamlDocument, expand: Expander = checkVariables): GantrySpec {
  const reader = new SpecReader(document, expand);
  if (document.value === null)
    reader.report([], 'the file is empty. Write what the image is made of: recipe, or layers');
  else reader.members([], specMembers.spec, otherNames);
  const spec = { document, ...choices(reader), ...names(reader), ...parts(reader) };
  const isOfNothing = spec.recipe === undefined && spec.base === undefined && spec.layers.length === 0;
  if (isOfNothing && reader.problems.length === 0) {
    reader.report([], 'nothing says what the image is made of. Name a recipe, layers or a base');
  }
  if (spec.project !== undefined && !reader.has(['recipe'])) {
    reader.report(['project'], 'project says which project of a recipe. Name the recipe too', 'key');
  }
  if (reader.problems.length > 0) throw specFailure(document.file, reader.problems);
  return spec;
}

function choices(reader: SpecReader): Pick<GantrySpec, 'platforms' | 'recipe' | 'compression' | 'sbom' | 'provenance'> {
  const { platform } = specChecks;
  const platforms = reader.texts(['platforms'], {
    check: platform,
    isFixed: true,
    example: '[linux/amd64, linux/arm64]',
  });
  const recipe = reader.choice(['recipe'], recipeNames);
  const compression = reader.choice(['compression'], compressions);
  const [sbom, provenance] = [reader.flag(['sbom']), reader.flag(['provenance'])];
  if (isEmptyList(reader.value(['platforms'])))
    reader.report(['platforms'], 'platforms names none. Leave it out for those of the base');
  return {
    ...(platforms === undefined ? {} : { platforms: distinct(platforms) }),
    ...(recipe === undefined ? {} : { recipe }),
    ...(compression === undefined ? {} : { compression }),
    ...(sbom === undefined ? {} : { sbom }),
    ...(provenance === undefined ? {} : { provenance }),
  };
}

function names(reader: SpecReader): Pick<GantrySpec, 'base' | 'project' | 'target' | 'tags' | 'annotations' | 'epoch'> {
  const base = reader.text(['base'], { check: specChecks.base });
  const project = reader.text(['project'], { isFixed: true });
  const target = reader.text(['target'], { check: specChecks.image });
  const tags = reader.texts(['tags'], { check: specChecks.tag, example: '[latest, "1.0"]' });
  const annotations = reader.textMap(['annotations']);
  const created = reader.text(['created'], { check: specChecks.time });
  const epoch = created === undefined ? undefined : epochOf(created);
  return {
    ...(base === undefined ? {} : { base }),
    ...(project === undefined ? {} : { project }),
    ...(target === undefined ? {} : { target }),
    ...(tags === undefined ? {} : { tags }),
    ...(annotations === undefined ? {} : { annotations }),
    ...(epoch === undefined ? {} : { epoch }),
  };
}

function parts(reader: SpecReader): Pick<GantrySpec, 'layers' | 'config' | 'ignore'> {
  return { layers: readLayers(reader), config: readConfig(reader), ignore: readIgnore(reader) };
}

function readIgnore(reader: SpecReader): SpecIgnore {
  reader.members(['ignore'], specMembers.ignore);
  const flags = specMembers.ignore.map((name) => [name, reader.flag(['ignore', name])] as const);
  return Object.fromEntries(flags.filter(([, flag]) => flag !== undefined));
}

function distinct(platforms: readonly string[]): readonly string[] {
  return [...new Set(platforms.map((platform) => formatPlatform(parsePlatform(platform))))];
}

function isEmptyList(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}
