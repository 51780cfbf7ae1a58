import type { Io } from '../../src/content/store.ts';

/** An Io that is never cancelled but by the test's own deadline. */
export function testIo(milliseconds = 15_000): Io {
  return { signal: AbortSignal.timeout(milliseconds) };
}
