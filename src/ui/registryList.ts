import type { RegistryAccess, RegistryList } from '../browse/access.ts';
import type { CredentialSource } from '../credentials/credential.ts';
import { parseRegistry } from '../oci/reference.ts';
import type { LocalRegistryControl } from '../verbs/localRegistryControl.ts';
import type { Stores } from '../verbs/stores.ts';
import type { RegistrySetting, Settings } from './settingValues.ts';

export interface RegistryListOptions {
  readonly stores: Stores;
  readonly settings: () => Pick<Settings, 'registries' | 'problems'>;
  readonly local: LocalRegistryControl;
  readonly credentials: CredentialSource;
}

/** The local registry and the configured ones, as the tree sees them; any other by name. */
export class ConfiguredRegistries implements RegistryList {
  readonly #options: RegistryListOptions;
  readonly #listeners = new Set<() => void>();

  constructor(options: RegistryListOptions) {
    this.#options = options;
  }

  all(): readonly RegistryAccess[] {
    const settings = this.#options.settings().registries;
    const local = this.#localName();
    const isListed = settings.some(({ registry }) => registry === local);
    const first = local === undefined || isListed ? [] : [this.#access(local, {}, local)];
    return [...first, ...settings.map((setting) => this.#access(setting.registry, setting, local))];
  }

  get(text: string): RegistryAccess {
    const name = parseRegistry(text);
    const setting = this.#options.settings().registries.find(({ registry }) => registry === name) ?? {};
    return this.#access(name, setting, this.#localName());
  }

  problems(): readonly string[] {
    return this.#options.settings().problems;
  }

  readonly onDidChange = (listener: () => void): { dispose(): void } => {
    this.#listeners.add(listener);
    return { dispose: () => this.#listeners.delete(listener) };
  };

  /** To be called when settings or credentials have changed. */
  changed(): void {
    for (const listener of this.#listeners) listener();
  }

  #localName(): string | undefined {
    const { local } = this.#options;
    return local.enabled ? local.name : undefined;
  }

  #access(name: string, setting: Partial<RegistrySetting>, local: string | undefined): RegistryAccess {
    const { stores, credentials } = this.#options;
    const { alias, catalog, namespaces, readOnly, insecure, plainHttp } = setting;
    const isLocal = name === local;
    const shown = isLocal ? (alias ?? 'Local registry') : alias;
    return {
      name,
      ...(shown === undefined ? {} : { alias: shown }),
      ...(isLocal ? { local: true } : {}),
      ...(insecure === true || plainHttp === true ? { insecure: true } : {}),
      ...(readOnly === true ? { readOnly: true } : {}),
      ...(catalog === undefined ? {} : { catalog }),
      ...(namespaces === undefined ? {} : { namespaces }),
      ping: (io) => stores.registry(name).ping(io),
      repositoryPages: (io) => stores.registry(name).repositoryPages(io),
      repository: (repository) => stores.registry(name).repository(repository),
      account: async (io) => {
        const found = await credentials.find(name, undefined, io);
        return found === undefined
          ? undefined
          : { origin: found.origin, ...(found.account === undefined ? {} : { account: found.account }) };
      },
    };
  }
}
