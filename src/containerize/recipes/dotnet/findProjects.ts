import type { Io } from '../../../content/store.ts';
import { digestOf, encodedOf } from '../../../oci/digest.ts';
import { readableText } from '../folder/onDisk.ts';
import type { ProjectFolder } from '../projectFolder.ts';
import { parseProjectFile, type ProjectFile } from './projectFile.ts';

/** A project file of a program. */
export interface DotnetProject {
  readonly folder: ProjectFolder;
  /** Below the folder, with `/`. */
  readonly path: string;
  readonly file: ProjectFile;
  /** Of what says which files are published. */
  readonly key: string;
}

const maxDepth = 4;
const maxProjects = 200;
const maxFolders = 2000;
const skipped = /^(?:bin|obj|node_modules|packages|\..*)$/i;

/** The programs that project files in a folder are of, those nearest to the top first. */
export async function findProjects(folder: ProjectFolder, io: Io): Promise<readonly DotnetProject[]> {
  const found: DotnetProject[] = [];
  const folders = [{ place: '', depth: 0, shared: '' }];
  for (let seen = 0, next = folders.shift(); next !== undefined && seen < maxFolders; seen++, next = folders.shift()) {
    const { place, depth } = next;
    const shared = (await readableText(folder, below(place, 'Directory.Build.props'), io)) ?? next.shared;
    for (const { name, kind } of await folder.list(place === '' ? '.' : place, io)) {
      const inside = below(place, name);
      if (kind === 'folder' && depth < maxDepth && !skipped.test(name)) {
        folders.push({ place: inside, depth: depth + 1, shared });
      }
      if (kind !== 'file' || !/\.(?:cs|fs|vb)proj$/i.test(name)) continue;
      const text = (await readableText(folder, inside, io)) ?? '';
      const file = parseProjectFile(text, name.replace(/\.\w+$/, ''), shared);
      if (file === undefined || found.length >= maxProjects) continue;
      const key = encodedOf(digestOf(Buffer.from(`${text}\0${shared}`))).slice(0, 8);
      found.push({ folder, path: inside, file, key });
    }
  }
  return found;
}

function below(folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`;
}
