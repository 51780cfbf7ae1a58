import path from 'node:path';
import type { ConfigChanges, ContainerizeOptions, Healthcheck } from '../../api.ts';
import type { LayerFile } from '../../archive/pack.ts';
import { OciError } from '../../errors.ts';
import { escapeText } from '../../oci/reference.ts';
import type { ImageBlueprint, LayerBlueprint } from '../blueprint.ts';
import { pathBelow } from '../pathBelow.ts';
import { mergeConfig } from './mergeConfig.ts';
import { yamlList, yamlText } from './yamlText.ts';

/** What somebody chose, and what it came to. */
export interface SpecSource {
  readonly options: ContainerizeOptions;
  readonly blueprint: ImageBlueprint;
}

/**
 * The text of a gantry.yaml for `folder` that makes the same image: by its recipe where one was chosen, else by its files.
 * @throws OciError invalid-reference for files outside of the folder, for those that are on no disk, and for what was made by
 * a Dockerfile or another spec
 */
export function specText({ options, blueprint }: SpecSource, folder: string): string {
  const isRecipe = options.recipe !== undefined && options.recipe !== 'binary' && options.recipe !== 'folder';
  const written = isRecipe ? undefined : (options.dockerfile ?? options.spec);
  // What such a file takes of a folder, and with which attributes, is more than the blueprint's paths tell.
  if (written !== undefined) {
    const name = escapeText(path.basename(written));
    throw new OciError(
      'invalid-reference',
      `${name} says itself what the image is made of. Containerize that file again.`,
    );
  }
  const base = options.base ?? (isRecipe ? undefined : blueprint.base);
  const platforms = options.platforms ?? (isRecipe ? undefined : blueprint.platforms);
  const config = isRecipe ? (options.config ?? {}) : mergeConfig(blueprint.config, options.config ?? {});
  const annotations = { ...(isRecipe ? {} : blueprint.annotations), ...options.annotations };
  const target = options.target ?? blueprint.target;
  const tags = options.tags ?? blueprint.tags ?? [];
  return [
    '# How Gantry makes an image of this folder: run the task "gantry: gantry.yaml", or Containerize on this file.',
    ...(base === undefined
      ? []
      : ['', '# What the image is built on; scratch is nothing.', `base: ${pathText(base, folder)}`]),
    ...(platforms === undefined ? [] : [`platforms: ${yamlList(platforms)}`]),
    '',
    ...(isRecipe ? recipeLines(options) : layerLines(blueprint.layers, folder)),
    ...section('# What the image starts, and with what.', configLines(config)),
    ...mapLines('annotations', annotations),
    ...section('# Where it goes.', target === undefined ? [] : [`target: ${pathText(target, folder)}`]),
    ...(tags.length === 0 ? [] : [`tags: ${yamlList(tags)}`]),
    ...section('# How it is made.', makingLines(options, blueprint, isRecipe ? 'recipe' : 'files')),
    '',
  ].join('\n');
}

function section(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : ['', title, ...lines];
}

function recipeLines({ recipe, project }: ContainerizeOptions): readonly string[] {
  return [
    '# Gantry builds the project and knows where its parts belong.',
    `recipe: ${recipe ?? ''}`,
    ...(project === undefined ? [] : [`project: ${yamlText(project)}`]),
  ];
}

function layerLines(layers: readonly LayerBlueprint[], folder: string): readonly string[] {
  const lines = layers.flatMap(({ name, platform, files }) => [
    `  - name: ${yamlText(name)}`,
    ...(platform === undefined ? [] : [`    platform: ${yamlText(platform)}`]),
    '    files:',
    ...files.flatMap((file) => fileLines(file, folder)),
  ]);
  return [
    '# What lies on the base: paths are relative to this folder.',
    ...(lines.length === 0 ? [] : ['layers:', ...lines]),
  ];
}

function fileLines(file: LayerFile, folder: string): readonly string[] {
  if (!('from' in file)) {
    throw new OciError(
      'invalid-reference',
      `${escapeText(file.to)} is on no disk, so no spec can name it. Choose a recipe instead.`,
    );
  }
  const { to, mode, uid, gid } = file;
  return [
    `      - from: ${yamlText(relative(file.from, folder))}`,
    `        to: ${yamlText(to)}`,
    ...(mode === undefined ? [] : [`        mode: "${mode.toString(8).padStart(4, '0')}"`]),
    ...(uid === undefined ? [] : [`        owner: "${uid}:${gid ?? 0}"`]),
  ];
}

