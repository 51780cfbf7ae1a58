/** A set of characters, by their code points. */
export type CharSet = (codePoint: number) => boolean;

/** One step of a pattern. */
export type GlobStep =
  | { readonly kind: 'text'; readonly text: string }
  /** Exactly one character. */
  | { readonly kind: 'one'; readonly of: CharSet }
  /** Any number of characters. */
  | { readonly kind: 'many'; readonly of: CharSet }
  /** Nothing, or any number of characters and a slash. */
  | { readonly kind: 'folders'; readonly of: CharSet }
  /** No character; a condition on the place. */
  | { readonly kind: 'place'; readonly holds: (text: string, at: number) => boolean };

/** A pattern: steps that match one after the other, or any of several such lists. */
export type Glob = readonly (readonly GlobStep[])[];

const slash = 0x2f;

export const anyChar: CharSet = () => true;
export const noSlash: CharSet = (point) => point !== slash;

/**
 * True where the pattern matches the whole text. Follows all places a match can be at together, so that the time is at most
 * the number of steps times the length, whatever the pattern.
 */
export function globMatches(glob: Glob, text: string): boolean {
  return glob.some((steps) => matches(steps, text));
}

function matches(steps: readonly GlobStep[], text: string): boolean {
  const last = steps.at(-1);
  if (last?.kind === 'text' && !text.endsWith(last.text)) return false;
  let places: readonly number[] = [0];
  for (const step of steps) {
    places = after(step, text, places);
    if (places.length === 0) return false;
  }
  return places.at(-1) === text.length;
}

/** True where the pattern may match something that starts with this text: never wrongly false. */
export function globMayStartWith(glob: Glob, text: string): boolean {
  return glob.some((steps) => mayStartWith(steps, text));
}

function mayStartWith(steps: readonly GlobStep[], text: string): boolean {
  let places: readonly number[] = [0];
  for (const step of steps) {
    if (places.at(-1) === text.length || places.some((at) => endsInside(step, text, at))) return true;
    places = after(step, text, places);
    if (places.length === 0) return false;
  }
  return places.at(-1) === text.length;
}

function endsInside(step: GlobStep, text: string, at: number): boolean {
  return step.kind === 'text' && text.length - at < step.text.length && step.text.startsWith(text.slice(at));
}

/** Where a match can be after a step, given where it can be before; ascending, each once. */
function after(step: GlobStep, text: string, places: readonly number[]): readonly number[] {
  switch (step.kind) {
    case 'text':
      return places.filter((at) => text.startsWith(step.text, at)).map((at) => at + step.text.length);
    case 'one':
      return places.filter((at) => isIn(step.of, text, at)).map((at) => next(text, at));
    case 'many':
      return run(step.of, text, places);
    case 'folders':
      return afterFolders(step.of, text, places);
    case 'place':
      return places.filter((at) => step.holds(text, at));
  }
}

function run(of: CharSet, text: string, places: readonly number[]): readonly number[] {
  const reached: number[] = [];
  let end = -1;
  for (const place of places) {
    if (place <= end) continue;
    reached.push((end = place));
    while (isIn(of, text, end)) reached.push((end = next(text, end)));
  }
  return reached;
}

function afterFolders(of: CharSet, text: string, places: readonly number[]): readonly number[] {
  const behind = run(of, text, places)
    .filter((at) => text.charCodeAt(at) === slash)
    .map((at) => at + 1);
  return [...new Set([...places, ...behind])].sort((a, b) => a - b);
}

function isIn(of: CharSet, text: string, at: number): boolean {
  const point = text.codePointAt(at);
  return point !== undefined && of(point);
}

function next(text: string, at: number): number {
  return at + ((text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1);
}
