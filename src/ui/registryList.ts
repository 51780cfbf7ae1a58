import type { RegistryAccess, RegistryList } from '../browse/access.ts';
import type { CredentialSource } from '../credentials/credential.ts';
import { parseRegistry } from '../oci/reference.ts';
import type { LocalRegistryControl } from '../verbs/localRegistryControl.ts';
import type { Stores } from '../verbs/stores.ts';
import type { RegistrySetting } from './settingValues.ts';

export interface RegistryListOptions {
  readonly stores: Stores;
  readonly settings: () => readonly RegistrySetting[];
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
    const { local, settings } = this.#options;
    const names = settings().map(({ registry }) => registry);
    const first = local.enabled && !names.includes(local.name) ? [local.name] : [];
    return [...first, ...names].map((name) => this.get(name));
  }

  get(text: string): RegistryAccess {
    const { stores, settings, local, credentials } = this.#options;
    const name = parseRegistry(text);
    const setting: Partial<RegistrySetting> = settings().find(({ registry }) => registry === name) ?? {};
    const { alias, catalog, namespaces, readOnly, insecure, plainHttp } = setting;
    const isLocal = local.enabled && name === local.name;
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

  readonly onDidChange = (listener: () => void): { dispose(): void } => {
    this.#listeners.add(listener);
    return { dispose: () => this.#listeners.delete(listener) };
  };

  /** To be called when settings or credentials have changed. */
  changed(): void {
    for (const listener of this.#listeners) listener();
  }
}
