import { OciError } from '../errors.ts';
import { type Digest, isDigest } from './digest.ts';
import { isObject, type JsonObject, parseJson, stringList, stringMap } from './json.ts';
import { type Platform, readPlatform } from './platform.ts';

/** One line of a config's `history` (image-spec config.md). */
export interface HistoryEntry {
  readonly created?: string;
  readonly created_by?: string;
  readonly author?: string;
  readonly comment?: string;
  readonly empty_layer?: boolean;
}

/** The execution parameters of config.md's `config`, with the names that file gives them. */
export interface ExecutionConfig {
  readonly User?: string;
  readonly ExposedPorts: readonly string[];
  readonly Env: readonly string[];
  readonly Entrypoint?: readonly string[];
  readonly Cmd?: readonly string[];
  readonly Volumes: readonly string[];
  readonly WorkingDir?: string;
  readonly Labels: Readonly<Record<string, string>>;
  readonly StopSignal?: string;
}

/** image-spec config.md, read tolerantly: what does not fit its type is absent, never an exception. */
export interface ImageConfig {
  readonly json: JsonObject;
  readonly platform?: Platform;
  readonly created?: string;
  readonly author?: string;
  readonly config: ExecutionConfig;
  /** Digests of the uncompressed layers, in order; undefined where an entry is not a digest. */
  readonly diffIds: readonly (Digest | undefined)[];
  readonly history: readonly HistoryEntry[];
}

export const maxConfigBytes = 8 << 20;

/** @throws OciError invalid-manifest where the bytes are not a JSON object, too-large above 8 MiB */
export function parseImageConfig(bytes: Uint8Array): ImageConfig {
  if (bytes.length > maxConfigBytes)
    throw new OciError('too-large', `the image config is larger than ${maxConfigBytes} bytes`);
  const json = parseJson(bytes, 'the image config');
  if (!isObject(json)) throw new OciError('invalid-manifest', 'the image config is not a JSON object');
  const rootfs = isObject(json['rootfs']) ? json['rootfs']['diff_ids'] : undefined;
  const platform = readPlatform(json);
  return {
    json,
    ...(platform === undefined ? {} : { platform }),
    ...optionalStrings(json, ['created', 'author']),
    config: execution(isObject(json['config']) ? json['config'] : {}),
    diffIds: Array.isArray(rootfs) ? rootfs.map((entry) => (isDigest(entry) ? entry : undefined)) : [],
    history: Array.isArray(json['history']) ? json['history'].map(historyEntry) : [],
  };
}

function execution(json: JsonObject): ExecutionConfig {
  return {
    ...optionalStrings(json, ['User', 'WorkingDir', 'StopSignal']),
    ExposedPorts: isObject(json['ExposedPorts']) ? Object.keys(json['ExposedPorts']) : [],
    Env: stringList(json['Env']),
    ...(Array.isArray(json['Entrypoint']) ? { Entrypoint: stringList(json['Entrypoint']) } : {}),
    ...(Array.isArray(json['Cmd']) ? { Cmd: stringList(json['Cmd']) } : {}),
    Volumes: isObject(json['Volumes']) ? Object.keys(json['Volumes']) : [],
    Labels: stringMap(json['Labels']),
  };
}

function historyEntry(value: unknown): HistoryEntry {
  if (!isObject(value)) return {};
  const texts = optionalStrings(value, ['created', 'created_by', 'author', 'comment']);
  return value['empty_layer'] === true ? { ...texts, empty_layer: true } : texts;
}

function optionalStrings<K extends string>(json: JsonObject, names: readonly K[]): { readonly [P in K]?: string } {
  const found: { [P in K]?: string } = {};
  for (const name of names) {
    const value = json[name];
    if (typeof value === 'string' && value !== '') found[name] = value;
  }
  return found;
}

/** The history line that made each layer: undefined where history and layers cannot be matched. */
export function layerHistory(config: ImageConfig, layers: number): readonly (HistoryEntry | undefined)[] {
  const entries = config.history.filter((entry) => entry.empty_layer !== true);
  return Array.from({ length: layers }, (_, at) => (entries.length === layers ? entries[at] : undefined));
}
