import type { Memento } from 'vscode';
import { stringList } from '../oci/json.ts';
import { parseReference } from '../oci/reference.ts';

/** References used lately and repositories opened by name, kept over restarts in the user's global state. */
export class Recent {
  readonly #state: Memento;
  readonly #max: () => number;

  constructor(state: Memento, max: () => number) {
    this.#state = state;
    this.#max = max;
  }

  /** The latest first. */
  references(): readonly string[] {
    return stringList(this.#state.get<unknown>('gantry.recent'));
  }

  async add(reference: string): Promise<void> {
    await this.#put('gantry.recent', [reference, ...this.references().filter((other) => other !== reference)]);
  }

  /** Repositories opened by name; entries that no longer parse are left out. */
  opened(): readonly { readonly registry: string; readonly repository: string }[] {
    return stringList(this.#state.get<unknown>('gantry.opened')).flatMap((text) => {
      try {
        const { registry, repository } = parseReference(text);
        return [{ registry, repository }];
      } catch {
        return [];
      }
    });
  }

  async open(registry: string, repository: string): Promise<void> {
    const name = `${registry}/${repository}`;
    await this.#put('gantry.opened', [name, ...this.#openedNames().filter((other) => other !== name)]);
  }

  async close(registry: string, repository: string): Promise<void> {
    await this.#put(
      'gantry.opened',
      this.#openedNames().filter((other) => other !== `${registry}/${repository}`),
    );
  }

  #openedNames(): readonly string[] {
    return this.opened().map(({ registry, repository }) => `${registry}/${repository}`);
  }

  async #put(key: string, texts: readonly string[]): Promise<void> {
    await this.#state.update(key, texts.slice(0, this.#max()));
  }
}
