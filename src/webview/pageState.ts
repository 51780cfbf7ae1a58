declare global {
  /** What VS Code gives to the script of a webview. */
  function acquireVsCodeApi(): PageApi;
}

export interface PageApi {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
}

/** What a person did to the page, kept while its tab is in the background and over restarts of the window. */
export class PageState {
  readonly #api: Pick<PageApi, 'setState'>;
  readonly #image: string;
  readonly #expanded: Set<string>;
  #folder: readonly string[];
  #scroll: number;

  /** Takes over what was kept of the same image. */
  constructor(api: Pick<PageApi, 'getState' | 'setState'>, image: string) {
    this.#api = api;
    this.#image = image;
    const kept = api.getState();
    const { image: of, folder, expanded, scroll } = isRecord(kept) ? kept : {};
    const same = of === image;
    this.#folder = same ? texts(folder) : [];
    this.#expanded = new Set(same ? texts(expanded) : []);
    this.#scroll = same && typeof scroll === 'number' ? scroll : 0;
    this.#keep();
  }

  /** The folder that the treemap shows: names from the root. */
  get folder(): readonly string[] {
    return this.#folder;
  }

  /** Pixels from the top. */
  get scroll(): number {
    return this.#scroll;
  }

  moved(folder: readonly string[]): void {
    this.#folder = folder;
    this.#keep();
  }

  scrolled(pixels: number): void {
    this.#scroll = pixels;
    this.#keep();
  }

  /** True for a table that is shown whole. */
  has(caption: string): boolean {
    return this.#expanded.has(caption);
  }

  add(caption: string): void {
    this.#expanded.add(caption);
    this.#keep();
  }

  #keep(): void {
    const [image, folder, scroll] = [this.#image, this.#folder, this.#scroll];
    this.#api.setState({ image, folder, scroll, expanded: [...this.#expanded] });
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((text) => typeof text === 'string') : [];
}
