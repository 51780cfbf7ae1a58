import path from 'node:path';
import type { Compression, GantryApi, ImageReport } from '../api.ts';
import type { LayerLimits } from '../archive/layerIndex.ts';
import type { Layers } from '../archive/layers.ts';
import { BlobCache } from '../content/blobCache.ts';
import type { Io } from '../content/store.ts';
import type { CredentialSource } from '../credentials/credential.ts';
import type { CredentialOptions } from '../credentials/dockerConfig.ts';
import type { RequestLog } from '../registry/http.ts';
import { defaultNetwork, type NetworkOptions, type RegistryOptions } from '../registry/options.ts';
import { bindVerb, type BoundVerb } from './bindVerb.ts';
import { lateGantry } from './lateGantry.ts';
import type { VerbContext } from './verb.ts';
import { Stores } from './stores.ts';

/** The settings an engine works by, read anew at each use. */
export interface EngineSettings {
  readonly registries: readonly RegistryOptions[];
  readonly network: Partial<NetworkOptions>;
  readonly credentials: {
    readonly useDockerConfig: 'read' | 'never';
    readonly allowHelpers: boolean;
    readonly dockerConfigPath?: string;
  };
  readonly platforms: readonly string[];
  readonly compression: Compression;
  /** Bases to recommend beside the usual ones. */
  readonly bases?: readonly string[];
  /** Attach an SBOM to what `containerize` makes. Default: false. */
  readonly sbom?: boolean;
  /** Bounds of what a layer may make this program read; absent members are the defaults. */
  readonly layerLimits?: Partial<LayerLimits>;
  /** Of the cache of blobs and layer indexes, in bytes. */
  readonly cacheBytes: number;
  /** Where the cache is; default: a folder beside the temporary one. */
  readonly cacheDirectory?: string;
}

export interface EngineOptions {
  readonly settings: () => EngineSettings;
  /** What the editor says of connections, beside the settings; asked when a registry is first used, for reading certificates takes long. */
  readonly network?: () => Partial<NetworkOptions>;
  /** What the user signed in with: asked before docker's and podman's files. */
  readonly secrets: CredentialSource;
  readonly files: Pick<CredentialOptions, 'env' | 'home' | 'platform' | 'helperDirectory'>;
  readonly tls?: (registry: string, io: Io) => Promise<Pick<RegistryOptions, 'ca' | 'cert' | 'key'>>;
  readonly prepare?: (registry: string, io: Io) => Promise<void>;
  readonly log?: RequestLog;
  /** A sentence for the log: a credential file that cannot be used, a Warning header. */
  readonly onProblem?: (text: string) => void;
  /** Of this program. */
  readonly version?: string;
  /** What the editor knows of the commit of a folder. */
  readonly git?: VerbContext['git'];
  /** Runs a command of the user's tool chain. Absent: nothing can be built. */
  readonly runBuild?: VerbContext['runBuild'];
  /** A folder for layers that are being packed. */
  readonly temporary: string;
}

/** The verbs with everything they need; nothing is read or connected before the first use. */
export class Engine {
  readonly api: GantryApi;
  /** What the page of an image report shows. */
  readonly report: BoundVerb<ImageReport>;
  /** What Save as Spec writes. */
  readonly specText: BoundVerb<string>;
  readonly stores: Stores;
  /** What is known of layers: the tree, the file system and the verbs share it. */
  readonly layers: () => Promise<Layers>;
  readonly cache: BlobCache;
  /** In order: signed in with, docker's configuration, podman's. */
  readonly credentials: CredentialSource;
  readonly #options: EngineOptions;
  #files: Promise<CredentialSource> | undefined;
  #layers: Promise<Layers> | undefined;

  constructor(options: EngineOptions) {
    this.#options = options;
    const { settings, tls, prepare, log, onProblem } = options;
    this.credentials = { find: async (...wanted) => (await this.#chain()).find(...wanted) };
    this.stores = new Stores({
      registries: () => settings().registries,
      network: () => ({ ...defaultNetwork, ...settings().network, ...options.network?.() }),
      credentials: this.credentials,
      temporary: options.temporary,
      ...(tls === undefined ? {} : { tls }),
      ...(prepare === undefined ? {} : { prepare }),
      ...(log === undefined ? {} : { log }),
      ...(onProblem === undefined ? {} : { onWarning: (registry, text) => onProblem(`${registry} warns: ${text}`) }),
    });
    this.cache = new BlobCache(() => ({
      directory: settings().cacheDirectory ?? path.join(options.temporary, '../cache'),
      maxBytes: settings().cacheBytes,
    }));
    this.layers = () => (this.#layers ??= this.#makeLayers());
    const context = async (): Promise<VerbContext> => this.#context();
    this.api = lateGantry(context);
    this.specText = async (options, run) =>
      bindVerb((await import('./specText.ts')).specTextVerb, await context())(options, run);
    this.report = async (options, run) =>
      bindVerb((await import('./imageReport.ts')).imageReportVerb, await context())(options, run);
  }

  /** Forgets connections, tokens and credential files, so that changed settings count from now on. */
  async reset(): Promise<void> {
    this.#files = undefined;
    await this.stores.close();
  }

  async #context(): Promise<VerbContext> {
    const options = this.#options;
    const { settings } = options;
    return {
      stores: this.stores,
      layers: await this.layers(),
      platforms: () => settings().platforms,
      compression: () => settings().compression,
      bases: () => settings().bases ?? [],
      sbom: () => settings().sbom === true,
      ...(options.version === undefined ? {} : { version: options.version }),
      ...(options.git === undefined ? {} : { git: options.git }),
      ...(options.runBuild === undefined ? {} : { runBuild: options.runBuild }),
      temporary: options.temporary,
      epoch: sourceDateEpoch(options.files.env),
    };
  }

  async #makeLayers(): Promise<Layers> {
    const { Layers: Known, defaultLayerLimits } = await import('./layers.ts');
    const { settings } = this.#options;
    const limits = (): LayerLimits => ({ ...defaultLayerLimits, ...settings().layerLimits });
    return new Known({ cache: this.cache, limits });
  }

  #chain(): Promise<CredentialSource> {
    return (this.#files ??= this.#makeChain());
  }

  async #makeChain(): Promise<CredentialSource> {
    const { secrets, files, onProblem, settings } = this.#options;
    const { useDockerConfig, allowHelpers, dockerConfigPath } = settings().credentials;
    if (useDockerConfig === 'never') return secrets;
    const options: CredentialOptions = {
      ...files,
      allowHelpers,
      ...(dockerConfigPath === undefined ? {} : { configPath: dockerConfigPath }),
      ...(onProblem === undefined ? {} : { onProblem }),
    };
    const { chainCredentials, dockerCredentials, podmanCredentials } = await import('./credentialFiles.ts');
    return chainCredentials([secrets, dockerCredentials(options), podmanCredentials(options)]);
  }
}

/** SOURCE_DATE_EPOCH as the reproducible-builds specification has it; 0 where it is absent or no whole number. */
function sourceDateEpoch(env: NodeJS.ProcessEnv): number {
  const text = env['SOURCE_DATE_EPOCH'];
  return text !== undefined && /^\d{1,10}$/.test(text) ? Number(text) : 0;
}
