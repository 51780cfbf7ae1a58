import { OciError, SpecError } from '../../errors.ts';
import { escapeText } from '../../oci/reference.ts';

/** Most bytes of a file of ignore rules. */
export const maxIgnoreBytes = 1 << 20;
/** Most rules of one such file. */
export const maxIgnorePatterns = 10_000;
/** Most characters of one rule: real paths are shorter, and the time of a match grows with it. */
const maxPatternLength = 1024;
/** Most wildcards in one file: what a match costs grows with them. */
const maxWildcards = 20_000;

/** Where a rule stands. */
export interface RulePlace {
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
}

/** Counts what one file of rules asks for. */
export class IgnoreBudget {
  #patterns = 0;
  #wildcards = 0;

  /** @throws SpecError for a rule that is too long or one too many */
  take(pattern: string, place: RulePlace): void {
    if (pattern.length > maxPatternLength) {
      throw ruleError(place, `it is longer than ${maxPatternLength} characters`);
    }
    for (const char of pattern) if (char === '*' || char === '?' || char === '[') this.#wildcards++;
    if (this.#wildcards > maxWildcards) throw ruleError(place, `the file has more than ${maxWildcards} wildcards`);
    if (++this.#patterns > maxIgnorePatterns)
      throw ruleError(place, `the file has more than ${maxIgnorePatterns} rules`);
  }
}

/** @throws OciError too-large for more text than a file of rules may have */
export function checkIgnoreSize(text: string, file: string): void {
  if (Buffer.byteLength(text) > maxIgnoreBytes) throw ignoreFileTooLarge(file);
}

export function ignoreFileTooLarge(file: string): OciError {
  return new OciError('too-large', `${escapeText(file)} is larger than 1 MiB. Write its rules with fewer patterns.`);
}

/** The error of one rule of a file: what is wrong with it, and where it stands. */
export function ruleError({ file, line }: RulePlace, reason: string): SpecError {
  const text = `this rule cannot be used: ${reason}`;
  return new SpecError(`${escapeText(file)}, line ${line}: ${text}.`, [{ file, line, column: 1, text }]);
}
