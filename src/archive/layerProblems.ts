/** Problems that are told in full. */
const shown = 100;

/** Sentences about one layer: the first hundred, and how many more there are. */
export class LayerProblems {
  readonly #layer: number;
  readonly #sentences: string[] = [];
  #count = 0;

  /** `layer`: its position from 0; people count from 1. */
  constructor(layer: number) {
    this.#layer = layer;
  }

  add(text: string): void {
    if (++this.#count <= shown) this.#sentences.push(this.#sentence(text));
  }

  get sentences(): readonly string[] {
    const more = this.#count - shown;
    return more > 0 ? [...this.#sentences, this.#sentence(`${more} more problems`)] : this.#sentences;
  }

  #sentence(text: string): string {
    return `Layer #${this.#layer + 1}: ${text}.`;
  }
}
