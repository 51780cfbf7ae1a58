import { OciError, type OciErrorCode } from '../errors.ts';
import { escapeText } from '../oci/reference.ts';
import { fileError } from './fileError.ts';

const shown = 10;

/** Collects what keeps files out of a layer, so that one error names all of it instead of the first. */
export class Problems {
  readonly #lines: string[] = [];
  #code: OciErrorCode | undefined;
  #count = 0;

  add(code: OciErrorCode, path: string, reason: string): void {
    this.#code ??= code;
    this.#count++;
    if (this.#lines.length < shown) this.#lines.push(`${escapeText(path)}: ${reason}`);
  }

  /** Takes a failure of the file system; throws anything else on. */
  addFailure(cause: unknown, path: string): void {
    const error = fileError(cause, 'read', path);
    if (!(error instanceof OciError)) throw error;
    this.add(error.code, path, error.code === 'content-mismatch' ? 'it was replaced meanwhile' : 'it cannot be read');
  }

  /** @throws OciError with the code of the first problem, naming at most 10 */
  throwIfAny(): void {
    if (this.#code === undefined) return;
    const more = this.#count > shown ? ` And ${this.#count - shown} more.` : '';
    const files = this.#count === 1 ? 'this cannot' : `these ${this.#count} cannot`;
    throw new OciError(
      this.#code,
      `${files} be put into a layer: ${this.#lines.join('; ')}.${more} Leave out or change what is named, then try again.`,
    );
  }
}
