import { SpecError } from '../../../src/errors.ts';

/** True where an action ends with a SpecError, false where it ends well; every other error is passed on. */
export function isSpecError(action: () => unknown): boolean {
  try {
    action();
    return false;
  } catch (error) {
    if (error instanceof SpecError) return true;
    throw error;
  }
}
