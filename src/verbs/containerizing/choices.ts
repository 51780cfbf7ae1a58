import type { Compression, ConfigChanges, ContainerizeOptions, RecipeName } from '../../api.ts';
import { recipeNames } from '../../containerize/spec/specMembers.ts';
import { OciError } from '../../errors.ts';
import { formatPlatform } from '../../oci/platform.ts';
import { assertTag, type Overwrite } from '../../operations/tagGuard.ts';
import { compressionOf, configChanges, type Owner, parseOwner } from '../layerOptions.ts';
import { OptionReader } from '../options.ts';

/** Each costs two requests. */
const maxTags = 100;

/** The options of `containerize`, read. */
export interface Choices {
  readonly subject: Subject;
  readonly recipe?: RecipeName;
  readonly project?: string;
  readonly base?: string;
  readonly target?: string;
  readonly tags: readonly string[];
  readonly platforms?: readonly string[];
  readonly to?: string;
  readonly config: ConfigChanges;
  readonly owner?: Owner;
  readonly annotations: Readonly<Record<string, string>>;
  readonly build: boolean;
  readonly stages: Readonly<Record<string, string>>;
  readonly args: Readonly<Record<string, string>>;
  readonly gitignore: boolean;
  readonly secrets: boolean;
  /** Absent: what the spec or the settings say. */
  readonly sbom?: boolean;
  readonly provenance?: boolean;
  readonly force: boolean;
  readonly compression?: Compression;
  readonly overwrite: Overwrite;
  readonly dryRun: boolean;
  readonly digest?: string;
}

/** What is made into an image. */
export type Subject =
  | { readonly kind: 'files'; readonly files: readonly string[] }
  | { readonly kind: 'folder'; readonly folder: string }
  | { readonly kind: 'spec'; readonly spec: string }
  | { readonly kind: 'dockerfile'; readonly dockerfile: string; readonly folder?: string };

/** The choices as options again, for the provenance. */
export function optionsOf({ subject, owner, ...choices }: Choices): ContainerizeOptions {
  const { kind, ...what } = subject;
  const own = kind === 'files' && 'files' in what ? { file: what.files } : what;
  return { ...own, ...choices, ...(owner === undefined ? {} : { owner: `${owner.uid}:${owner.gid}` }) };
}

/** Reads the options of `containerize`. @throws OciError invalid-reference */
export function readChoices(value: unknown): Choices {
  const options = new OptionReader('containerize', value);
  const compression = options.optionalText('compression');
  const owner = options.optionalText('owner');
  const listed = options.platforms('platforms')?.map(formatPlatform);
  const platforms = listed === undefined ? undefined : [...new Set(listed)];
  return {
    subject: subjectOf(options),
    tags: tagsOf(options),
    config: configChanges(options.raw('config')),
    annotations: options.textMap('annotations') ?? {},
    build: options.raw('build') === undefined || options.flag('build'),
    stages: options.textMap('stages') ?? {},
    args: options.textMap('args') ?? {},
    gitignore: options.flag('gitignore'),
    secrets: options.flag('secrets'),
    force: options.flag('force'),
    overwrite: options.overwrite(),
    dryRun: options.flag('dryRun'),
    ...optional('recipe', recipeOf(options.optionalText('recipe'))),
    ...optional('project', options.optionalText('project')),
    ...optional('base', options.optionalText('base')),
    ...optional('target', options.optionalText('target')),
    ...optional('platforms', platforms),
    ...optional('digest', options.optionalText('digest')),
    ...optional('to', options.optionalText('to')),
    ...optional('owner', owner === undefined ? undefined : parseOwner(owner)),
    ...optional('sbom', optionalFlag(options, 'sbom')),
    ...optional('provenance', optionalFlag(options, 'provenance')),
    ...optional('compression', compression === undefined ? undefined : compressionOf(compression, 'gzip')),
  };
}

function subjectOf(options: OptionReader): Subject {
  const [folder, spec, dockerfile] = ['folder', 'spec', 'dockerfile'].map((name) => options.optionalText(name));
  const file = options.raw('file');
  const files = typeof file === 'string' ? [file] : file === undefined ? undefined : options.texts('file');
  const given = [files, spec, dockerfile ?? folder].filter((one) => one !== undefined);
  if (given.length !== 1 || files?.length === 0) {
    throw new OciError(
      'invalid-reference',
      'containerize makes an image of one thing: name a file, a folder, a spec, or a dockerfile.',
    );
  }
  if (files !== undefined) return { kind: 'files', files };
  if (spec !== undefined) return { kind: 'spec', spec };
  if (dockerfile === undefined) return { kind: 'folder', folder: folder ?? '' };
  return { kind: 'dockerfile', dockerfile, ...(folder === undefined ? {} : { folder }) };
}

function recipeOf(text: string | undefined): RecipeName | undefined {
  if (text === undefined || isRecipe(text)) return text;
  throw new OciError('invalid-reference', `containerize: the option recipe must be one of ${recipeNames.join(', ')}.`);
}

function isRecipe(text: string): text is RecipeName {
  return recipeNames.some((name) => name === text);
}

/** @throws OciError invalid-reference for what is no tag; too-large */
function tagsOf(options: OptionReader): readonly string[] {
  const tags = [...new Set(options.texts('tags'))];
  assertTags(tags);
  return tags;
}

/** @throws OciError invalid-reference for what is no tag; too-large where writing them all would take a registry for itself */
export function assertTags(tags: readonly string[]): void {
  if (tags.length > maxTags) {
    throw new OciError(
      'too-large',
      `containerize gives an image at most ${maxTags} tags, and ${tags.length} are named.`,
    );
  }
  for (const tag of tags) assertTag(tag);
}

function optionalFlag(options: OptionReader, name: string): boolean | undefined {
  return options.raw(name) === undefined ? undefined : options.flag(name);
}

function optional<Name extends string, Value>(name: Name, value: Value | undefined): { readonly [N in Name]?: Value } {
  const found: { [N in Name]?: Value } = {};
  if (value !== undefined) found[name] = value;
  return found;
}
