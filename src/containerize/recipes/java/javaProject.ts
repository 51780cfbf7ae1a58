import { OciError } from '../../../errors.ts';
import { escapeText } from '../../../oci/reference.ts';
import type { Project } from '../recipe.ts';

/** A part of a build with classes that can be started. */
export interface Startable {
  /** The folder of the part; empty for the whole. */
  readonly place: string;
  /** Such as `Maven project`. */
  readonly kind: string;
  readonly name: string;
  /** The class that its build file says is started. */
  readonly chosen: string | undefined;
  readonly mains: readonly string[];
}

/** One project, or where several classes can be started one for each: `com.example.Main`, `server:com.example.Main`. */
export function projectsOf(
  { place, kind, name, chosen, mains }: Startable,
  make: (mainClass: string | undefined) => Omit<Project, 'recipe' | 'id' | 'title'>,
): readonly Project[] {
  const title = `${kind} ${name}`;
  if (chosen !== undefined || mains.length < 2) {
    return [{ recipe: 'java', id: place === '' ? '.' : place, title, ...make(undefined) }];
  }
  return mains.map((main) => ({
    recipe: 'java',
    id: place === '' ? main : `${place}:${main}`,
    title: `${title}, ${main}`,
    ...make(main),
  }));
}

/** @param missing the absolute path of an output */
export function notBuilt(missing: string, command: string): OciError {
  return new OciError(
    'not-found',
    `${escapeText(missing)} is not there: build the project first, with \`${command}\`.`,
  );
}