function relative(file: string, folder: string): string {
  const found = pathBelow(folder, file);
  if (found === undefined) {
    throw new OciError(
      'invalid-reference',
      `${escapeText(file)} is outside of ${escapeText(folder)}, where the spec would be. Save it further up.`,
    );
  }
  return found === '' ? '.' : found;
}

/** A path on disk is written relative to the folder where it is below it. */
function pathText(reference: string, folder: string): string {
  const [, transport, rest] = /^(oci|oci-archive|docker-archive):(.+)$/s.exec(reference) ?? [];
  if (transport === undefined || rest === undefined || !path.isAbsolute(rest)) return yamlText(reference);
  const found = pathBelow(folder, rest);
  return yamlText(found === undefined || found === '' ? reference : `${transport}:${found}`);
}

function configLines(config: ConfigChanges): readonly string[] {
  const {
    entrypoint,
    cmd,
    env = [],
    workdir,
    user,
    ports,
    volumes,
    labels,
    stopSignal,
    healthcheck,
    shell,
    author,
  } = config;
  return [
    ...listLine('entrypoint', entrypoint),
    ...listLine('cmd', cmd),
    ...(env.length === 0 ? [] : ['env:', ...env.map((entry) => `  - ${yamlText(entry)}`)]),
    ...textLine('workdir', workdir),
    ...textLine('user', user),
    ...listLine('ports', ports),
    ...listLine('volumes', volumes),
    ...mapLines('labels', labels ?? {}),
    ...textLine('stopSignal', stopSignal),
    ...healthcheckLines(healthcheck),
    ...listLine('shell', shell),
    ...textLine('author', author),
  ];
}

function healthcheckLines(healthcheck: Healthcheck | null | undefined): readonly string[] {
  if (healthcheck === undefined) return [];
  if (healthcheck === null) return ['healthcheck: none'];
  const { test, retries } = healthcheck;
  const durations = (['interval', 'timeout', 'startPeriod', 'startInterval'] as const).flatMap((name) => {
    const nanoseconds = healthcheck[name];
    return nanoseconds === undefined ? [] : [`  ${name}: ${durationText(nanoseconds)}`];
  });
  return [
    'healthcheck:',
    `  test: ${yamlList(test)}`,
    ...durations,
    ...(retries === undefined ? [] : [`  retries: ${retries}`]),
  ];
}

function durationText(nanoseconds: number): string {
  if (nanoseconds % 1e9 === 0) return `${nanoseconds / 1e9}s`;
  return nanoseconds % 1e6 === 0 ? `${nanoseconds / 1e6}ms` : `${nanoseconds}ns`;
}

function makingLines(
  options: ContainerizeOptions,
  { epoch }: ImageBlueprint,
  made: 'recipe' | 'files',
): readonly string[] {
  const { compression, sbom, provenance, gitignore, secrets } = options;
  const ignore = [...(gitignore === true ? ['gitignore: true'] : []), ...(secrets === true ? ['secrets: true'] : [])];
  return [
    ...(compression === undefined ? [] : [`compression: ${compression}`]),
    ...(sbom === undefined ? [] : [`sbom: ${String(sbom)}`]),
    ...(provenance === undefined ? [] : [`provenance: ${String(provenance)}`]),
    ...(epoch === undefined || made === 'recipe' ? [] : [`created: ${epoch}`]),
    ...(ignore.length === 0 ? [] : [`ignore: {${ignore.join(', ')}}`]),
  ];
}

function textLine(name: string, text: string | undefined): readonly string[] {
  return text === undefined ? [] : [`${name}: ${yamlText(text)}`];
}

function listLine(name: string, texts: readonly string[] | undefined): readonly string[] {
  return texts === undefined ? [] : [`${name}: ${yamlList(texts)}`];
}

function mapLines(name: string, map: Readonly<Record<string, string>>): readonly string[] {
  const entries = Object.entries(map);
  return entries.length === 0
    ? []
    : [`${name}:`, ...entries.map(([key, text]) => `  ${JSON.stringify(key)}: ${yamlText(text)}`)];
}
