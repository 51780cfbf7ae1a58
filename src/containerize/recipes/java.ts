import type { Recipe } from './recipe.ts';
import { gradleProjects } from './java/gradle.ts';
import { jarProjects } from './java/jarProjects.ts';
import { mavenProjects } from './java/maven.ts';

// Files that are given by themselves go the same way.
export { jarBlueprint } from './java/jarBlueprint.ts';

/** Programs of Maven and Gradle builds, and executable JARs where there is neither; layered as Jib does it. */
export const javaRecipe: Recipe = {
  name: 'java',
  detect: async (folder, io) => {
    const built = [...(await mavenProjects(folder, io)), ...(await gradleProjects(folder, io))];
    // Both may describe the same code; ids tell projects apart.
    const unique = [...new Map(built.toReversed().map((one) => [one.id, one])).values()].toReversed();
    return unique.length > 0 ? unique : jarProjects(folder, io);
  },
};
