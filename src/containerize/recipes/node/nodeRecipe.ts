import type { Io } from '../../../content/store.ts';
import type { ProjectFolder } from '../projectFolder.ts';
import type { BuildStep, Project, Recipe } from '../recipe.ts';
import { typescriptOutput } from './appLayer.ts';
import { nodeImage } from './nodeImage.ts';
import type { NodeProgram } from './nodeProgram.ts';
import { nodeMajor } from './nodeVersions.ts';
import { type PackageJson, readPackageJson } from './packageJson.ts';
import { buildScript, packageManagerOf, workspaceMembers } from './packageManager.ts';
import { isDevServer, needsShell, nodeScript, programFile } from './startCommand.ts';

/** Programs for Node.js: packages with a start script, a command or a main file; of a workspace each member that has one. */
export const nodeRecipe: Recipe = { name: 'node', detect };

async function detect(folder: ProjectFolder, io: Io): Promise<readonly Project[]> {
  const root = await readPackageJson(folder, '.', io);
  if (root === undefined) return [];
  const members = new Map<string, PackageJson>();
  for (const at of await workspaceMembers(folder, root, io)) {
    const json = await readPackageJson(folder, at, io);
    if (json !== undefined) members.set(at, json);
  }
  const manager = await packageManagerOf(folder, root);
  const projects: Project[] = [];
  for (const [at, json] of new Map([['.', root], ...members])) {
    const isMain = members.size === 0 ? await startsByItself(folder, json, io) : starts(json, at);
    if (isMain && !json.isExtension && !isDevServer(json)) {
      projects.push(await project({ folder, at, json, root, members, manager }, io));
    }
  }
  return projects;
}

/** Of a workspace: a main file alone is a library's, and the root's script mostly starts members. */
function starts(json: PackageJson, at: string): boolean {
  if (at === '.') return nodeScript(json) !== undefined;
  return json.scripts['start'] !== undefined || json.bin.size > 0;
}

async function startsByItself(folder: ProjectFolder, json: PackageJson, io: Io): Promise<boolean> {
  if (json.scripts['start'] !== undefined || json.bin.size > 0) return true;
  if ((await programFile(folder, '.', json)) !== undefined) return true;
  const isBuilt = json.scripts['build'] !== undefined;
  return isBuilt && (json.main !== undefined || (await typescriptOutput(folder, '.', io)) !== undefined);
}

async function project(program: NodeProgram, io: Io): Promise<Project> {
  const { at, json, folder, root } = program;
  const major = await nodeMajor(folder, { ...json, ...(json.node === undefined ? nodeOf(root) : {}) }, io);
  return {
    recipe: 'node',
    id: at,
    title: at === '.' ? `Node.js program${json.name === undefined ? '' : ` ${json.name}`}` : `Node.js program ${at}`,
    bases: basesFor(major, needsShell(json)),
    builds: async () => buildSteps(program),
    image: async (build, now) => nodeImage(program, build, now),
  };
}

function nodeOf({ node }: PackageJson): { readonly node?: string } {
  return node === undefined ? {} : { node };
}

/** Distroless images have the versions with long-term support only, and neither a shell nor npm. */
function basesFor(major: number, hasShell: boolean): readonly string[] {
  const slim = `node:${major}-slim`;
  const isSmall = !hasShell && major >= 20 && major % 2 === 0;
  return isSmall ? [`gcr.io/distroless/nodejs${major}-debian13:nonroot`, slim] : [slim];
}

/** The build scripts of the package and, before it, of the members of the workspace that it needs. */
async function buildSteps({ folder, at, json, members, manager }: NodeProgram): Promise<readonly BuildStep[]> {
  const built: (readonly [string, PackageJson])[] = [];
  const byName = new Map([...members].map(([place, member]) => [member.name, place]));
  const visited = new Set<string>();
  const visit = (place: string, of: PackageJson): void => {
    if (visited.has(place)) return;
    visited.add(place);
    for (const name of [...of.dependencies, ...of.optional, ...of.devDependencies]) {
      const next = byName.get(name);
      const member = next === undefined ? undefined : members.get(next);
      if (next !== undefined && member !== undefined) visit(next, member);
    }
    if (of.scripts['build'] !== undefined) built.push([place, of]);
  };
  visit(at, json);
  return Promise.all(built.map(async ([place, of]) => buildScript(folder, place, manager, of)));
}
