import type { Stats } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import type { ConfigChanges, ContainerizeWarning } from '../api.ts';
import { fileError } from '../archive/fileError.ts';
import type { FileOnDisk, PathFilter } from '../archive/pack.ts';
import type { Io } from '../content/store.ts';
import { isOciError, SpecError } from '../errors.ts';
import { escapeText } from '../oci/reference.ts';
import type { ImageBlueprint, LayerBlueprint } from './blueprint.ts';
import { filterBelow } from './ignore/filterBelow.ts';
import { withoutSecrets } from './ignore/secrets.ts';
import { keptPaths } from './jibConfigFiles.ts';
import type { JibConfig, JibCopy, JibProperties } from './jibConfigFile.ts';
import { javaGlobSize, parseJavaGlob } from './jibConfigGlob.ts';
import { pathBelow } from './pathBelow.ts';

export { readJibConfig } from './jibConfigFile.ts';

/** Characters of the globs of one entry, what is in braces written out: all are tried with each path. */
const maxGlobSize = 16_384;

/** Where the files of a jib.yaml are. */
export interface JibContext {
  /** An absolute path, which `src` is relative to and must be in. */
  readonly folder: string;
  /** Of what is in the folder. Jib has no ignore rules: only secrets are left out. Absent: by their names. */
  readonly filter?: PathFilter;
}

/**
 * The image of a jib.yaml.
 * @throws SpecError for files that are not there, lead out of the folder, and for globs that are none; OciError forbidden
 */
export async function jibBlueprint(config: JibConfig, context: JibContext, io: Io): Promise<ImageBlueprint> {
  const { folder, filter = withoutSecrets } = context;
  const layers: LayerBlueprint[] = [];
  for (const { name, files } of config.layers) {
    const copied: FileOnDisk[] = [];
    for (const copy of files) copied.push(...(await fileOf(config, copy, { folder, filter }, io)));
    if (copied.length > 0) layers.push({ name, files: copied });
  }
  return {
    base: config.base,
    layers,
    config: changesOf(config),
    programs: [],
    ...(config.platforms.length === 0 ? {} : { platforms: config.platforms }),
    ...(config.creationTime === undefined ? {} : { epoch: config.creationTime }),
    warnings: warningsOf(config),
    materials: [config.file],
  };
}

function changesOf(config: JibConfig): ConfigChanges {
  const { entrypoint, cmd, user, workingDirectory, environment, labels, exposedPorts, volumes } = config;
  return {
    ...(entrypoint === undefined ? {} : { entrypoint }),
    ...(cmd === undefined ? {} : { cmd }),
    ...(user === undefined ? {} : { user }),
    ...(workingDirectory === undefined ? {} : { workdir: workingDirectory }),
    ...(environment.size === 0 ? {} : { env: [...environment].map(([name, value]) => `${name}=${value}`) }),
    ...(labels.size === 0 ? {} : { labels: Object.fromEntries(labels) }),
    ...(exposedPorts.length === 0 ? {} : { ports: exposedPorts }),
    ...(volumes.length === 0 ? {} : { volumes }),
  };
}

function warningsOf({ format, creationTime, layers }: JibConfig): readonly ContainerizeWarning[] {
  const times = layers.flatMap(({ files }) => files.map(({ properties }) => properties.timestamp));
  const isOther = times.some((time) => time !== undefined && time !== (creationTime ?? 0));
  const texts = [
    ...(isOther
      ? ['Files have no times of their own: all are dated as the image (creationTime), not by timestamp.']
      : []),
    ...(format === undefined ? [] : ['The image has the format of its base, whatever format says.']),
  ];
  return texts.map((text) => ({ code: 'not-supported', text }));
}

async function fileOf(
  { file }: JibConfig,
  copy: JibCopy,
  { folder, filter: allowed }: Required<JibContext>,
  io: Io,
): Promise<readonly FileOnDisk[]> {
  const problem = (text: string): SpecError => {
    const { line, column } = copy;
    return new SpecError(`${escapeText(file)}, line ${line}: ${text}`, [{ file, line, column, text }]);
  };
  const from = path.resolve(folder, copy.src);
  const found = await statusOf(from);
  if (found === undefined) throw problem(`there is no ${escapeText(copy.src)}: build it first, or correct src.`);
  const place = pathBelow(await realpath(folder), found.real);
  if (place === undefined) throw problem(`${escapeText(copy.src)} leads out of the folder ${escapeText(folder)}.`);
  const { includes, excludes, dest: to } = copy;
  if (found.stat.isFile()) {
    if (includes.length + excludes.length > 0) throw problem('includes and excludes are for folders only.');
    return allowed.keeps(place, false) ? [{ from, to, ...placed(copy.properties) }] : [];
  }
  if (!found.stat.isDirectory()) throw problem(`${escapeText(copy.src)} is neither a file nor a folder.`);
  const size = [...includes, ...excludes].reduce((sum, glob) => sum + javaGlobSize(glob), 0);
  if (size > maxGlobSize) throw problem(`more than ${maxGlobSize} characters of globs are too many.`);
  const matcher = (globs: readonly string[]): readonly ((path: string) => boolean)[] =>
    globs.map((glob) => {
      const matches = parseJavaGlob(glob);
      if (matches === undefined) throw problem(`${escapeText(glob)} is not a glob.`);
      return matches;
    });
  const [included, excluded] = [matcher(includes), matcher(excludes)];
  const top = from.replaceAll('\\', '/').replace(/\/$/, '');
  const inPlace = filterBelow(allowed, place);
  // Java matches the whole path, with the folder that src is resolved to.
  const isMeant = (relative: string): boolean => {
    if (!inPlace.keeps(relative, false)) return false;
    const whole = `${top}/${relative}`;
    if (excluded.some((matches) => matches(whole))) return false;
    return included.length === 0 || included.some((matches) => matches(whole));
  };
  const kept = await keptPaths(found.real, isMeant, io);
  const filter: PathFilter = { keeps: (one) => kept.has(one), enters: (one) => kept.has(one) };
  return kept.size === 0 && included.length > 0 ? [] : [{ from, to, filter, ...placed(copy.properties) }];
}

function placed({
  filePermissions,
  directoryPermissions,
  user,
  group,
}: JibProperties): Omit<FileOnDisk, 'from' | 'to'> {
  return {
    mode: filePermissions ?? 0o644,
    directoryMode: directoryPermissions ?? 0o755,
    uid: user ?? 0,
    gid: group ?? 0,
  };
}

async function statusOf(file: string): Promise<{ readonly real: string; readonly stat: Stats } | undefined> {
  try {
    const real = await realpath(file);
    return { real, stat: await stat(real) };
  } catch (cause) {
    const error = fileError(cause, 'read', file);
    if (isOciError(error, 'not-found')) return undefined;
    throw error;
  }
}
