import { wrong } from './complaints.ts';

/** What matching may cost altogether before it is given up: steps of one token at one character. */
const maxSteps = 3_000_000;
/** Most UTF-16 units that words may come to altogether. */
const maxLength = 64 << 20;

/** Counts what the words of a file cost, so that they can neither hold up the program nor fill its memory. */
export class WordBudget {
  #steps = maxSteps;
  #length = maxLength;

  /** Takes steps of matching. @throws OciError invalid-spec */
  match(steps: number): void {
    this.#steps -= steps;
    if (this.#steps < 0) throw wrong('its patterns are too long for what they are matched with.');
  }

  /** Takes what is added to a word. @throws OciError invalid-spec */
  write(length: number): void {
    this.#length -= length;
    if (this.#length < 0) throw wrong(`its variables come to more than ${maxLength} characters.`);
  }
}
