import type { Memento } from 'vscode';
import { stringList } from '../oci/json.ts';
import { isLocal, type LocalPlace, placeOf, formatPlace, type Place } from '../browse/places.ts';
import { parseReference } from '../oci/reference.ts';

/** Most repositories, and most layouts and archives, of each: an open editor needs its own, whatever is said of references. */
const maxPlaces = 100;
const archives = 'gantry.archives';

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
    const texts = [reference, ...this.references().filter((other) => other !== reference)];
    await this.#state.update('gantry.recent', texts.slice(0, this.#max()));
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
    await this.#putOpened([name, ...this.#openedNames().filter((other) => other !== name)]);
  }

  async close(registry: string, repository: string): Promise<void> {
    await this.#putOpened(this.#openedNames().filter((other) => other !== `${registry}/${repository}`));
  }

  /** Layouts and archives that were opened, the latest first; entries that no longer parse are left out. */
  archives(): readonly LocalPlace[] {
    return stringList(this.#state.get<unknown>(archives)).flatMap((text) => {
      try {
        const { registry, repository } = placeOf(text);
        const place = { registry, repository };
        return isLocal(place) ? [place] : [];
      } catch {
        return [];
      }
    });
  }

  async openArchive(place: Place): Promise<void> {
    await this.#putArchives([formatPlace(place), ...this.#archivesBut(place)]);
  }

  async closeArchive(place: Place): Promise<void> {
    await this.#putArchives(this.#archivesBut(place));
  }

  #archivesBut({ repository }: Place): readonly string[] {
    return this.archives().flatMap((one) => (one.repository === repository ? [] : [formatPlace(one)]));
  }

  async #putArchives(texts: readonly string[]): Promise<void> {
    await this.#state.update(archives, texts.slice(0, maxPlaces));
  }

  #openedNames(): readonly string[] {
    return this.opened().map(({ registry, repository }) => `${registry}/${repository}`);
  }

  async #putOpened(names: readonly string[]): Promise<void> {
    await this.#state.update('gantry.opened', names.slice(0, maxPlaces));
  }
}
