import { setTimeout } from 'node:timers/promises';

/** Milliseconds without a question of the workbench after which a tree is drawn to its end. */
const quiet = 500;
/** Milliseconds between two looks. */
const pause = 25;

/** Most milliseconds that anybody waits, for a registry may never answer: while nothing is found, and once something is. */
export interface Patience {
  readonly empty: number;
  readonly found: number;
}

/**
 * Knows when a tree is being drawn again. The workbench forgets the rows meanwhile, and with them what is selected; and it takes
 * the focus back to the tree at the end, from a question that is asked by then.
 */
export class Drawing {
  readonly #patience: Patience;
  #reads = 0;
  #last = -Infinity;
  #isAgain = false;

  constructor(patience: Patience = { empty: 5000, found: 400 }) {
    this.#patience = patience;
  }

  /** The workbench is told to draw rows again. */
  began(): void {
    this.#isAgain = true;
    this.#last = performance.now();
  }

  /** Runs one reading of rows. */
  async reading<Result>(read: () => Promise<Result>): Promise<Result> {
    this.#reads++;
    try {
      return await read();
    } finally {
      this.#reads--;
      this.#last = performance.now();
    }
  }

  /** What `look` finds once the tree is drawn; at once where it is not drawn again. */
  async settled<Thing>(look: () => readonly Thing[]): Promise<readonly Thing[]> {
    const start = performance.now();
    for (;;) {
      const found = look();
      const patience = found.length === 0 ? this.#patience.empty : this.#patience.found;
      if (!this.#goesOn(found.length === 0 ? quiet : quiet / 4) || performance.now() - start > patience) return found;
      await setTimeout(pause);
    }
  }

  #goesOn(rest: number): boolean {
    const still = performance.now() - this.#last;
    this.#isAgain &&= this.#reads > 0 || still < quiet;
    return this.#isAgain && (this.#reads > 0 || still < rest);
  }
}
