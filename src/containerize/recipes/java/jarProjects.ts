import path from 'node:path';
import type { Io } from '../../../content/store.ts';
import { isOciError } from '../../../errors.ts';
import { withZip } from '../../zipOnDisk.ts';
import type { ProjectFolder } from '../projectFolder.ts';
import type { Project } from '../recipe.ts';
import { classReleaseIn } from './explodedJar.ts';
import { jarBlueprint } from './jarBlueprint.ts';
import { javaBases } from './javaBases.ts';
import { readManifest } from './manifest.ts';

const maxJars = 50;

/** Executable JARs that lie in a folder, or where builds leave them. */
export async function jarProjects(folder: ProjectFolder, io: Io): Promise<readonly Project[]> {
  const projects: Project[] = [];
  for (const place of ['.', 'target', 'build/libs']) {
    const entries = await folder.list(place, io);
    const names = entries.filter(({ name, kind }) => kind === 'file' && isProgramJar(name)).slice(0, maxJars);
    for (const { name } of names) {
      const project = await projectOf(folder, path.posix.join(place, name), io);
      if (project !== undefined) projects.push(project);
    }
  }
  return projects;
}

/** False for what builds write beside the JAR of a program. */
export function isProgramJar(name: string): boolean {
  return /(?<!-sources|-javadoc|-plain|-tests)\.jar$/.test(name) && !name.startsWith('original-');
}

async function projectOf(folder: ProjectFolder, id: string, io: Io): Promise<Project | undefined> {
  const file = folder.path(id);
  const release = await releaseOf(file, io);
  if (release === undefined) return undefined;
  return {
    recipe: 'java',
    id,
    title: `JAR ${id}`,
    bases: javaBases(release === 0 ? undefined : release),
    builds: async () => [],
    image: (_context, imageIo) => jarBlueprint(file, imageIo),
  };
}

/** For which Java the class that it starts is compiled, 0 where that is not known; undefined for a JAR that starts none. */
async function releaseOf(file: string, io: Io): Promise<number | undefined> {
  try {
    return await withZip(
      file,
      async (zip) => {
        const manifest = await readManifest(zip, io);
        return manifest?.has('main-class') === true ? classReleaseIn(zip, manifest, io) : undefined;
      },
      io,
    );
  } catch (error) {
    if (isOciError(error)) return undefined;
    throw error;
  }
}
