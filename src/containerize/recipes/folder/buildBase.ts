import type { BuildContext } from '../recipe.ts';

/** The base that was chosen, where whoever builds says it: names of programs and places of files depend on it. */
export function baseOf(build: BuildContext): string | undefined {
  return 'base' in build && typeof build.base === 'string' ? build.base : undefined;
}

/** The last name of a reference, without tag and digest: `nodejs22-debian13`. */
export function nameOfBase(reference: string): string {
  const [name = ''] = reference.slice(reference.lastIndexOf('/') + 1).split(/[:@]/, 1);
  return name.toLowerCase();
}
