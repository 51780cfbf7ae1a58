import type { Io } from '../../../content/store.ts';
import { readableText } from '../folder/onDisk.ts';
import type { ProjectFolder } from '../projectFolder.ts';
import type { BuildContext, Project, Recipe } from '../recipe.ts';
import { installSteps } from './pipSteps.ts';
import { entryOf } from './pythonEntry.ts';
import { environmentFor, pythonImage } from './pythonImage.ts';
import { type PythonProject, readPythonProject } from './pythonProject.ts';
import { allowsMinor, minorFor, minorOfBase, pinnedMinor } from './pythonVersions.ts';
import { environmentOf } from './sitePackages.ts';

/** Programs in Python: with a script of their own, a Procfile, `__main__.py`, or a file such as main.py. One project for each script. */
export const pythonRecipe: Recipe = { name: 'python', detect };

async function detect(folder: ProjectFolder, io: Io): Promise<readonly Project[]> {
  const found = await readPythonProject(folder, io);
  if (found === undefined) return [];
  const minor = await minorOf(found, io);
  const scripts = found.scripts.size > 1 ? [...found.scripts.keys()] : [];
  const projects: Project[] = [];
  for (const script of [undefined, ...scripts]) {
    const entry = await entryOf(found, script, io);
    if (entry !== undefined) projects.push(project(found, script, minor, entry.kind === 'shell'));
  }
  return projects;
}

/** By .python-version or runtime.txt, else the virtual environment's where it fits, else by `requires-python`. */
async function minorOf({ folder, range }: PythonProject, io: Io): Promise<number> {
  for (const file of ['.python-version', 'runtime.txt']) {
    const pinned = pinnedMinor(await readableText(folder, file, io));
    if (pinned !== undefined) return pinned;
  }
  const environment = await environmentOf(folder, io);
  return environment !== undefined && allowsMinor(range, environment.minor) ? environment.minor : minorFor(range);
}

function project(found: PythonProject, script: string | undefined, usual: number, hasShell: boolean): Project {
  const named = script ?? found.name;
  // A base that was chosen has its own Python.
  const minorOn = ({ base = '' }: BuildContext): number => minorOfBase(base) ?? usual;
  return {
    recipe: 'python',
    id: script ?? '.',
    title: named === undefined ? 'Python program' : `Python program ${named}`,
    bases: basesFor(usual, hasShell),
    builds: async (build, io) => {
      const minor = minorOn(build);
      return (await environmentFor(found, minor, build, io)) === undefined ? installSteps(found, minor, build, io) : [];
    },
    image: async (build, io) => pythonImage({ project: found, script, minor: minorOn(build) }, build, io),
  };
}

/** Distroless has the Python of Debian 12, and no shell. */
function basesFor(minor: number, hasShell: boolean): readonly string[] {
  const slim = `python:3.${minor}-slim`;
  return minor === 11 && !hasShell ? ['gcr.io/distroless/python3-debian12:nonroot', slim] : [slim];
}
