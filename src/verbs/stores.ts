import { tmpdir } from 'node:os';
import { Flight } from '../content/flight.ts';
import { Remembered } from '../content/remembered.ts';
import type { ImageStore, Io } from '../content/store.ts';
import type { CredentialSource } from '../credentials/credential.ts';
import { OciError } from '../errors.ts';
import type { ArchiveStore } from '../layout/archiveStore.ts';
import type { LayoutStore } from '../layout/layoutStore.ts';
import { type LocalReference, parseLocalReference } from '../layout/localReference.ts';
import type { OpenArchives } from '../layout/openArchives.ts';
import { escapeText, formatReference, identifierOf, parseReference, parseRegistry } from '../oci/reference.ts';
import type { Connection, RequestLog } from '../registry/http.ts';
import type { NetworkOptions, RegistryOptions } from '../registry/options.ts';
import { Registry } from '../registry/registry.ts';
import type { Transport } from '../registry/transport.ts';
import type { Overwrite } from '../operations/tagGuard.ts';
import { asTarget, type OpenedTarget } from './openedTarget.ts';

/** What the stores are made of; the functions are asked at each first use, so that settings may change. */
export interface StoreOptions {
  readonly registries: () => readonly RegistryOptions[];
  readonly network: () => NetworkOptions;
  readonly credentials: CredentialSource;
  readonly log?: RequestLog;
  readonly onWarning?: (registry: string, text: string) => void;
  /** PEM texts for one registry, read when it is first used. */
  readonly tls?: (registry: string, io: Io) => Promise<Pick<RegistryOptions, 'ca' | 'cert' | 'key'>>;
  /** Called before each use of a registry: starts the local registry where `registry` is its name. */
  readonly prepare?: (registry: string, io: Io) => Promise<void>;
  /** A folder for compressed archives that are being read. Default: the system's. */
  readonly temporary?: string;
}

/** One image named by a reference, in the store it is in. */
export interface OpenedImage {
  readonly store: ImageStore;
  /** The tag or digest to resolve. */
  readonly identifier: string;
  /** The tag to write, absent where the reference has only a digest. */
  readonly tag?: string;
  readonly digest?: string;
  /** The one full spelling of the reference. */
  readonly name: string;
}

/** Opens registries, repositories, layouts and archives by the references that name them; keeps connections for the next time. */
export class Stores {
  /** Manifests and configs that were read, until `close`. */
  readonly remembered = new Remembered();
  readonly #options: StoreOptions;
  readonly #open = new Map<string, Registry>();
  #archives: OpenArchives | undefined;
  #transport: Transport | undefined;

  constructor(options: StoreOptions) {
    this.#options = options;
  }

