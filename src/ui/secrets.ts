import type { Credential, CredentialSource, FoundCredential } from '../credentials/credential.ts';
import { isObject } from '../oci/json.ts';

/** VS Code's SecretStorage, as far as it is used. */
export interface SecretStore {
  get(key: string): PromiseLike<string | undefined>;
  store(key: string, value: string): PromiseLike<void>;
  delete(key: string): PromiseLike<void>;
  onDidChange(listener: (event: { readonly key: string }) => void): { dispose(): void };
}

const origin = "Gantry's secret storage";

/** Credentials the user signed in with, one JSON secret a registry in VS Code's secret storage. */
export class SecretCredentials implements CredentialSource {
  readonly #storage: SecretStore;

  constructor(storage: SecretStore) {
    this.#storage = storage;
  }

  async find(registry: string): Promise<FoundCredential | undefined> {
    const credential = parseCredential(await this.#storage.get(keyOf(registry)));
    if (credential === undefined) return undefined;
    return { credential, origin, ...(credential.kind === 'basic' ? { account: credential.username } : {}) };
  }

  async store(registry: string, credential: Credential): Promise<void> {
    await this.#storage.store(keyOf(registry), JSON.stringify(credential));
  }

  async remove(registry: string): Promise<void> {
    await this.#storage.delete(keyOf(registry));
  }

  /** Calls back with a registry's name where its secret changed, in this window or another. */
  onDidChange(listener: (registry: string) => void): { dispose(): void } {
    return this.#storage.onDidChange(({ key }) => {
      if (key.startsWith(prefix)) listener(key.slice(prefix.length));
    });
  }
}

const prefix = 'gantry.cred:';

function keyOf(registry: string): string {
  return `${prefix}${registry}`;
}

/** A secret of another version, or broken, counts as none: the user signs in again. */
function parseCredential(text: string | undefined): Credential | undefined {
  const value = text === undefined ? undefined : parsed(text);
  if (!isObject(value)) return undefined;
  const { kind, username, password, token } = value;
  if (kind === 'basic' && typeof username === 'string' && typeof password === 'string') {
    return { kind, username, password };
  }
  if ((kind === 'identity-token' || kind === 'registry-token') && typeof token === 'string') return { kind, token };
  return undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
