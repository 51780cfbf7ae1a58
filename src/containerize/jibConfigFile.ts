import { escapeText } from '../oci/reference.ts';
import { type FindPlace, JibReader, type MemberPath } from './jibConfigReader.ts';
import { readPorts, readSeconds } from './jibConfigValues.ts';

/** What a jib.yaml says (the build file of `jib build`, apiVersion jib/v1alpha1). */
export interface JibConfig {
  /** The file, for messages. */
  readonly file: string;
  /** A reference, or `scratch`. */
  readonly base: string;
  /** Such as `linux/amd64`; empty for what the base has. */
  readonly platforms: readonly string[];
  /** Seconds since 1970. */
  readonly creationTime?: number;
  readonly format?: 'Docker' | 'OCI';
  readonly environment: ReadonlyMap<string, string>;
  readonly labels: ReadonlyMap<string, string>;
  readonly volumes: readonly string[];
  /** `8080/tcp`: ranges are written out. */
  readonly exposedPorts: readonly string[];
  readonly user?: string;
  readonly workingDirectory?: string;
  readonly entrypoint?: readonly string[];
  readonly cmd?: readonly string[];
  readonly layers: readonly JibLayer[];
}

export interface JibLayer {
  readonly name: string;
  readonly files: readonly JibCopy[];
}

/** Files that are copied, with what all levels of `properties` come to. */
export interface JibCopy {
  readonly src: string;
  /** An absolute path; with `/` at the end a file keeps its name. */
  readonly dest: string;
  /** Globs as Java has them, of absolute paths. */
  readonly includes: readonly string[];
  readonly excludes: readonly string[];
  readonly properties: JibProperties;
  /** Where it is in the file. */
  readonly line: number;
  readonly column: number;
}

export interface JibProperties {
  readonly filePermissions?: number;
  readonly directoryPermissions?: number;
  readonly user?: number;
  readonly group?: number;
  /** Seconds since 1970. */
  readonly timestamp?: number;
}

const members = [
  'apiVersion',
  'kind',
  'from',
  'creationTime',
  'format',
  'environment',
  'labels',
  'volumes',
  'exposedPorts',
  'user',
  'workingDirectory',
  'entrypoint',
  'cmd',
  'layers',
];

/**
 * Reads what a jib.yaml was parsed to.
 * @param at tells the places of members; absent: all are at 1:1
 * @throws SpecError with all that is wrong
 */
export function readJibConfig(value: unknown, file: string, at: FindPlace = () => ({ line: 1, column: 1 })): JibConfig {
  const reader = new JibReader(file, at);
  const top = reader.members(value, [], members) ?? new Map<string, unknown>();
  const text = (name: string): string | undefined => reader.text(top.get(name), [name]);
  const texts = (name: string): readonly string[] => reader.texts(top.get(name), [name]);
  expect(reader, 'apiVersion', top.get('apiVersion'), 'jib/v1alpha1');
  expect(reader, 'kind', top.get('kind'), 'BuildFile');
  const format = text('format');
  if (format !== undefined && format !== 'Docker' && format !== 'OCI')
    reader.add(['format'], 'format is Docker or OCI.');
  const time = readSeconds(reader, top.get('creationTime'), ['creationTime']);
  const [user, workingDirectory] = [text('user'), text('workingDirectory')];
  if (workingDirectory !== undefined) absolute(reader, workingDirectory, ['workingDirectory']);
  const volumes = texts('volumes');
  for (const [index, one] of volumes.entries()) absolute(reader, one, ['volumes', index]);
  const config: JibConfig = {
    file,
    ...readFrom(reader, top.get('from')),
    ...(time === undefined ? {} : { creationTime: time }),
    ...(format === 'Docker' || format === 'OCI' ? { format } : {}),
    environment: reader.textMap(top.get('environment'), ['environment']),
    labels: reader.textMap(top.get('labels'), ['labels']),
    volumes,
    exposedPorts: readPorts(reader, texts('exposedPorts')),
    ...(user === undefined ? {} : { user }),
    ...(workingDirectory === undefined ? {} : { workingDirectory }),
    ...(isThere(top.get('entrypoint')) ? { entrypoint: texts('entrypoint') } : {}),
    ...(isThere(top.get('cmd')) ? { cmd: texts('cmd') } : {}),
    layers: readLayers(reader, top.get('layers'), at),
  };
  reader.throwIfAny();
  return config;
}

function expect(reader: JibReader, name: string, value: unknown, wanted: string): void {
  if (value !== wanted) reader.add([name], `${name} must be ${wanted}.`);
}

