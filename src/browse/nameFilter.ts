/** True for names that a filter lets through. */
export type NameFilter = (name: string) => boolean;

/**
 * The filter a person typed: every blank-separated word must stand in the name, in any letter case; a word that ends in `*`
 * must start the name. Empty text lets everything through.
 */
export function nameFilter(text: string): NameFilter {
  const words = text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  return (name) => {
    const lower = name.toLowerCase();
    return words.every((word) => (word.endsWith('*') ? lower.startsWith(word.slice(0, -1)) : lower.includes(word)));
  };
}

/** Lets through what stands at or below one of the paths; everything where there are none. */
export function belowPaths(paths: readonly string[]): NameFilter {
  return (name) => paths.length === 0 || paths.some((path) => name === path || name.startsWith(`${path}/`));
}
