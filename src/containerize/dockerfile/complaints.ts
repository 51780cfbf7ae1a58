import { isOciError, OciError, SpecError, type SpecProblem } from '../../errors.ts';
import { escapeText } from '../../oci/reference.ts';
import type { Place } from './dockerfile.ts';

/** Most problems that are told of one file. */
const maxProblems = 100;

/** Gathers what is wrong in a Dockerfile, so that all of it is told at once. */
export class Complaints {
  readonly #file: string;
  readonly #problems: SpecProblem[] = [];

  /** @param file its path, for messages */
  constructor(file: string) {
    this.#file = file;
  }

  /** @param text a sentence; what stands in it of the file has been escaped */
  add({ line, column }: Place, text: string): void {
    const isKnown = this.#problems.some((one) => one.line === line && one.column === column && one.text === text);
    if (!isKnown && this.#problems.length < maxProblems) this.#problems.push({ file: this.#file, line, column, text });
  }

  /** What `action` gives; a failure for which the text of the file is to blame is added, and gives undefined. */
  async attempt<T>(place: Place, action: () => T | Promise<T>): Promise<T | undefined> {
    try {
      return await action();
    } catch (error) {
      this.addFailure(place, error);
      return undefined;
    }
  }

  /** Adds a failure of the code invalid-spec; throws every other. */
  addFailure(place: Place, error: unknown): void {
    if (error instanceof SpecError || !isOciError(error, 'invalid-spec')) throw error;
    this.add(place, error.message);
  }

  /** @throws SpecError with all problems, in the order of their lines */
  throwIfAny(): void {
    const problems = this.#problems.toSorted((a, b) => a.line - b.line || a.column - b.column);
    const [first] = problems;
    if (first === undefined) return;
    const more = problems.length === 1 ? '' : ` (and ${problems.length - 1} more)`;
    throw new SpecError(`${escapeText(this.#file)}, line ${first.line}: ${first.text}${more}`, problems);
  }
}

/** A problem of an instruction whose place its caller knows. */
export function wrong(text: string): OciError {
  return new OciError('invalid-spec', text);
}

/** A text of the file for a message: escaped, and no longer than 100 characters. */
export function quoted(text: string): string {
  return escapeText(text.length > 100 ? `${text.slice(0, 99)}…` : text);
}
