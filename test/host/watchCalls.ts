/** Calls that a file made while they were watched: `fs.readFile`, each with the line that made it. */
export interface WatchedCalls {
  readonly seen: readonly string[];
  restore(): void;
}

/**
 * Watches every function of the given objects, and notes the calls that have `file` on their stack. The functions still do
 * what they did.
 */
export function watchCalls(file: string, watched: readonly (readonly [object, string])[]): WatchedCalls {
  const seen: string[] = [];
  const undo: (() => void)[] = [];
  for (const [object, name] of watched) {
    for (const [key, { value, writable }] of Object.entries(Object.getOwnPropertyDescriptors(object))) {
      if (writable !== true || typeof value !== 'function' || key === 'constructor' || /^[A-Z]/.test(key)) continue;
      const original = value as (...args: unknown[]) => unknown;
      const replacement = function (this: unknown, ...args: unknown[]): unknown {
        const stack = new Error().stack?.split('\n') ?? [];
        const line = stack.find((entry) => entry.includes(file));
        // Loading its own code is no reading of files.
        if (!stack.some((entry) => entry.includes('node:internal/modules/')) && line !== undefined)
          seen.push(`${name}.${key} ${line.trim()}`);
        return Reflect.apply(original, this, args);
      };
      Reflect.set(object, key, Object.assign(replacement, original));
      undo.push(() => Reflect.set(object, key, original));
    }
  }
  return {
    seen,
    restore: () => {
      for (const back of undo) back();
    },
  };
}