function readFrom(reader: JibReader, value: unknown): Pick<JibConfig, 'base' | 'platforms'> {
  const from = reader.members(value, ['from'], ['image', 'platforms']);
  if (from === undefined) return { base: 'scratch', platforms: [] };
  const image = reader.required(from.get('image'), ['from', 'image']);
  const [, kind] = /^(docker|tar):\/\//.exec(image) ?? [];
  if (kind !== undefined) reader.add(['from', 'image'], `${kind}:// is not supported: name an image of a registry.`);
  const platforms = reader.list(from.get('platforms'), ['from', 'platforms']).map((one, index) => {
    const path = ['from', 'platforms', index];
    const platform = reader.members(one, path, ['architecture', 'os']);
    const [os, architecture] = ['os', 'architecture'].map((name) =>
      reader.required(platform?.get(name), [...path, name]),
    );
    return `${os ?? ''}/${architecture ?? ''}`;
  });
  return { base: image.replace(/^registry:\/\//, ''), platforms };
}

function readLayers(reader: JibReader, value: unknown, at: FindPlace): readonly JibLayer[] {
  const layers = reader.members(value, ['layers'], ['entries', 'properties']);
  if (layers === undefined) return [];
  const properties = readProperties(reader, layers.get('properties'), ['layers', 'properties']);
  const entries = reader.list(layers.get('entries'), ['layers', 'entries']);
  if (entries.length === 0) reader.add(['layers'], 'layers needs entries.');
  return entries.map((one, index) => {
    const path = ['layers', 'entries', index];
    const isArchive = reader.mapping(one, path)?.has('archive') === true;
    if (isArchive) reader.add(path, 'layers of an archive are not supported, here as in Jib.');
    const known = ['name', 'files', 'properties', ...(isArchive ? ['archive', 'mediaType'] : [])];
    const layer = reader.members(one, path, known);
    const own = { ...properties, ...readProperties(reader, layer?.get('properties'), [...path, 'properties']) };
    const files = reader.list(layer?.get('files'), [...path, 'files']);
    if (files.length === 0 && !isArchive) reader.add(path, 'a layer needs files.');
    return {
      name: reader.required(layer?.get('name'), [...path, 'name']),
      files: files.map((file, each) => readCopy(reader, file, { path: [...path, 'files', each], own, at })),
    };
  });
}

function readCopy(
  reader: JibReader,
  value: unknown,
  { path, own, at }: { readonly path: MemberPath; readonly own: JibProperties; readonly at: FindPlace },
): JibCopy {
  const copy = reader.members(value, path, ['src', 'dest', 'includes', 'excludes', 'properties']);
  const dest = reader.required(copy?.get('dest'), [...path, 'dest']);
  absolute(reader, dest, [...path, 'dest']);
  return {
    src: reader.required(copy?.get('src'), [...path, 'src']),
    dest,
    includes: reader.texts(copy?.get('includes'), [...path, 'includes']),
    excludes: reader.texts(copy?.get('excludes'), [...path, 'excludes']),
    properties: { ...own, ...readProperties(reader, copy?.get('properties'), [...path, 'properties']) },
    ...at(path),
  };
}

function readProperties(reader: JibReader, value: unknown, path: MemberPath): JibProperties {
  const names = ['filePermissions', 'directoryPermissions', 'user', 'group', 'timestamp'];
  const properties = reader.members(value, path, names);
  const octal = (name: string): number | undefined => {
    const text = reader.text(properties?.get(name), [...path, name])?.padStart(3, '0');
    if (text === undefined || /^[0-7]{3}$/.test(text)) return text === undefined ? undefined : parseInt(text, 8);
    reader.add([...path, name], `${name} must be three octal digits, such as 644.`);
    return undefined;
  };
  const id = (name: string): number | undefined => {
    const text = reader.text(properties?.get(name), [...path, name]);
    if (text === undefined || /^\d{1,9}$/.test(text)) return text === undefined ? undefined : Number(text);
    reader.add([...path, name], `${escapeText(text)} must be a number: names of owners are not looked up.`);
    return undefined;
  };
  const found = {
    filePermissions: octal('filePermissions'),
    directoryPermissions: octal('directoryPermissions'),
    user: id('user'),
    group: id('group'),
    timestamp: readSeconds(reader, properties?.get('timestamp'), [...path, 'timestamp']),
  };
  return Object.fromEntries(Object.entries(found).filter(([, one]) => one !== undefined));
}

function absolute(reader: JibReader, text: string, path: MemberPath): void {
  if (text !== '' && !text.startsWith('/'))
    reader.add(path, `${escapeText(text)} must be an absolute path in the image.`);
}

function isThere(value: unknown): boolean {
  return value !== undefined && value !== null;
}
