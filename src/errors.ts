/** Every way an operation can fail. A code exists only where a caller acts differently on it. */
export const ociErrorCodes = [
  'invalid-reference',
  'invalid-digest',
  'invalid-manifest',
  'corrupt-archive',
  'unsupported-media-type',
  'content-mismatch',
  'too-large',
  'not-found',
  'unauthorized',
  'forbidden',
  'already-exists',
  'rate-limited',
  'unavailable',
  'protocol-violation',
  'untrusted-origin',
  'helper-failed',
  'will-not-run',
  'invalid-spec',
] as const;

export type OciErrorCode = (typeof ociErrorCodes)[number];

/** Which end of a two-sided operation failed. */
export type Side = 'source' | 'target';

export interface OciErrorOptions {
  readonly cause?: unknown;
  readonly side?: Side;
}

/**
 * The one error this program throws on purpose. Its message says what was being done, to what, what was wrong and what to
 * do next; it never holds a secret or the query of a URL. Cancellation is not an error: the signal's reason is thrown as is.
 */
export class OciError extends Error {
  readonly code: OciErrorCode;
  readonly side: Side | undefined;

  constructor(code: OciErrorCode, message: string, options: OciErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'OciError';
    this.code = code;
    this.side = options.side;
  }
}

/** A place in a file that the user wrote: lines and columns count from 1. */
export interface SpecProblem {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly text: string;
}

/** What is wrong in a spec or Dockerfile, all of it at once: code invalid-spec. */
export class SpecError extends OciError {
  readonly problems: readonly SpecProblem[];

  constructor(message: string, problems: readonly SpecProblem[]) {
    super('invalid-spec', message);
    this.problems = problems;
  }
}

/** True for an `OciError` of one of the given codes. */
export function isOciError(error: unknown, ...codes: readonly OciErrorCode[]): error is OciError {
  return error instanceof OciError && (codes.length === 0 || codes.includes(error.code));
}