  /** The registry of a name, connected at its first request. @throws OciError invalid-reference */
  registry(text: string): Registry {
    const name = parseRegistry(text);
    const found = this.#open.get(name);
    if (found !== undefined) return found;
    const options = this.#options.registries().find((entry) => entry.registry === name) ?? { registry: name };
    const network = this.#options.network();
    const registry = new Registry(this.#connect(options, network), { ...options, chunkSize: network.chunkSize });
    this.#open.set(name, registry);
    return registry;
  }

  /** Opens a registry reference, or an image on disk, to read it. @throws OciError invalid-reference, not-found, corrupt-archive */
  async source(text: string, io: Io): Promise<OpenedImage> {
    const local = parseLocalReference(text);
    return local === undefined ? this.#repository(text) : this.#local(local, text, io);
  }

  /** Opens a repository, layout or archive as a whole, to list its tags. @throws OciError invalid-reference, not-found */
  async repository(text: string, io: Io): Promise<{ readonly store: ImageStore; readonly name: string }> {
    const local = parseLocalReference(text);
    return local === undefined ? this.#repository(text) : { store: await this.#opened(local, io), name: text };
  }

  /**
   * Opens a reference to write to it; a layout that is not there is made, an archive is written anew.
   * @param options.overwrite whether an archive that is there may be replaced
   * @param options.isPlan nothing is to be written: nothing is made on disk, and what is there is no failure
   * @throws OciError invalid-reference, already-exists where an archive holds another image than `overwrite` says
   */
  async target(
    text: string,
    io: Io,
    { overwrite, isPlan }: { readonly overwrite: Overwrite; readonly isPlan: boolean },
  ): Promise<OpenedTarget> {
    const local = parseLocalReference(text);
    if (local === undefined) return asTarget(this.#repository(text));
    const { archiveTarget, layoutTarget, OpenArchives: Archives } = await import('./localStores.ts');
    if (local.transport === 'oci') return layoutTarget(local, text, { isPlan }, io);
    this.#archives ??= new Archives(this.#options.temporary ?? tmpdir());
    return archiveTarget(local, text, { overwrite: isPlan || overwrite }, this.#archives, io);
  }

  /** Forgets every connection and archive, as after a change of settings or credentials. */
  async close(): Promise<void> {
    const transport = this.#transport;
    this.#transport = undefined;
    this.#open.clear();
    this.remembered.clear();
    await this.#archives?.close();
    await transport?.close();
  }

  /** A connection that is made at its first use, when what it needs from disk has been read. */
  #connect(options: RegistryOptions, network: NetworkOptions): Connection {
    const { credentials, log, onWarning, prepare, tls } = this.#options;
    const { registry } = options;
    let made: Connection | undefined;
    let making: Flight<Connection> | undefined;
    const connected = async (io: Io): Promise<Connection> => {
      if (made !== undefined) return made;
      making ??= new Flight(connectNow, () => (making = undefined));
      return (made = await making.join(io));
    };
    const connectNow = async (io: Io): Promise<Connection> => {
      const { connect, Transport: Connections } = await import('./connections.ts');
      const files = (await tls?.(registry, io)) ?? {};
      // Of the settings as they are now: `close` may have been called since the registry was asked for.
      this.#transport ??= new Connections(this.#options.network());
      return connect({
        registry: { ...options, ...files },
        network,
        credentials,
        transport: this.#transport,
        ...(log === undefined ? {} : { log }),
        ...(onWarning === undefined ? {} : { onWarning }),
      });
    };
    return {
      registry,
      http: async (request, io) => (await connected(io)).http(request, io),
      base: async (io) => {
        await prepare?.(registry, io);
        return (await connected(io)).base(io);
      },
    };
  }

  #repository(text: string): OpenedImage {
    const reference = parseReference(text);
    const store = this.registry(reference.registry).repository(reference.repository);
    return opened(store, reference.tag, reference.digest, formatReference(reference), identifierOf(reference));
  }

  async #opened(local: LocalReference, io: Io): Promise<LayoutStore | ArchiveStore> {
    const { transport, path } = local;
    const { LayoutStore: Layout, OpenArchives: Archives } = await import('./localStores.ts');
    this.#archives ??= new Archives(this.#options.temporary ?? tmpdir());
    return transport === 'oci' ? Layout.open(path, io) : this.#archives.open(transport, path, io);
  }

  async #local(local: LocalReference, text: string, io: Io): Promise<OpenedImage> {
    const store = await this.#opened(local, io);
    if (local.tag !== undefined || local.digest !== undefined) return opened(store, local.tag, local.digest, text);
    const sole = await store.soleManifest(io);
    if (sole !== undefined) return opened(store, undefined, sole.digest, text);
    const names: string[] = [];
    for await (const page of store.tagPages(io)) names.push(...page);
    const [first] = names;
    const held = names.slice(0, 10).map(escapeText).join(', ');
    throw new OciError(
      'invalid-reference',
      first === undefined
        ? `${text} holds no image, or several without a name: add the digest of one, as in ${text}@sha256:….`
        : `${text} holds several images (${held}): add the tag of one, as in ${text}:${first}.`,
    );
  }
}

function opened(
  store: ImageStore,
  tag: string | undefined,
  digest: string | undefined,
  name: string,
  identifier = digest ?? tag ?? 'latest',
): OpenedImage {
  return {
    store,
    identifier,
    name,
    ...(tag === undefined ? {} : { tag }),
    ...(digest === undefined ? {} : { digest }),
  };
}
