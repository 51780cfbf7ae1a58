import { isOciError, OciError, type Side } from '../errors.ts';

/** The error with the side that failed; one that knows its side already, or is not an OciError, stays as it is. */
export function withSide(error: unknown, side: Side): Error {
  if (isOciError(error)) {
    return error.side === undefined ? new OciError(error.code, error.message, { cause: error, side }) : error;
  }
  return error instanceof Error ? error : new Error(String(error));
}

/** Awaits one side's part of an operation; its OciErrors get that side. */
export async function on<T>(side: Side, part: Promise<T>): Promise<T> {
  try {
    return await part;
  } catch (error) {
    throw withSide(error, side);
  }
}
