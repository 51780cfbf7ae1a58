import { isOciError, OciError } from '../../errors.ts';
import type { Io } from '../../content/store.ts';
import { escapeText } from '../../oci/reference.ts';
import type { RecipeName } from '../../api.ts';
import { binaryRecipe } from './binaryRecipe.ts';
import { bunRecipe } from './bun.ts';
import { denoRecipe } from './deno.ts';
import { dotnetRecipe } from './dotnet.ts';
import { folderRecipe } from './folder/folderRecipe.ts';
import { goRecipe } from './go.ts';
import { javaRecipe } from './java.ts';
import { nodeRecipe } from './node/nodeRecipe.ts';
import { pythonRecipe } from './python/pythonRecipe.ts';
import type { Project, Recipe } from './recipe.ts';
import { rustRecipe } from './rust.ts';
import { staticSiteRecipe } from './staticSite/staticSiteRecipe.ts';
import type { ProjectFolder } from './projectFolder.ts';

/** All recipes; of several that fit a folder, the earlier comes first. `folder` always fits. */
export const recipes: readonly Recipe[] = [
  goRecipe,
  rustRecipe,
  javaRecipe,
  dotnetRecipe,
  denoRecipe,
  bunRecipe,
  nodeRecipe,
  pythonRecipe,
  binaryRecipe,
  staticSiteRecipe,
  folderRecipe,
];

/** What can be made of a folder, the likeliest first. A recipe that fails is left out where others fit. */
export async function detectProjects(folder: ProjectFolder, io: Io): Promise<readonly Project[]> {
  const found: Project[] = [];
  for (const recipe of recipes) {
    try {
      found.push(...(await recipe.detect(folder, io)));
    } catch (error) {
      // One file that may not be read must not hide the projects beside it.
      if (!isOciError(error)) throw error;
    }
  }
  return found;
}

/** The project that the options name. @throws OciError not-found saying which there are */
export function chosenProject(
  projects: readonly Project[],
  recipe: RecipeName | undefined,
  id: string | undefined,
): Project {
  const fits = (one: Project): boolean =>
    (recipe === undefined || one.recipe === recipe) && (id === undefined || one.id === id);
  const found = projects.find(fits);
  if (found !== undefined) return found;
  const wanted = [recipe, id].filter((text) => text !== undefined).join(' ');
  const there = projects.map((one) => `${one.recipe} ${one.id}`).join(', ');
  throw new OciError(
    'not-found',
    `there is no project ${escapeText(wanted)} in the folder. There are: ${escapeText(there)}.`,
  );
}
