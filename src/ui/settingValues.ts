import type { Compression } from '../api.ts';
import type { BrowseSettings } from '../browse/browseOptions.ts';
import { isObject, stringList } from '../oci/json.ts';
import { parseRegistry } from '../oci/reference.ts';

/** One entry of `gantry.registries`; files are paths, read by who connects. */
export interface RegistrySetting {
  readonly registry: string;
  readonly alias?: string;
  readonly catalog?: 'auto' | 'on' | 'off';
  readonly namespaces?: readonly string[];
  readonly readOnly?: boolean;
  readonly plainHttp?: boolean;
  readonly insecure?: boolean;
  readonly caFile?: string;
  readonly certFile?: string;
  readonly keyFile?: string;
  readonly tokenRealms?: readonly string[];
}

/** All settings as plain data of the right types; what a file holds instead counts as not set. */
export interface Settings {
  readonly registries: readonly RegistrySetting[];
  /** Entries of `gantry.registries` that could not be read, in words. */
  readonly problems: readonly string[];
  readonly credentials: {
    readonly useDockerConfig: 'read' | 'never';
    readonly allowHelpers: boolean;
    readonly dockerConfigPath?: string;
  };
  readonly network: {
    readonly timeoutSeconds: number;
    readonly retries: number;
    readonly concurrency: number;
    /** Bytes. */
    readonly chunkSize: number;
  };
  readonly tree: BrowseSettings;
  readonly platforms: readonly string[];
  readonly overwrite: 'ask' | 'never' | 'always';
  readonly compression: Compression;
  /** Bases to recommend beside the usual ones. */
  readonly bases: readonly string[];
  /** Attach an SBOM to what is made. */
  readonly sbom: boolean;
  readonly deleteAllow: 'never' | 'untag' | 'manifest';
  readonly localRegistry: { readonly enabled: boolean; readonly port: number; readonly directory?: string };
  readonly recentMax: number;
  readonly layerLimits: { readonly entries: number; readonly tarBytes: number };
  /** Of the cache of layers, in bytes. */
  readonly cacheBytes: number;
  readonly cacheDirectory?: string;
  /** Largest file of an image that is opened, in bytes. */
  readonly maxFileBytes: number;
}

/** Reads every setting. `get` takes the name without `gantry.`; what it returns is hostile. */
export function parseSettings(get: (name: string) => unknown): Settings {
  const { registries, problems } = parseRegistries(get('registries'));
  const path = text(get('credentials.dockerConfigPath'));
  const directory = text(get('localRegistry.directory'));
  const cache = text(get('cache.directory'));
  return {
    registries,
    problems,
    credentials: {
      useDockerConfig: oneOf(get('credentials.useDockerConfig'), ['read', 'never']),
      allowHelpers: get('credentials.allowHelpers') !== false,
      ...(path === undefined ? {} : { dockerConfigPath: path }),
    },
    network: {
      timeoutSeconds: between(get('network.timeoutSeconds'), 1, 600, 30),
      retries: between(get('network.retries'), 0, 10, 4),
      concurrency: between(get('network.concurrency'), 1, 32, 6),
      chunkSize: between(get('network.chunkSizeMiB'), 1, 1024, 16) << 20,
    },
    tree: {
      pageSize: between(get('tree.pageSize'), 10, 1000, 100),
      groupByPath: get('tree.groupByPath') !== false,
      sortTags: oneOf(get('tree.sortTags'), ['semver', 'name', 'server']),
    },
    platforms: stringList(get('platforms.default')),
    overwrite: oneOf(get('copy.overwrite'), ['ask', 'never', 'always']),
    compression: oneOf(get('containerize.compression'), ['gzip', 'zstd', 'none']),
    bases: stringList(get('containerize.bases')).slice(0, 50),
    sbom: get('containerize.sbom') !== false,
    deleteAllow: oneOf(get('delete.allow'), ['manifest', 'untag', 'never']),
    localRegistry: {
      enabled: get('localRegistry.enabled') !== false,
      port: between(get('localRegistry.port'), 1, 65535, 5050),
      ...(directory === undefined ? {} : { directory }),
    },
    recentMax: between(get('recent.max'), 0, 200, 20),
    layerLimits: {
      entries: between(get('inspect.maxLayerEntries'), 1000, 20_000_000, 2_000_000),
      tarBytes: between(get('inspect.maxLayerGiB'), 1, 1024, 32) * 2 ** 30,
    },
    cacheBytes: between(get('cache.maxSizeMiB'), 0, 1 << 20, 2048) * 2 ** 20,
    ...(cache === undefined ? {} : { cacheDirectory: cache }),
    maxFileBytes: between(get('inspect.maxFileMiB'), 1, 512, 20) * 2 ** 20,
  };
}

function parseRegistries(value: unknown): Pick<Settings, 'registries' | 'problems'> {
  const registries = new Map<string, RegistrySetting>();
  const problems = value === undefined || Array.isArray(value) ? [] : ['gantry.registries is no list'];
  for (const [at, entry] of (Array.isArray(value) ? value : []).entries()) {
    try {
      const registry = parseEntry(entry);
      registries.set(registry.registry, registry);
    } catch (error) {
      problems.push(`gantry.registries[${at}]: ${error instanceof Error ? error.message : 'not an entry'}`);
    }
  }
  return { registries: [...registries.values()], problems };
}

/** @throws OciError invalid-reference where the entry names no registry */
function parseEntry(value: unknown): RegistrySetting {
  const entry = isObject(value) ? value : {};
  const tls = isObject(entry['tls']) ? entry['tls'] : {};
  const url = text(entry['url']) ?? '';
  const catalog = entry['catalog'];
  const texts = {
    alias: text(entry['alias']),
    caFile: text(tls['caFile']),
    certFile: text(tls['certFile']),
    keyFile: text(tls['keyFile']),
  };
  return {
    registry: parseRegistry(url),
    ...(catalog === 'off' || catalog === 'on' ? { catalog } : {}),
    ...list('namespaces', entry['namespaces']),
    ...list('tokenRealms', entry['tokenRealms']),
    ...(entry['readOnly'] === true ? { readOnly: true } : {}),
    ...(tls['plainHttp'] === true ? { plainHttp: true } : {}),
    ...(tls['insecure'] === true ? { insecure: true } : {}),
    ...Object.fromEntries(Object.entries(texts).filter(([, entryText]) => entryText !== undefined)),
  };
}

function list(name: 'namespaces' | 'tokenRealms', value: unknown): Partial<RegistrySetting> {
  const texts = stringList(value);
  return texts.length === 0 ? {} : { [name]: texts };
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** The value where it is one of the choices, else the first of them. */
function oneOf<const Choice extends string>(value: unknown, choices: readonly [Choice, ...Choice[]]): Choice {
  return choices.find((choice) => choice === value) ?? choices[0];
}

function between(value: unknown, least: number, most: number, otherwise: number): number {
  return typeof value === 'number' && Number.isFinite(value)
    ? Math.min(most, Math.max(least, Math.trunc(value)))
    : otherwise;
}
