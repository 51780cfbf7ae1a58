import type { ContainerizeWarning } from '../../../api.ts';
import type { Io } from '../../../content/store.ts';
import { OciError } from '../../../errors.ts';
import { isObject } from '../../../oci/json.ts';
import { escapeText } from '../../../oci/reference.ts';
import type { ImageBlueprint } from '../../blueprint.ts';
import { nameOfBase } from '../folder/nameOfBase.ts';
import type { BuildContext } from '../recipe.ts';
import { appFiles } from './appFiles.ts';
import { inside, typescriptOutput } from './appLayer.ts';
import { appRoot, dependencyLayer, installedPackages } from './dependencyLayer.ts';
import { withoutEnvFiles } from './envFiles.ts';
import { nativeWarnings } from './nativeAddons.ts';
import { isStandalone, standaloneImage, standaloneServer } from './nextStandalone.ts';
import type { NodeProgram } from './nodeProgram.ts';
import { readJsonFile } from './packageJson.ts';
import { type Closure, productionClosure } from './productionClosure.ts';
import {
  cleanPath,
  commandOfPackage,
  existingFile,
  needsShell,
  nodeConfig,
  nodeScript,
  programFile,
  type Start,
} from './startCommand.ts';

const maxPaths = 100;

/**
 * The image of a Node.js program: what is installed in one layer, the user's own files in the next, at the places they have
 * in the project's folder.
 * @throws OciError not-found where packages or the program are missing, with the command that makes them
 */
export async function nodeImage(program: NodeProgram, build: BuildContext, io: Io): Promise<ImageBlueprint> {
  const { folder, at, json, manager } = program;
  const lockFiles = (await folder.has(manager.lockFile)) ? [folder.path(manager.lockFile)] : [];
  if (await isStandalone(folder, at, io)) {
    const server = await standaloneServer(folder, at);
    if (server === undefined) throw notBuilt(program, '.next/standalone/server.js');
    return withUser({ ...(await standaloneImage(folder, at, server, build, io)), lockFiles }, build);
  }
  const closure = await productionClosure(folder, at, json, io);
  await assertComplete(program, closure);
  const kept = await withoutEnvFiles(program, await startOf(program, closure, io), build.filter);
  const { start } = kept;
  const dependencies = dependencyLayer(folder, closure);
  const app = await appFiles(program, closure, start, build);
  const blueprint: ImageBlueprint = {
    layers: [...(dependencies === undefined ? [] : [dependencies]), { name: 'app', files: app }],
    config: { ...nodeConfig(start, build.base), workdir: at === '.' ? appRoot : `${appRoot}/${at}` },
    programs: [],
    warnings: [
      ...(await oldPackages(program, closure, io)),
      ...outsideWarnings(closure),
      ...(await nativeWarnings(folder, closure.packages, build.platforms, io)),
      ...kept.warnings,
      ...scriptNotes(program, start),
    ],
    // A lock file names what is installed for other systems and for other packages of the workspace too.
    materials: installedPackages(closure).map(({ from }) => folder.path(`${from}/package.json`)),
    lockFiles,
  };
  return withUser(blueprint, build);
}

/** Images of Node.js run as root but for this user, whom they all have. Others say themselves who it is. */
function withUser(blueprint: ImageBlueprint, build: BuildContext): ImageBlueprint {
  const { base } = build;
  const hasNode = base !== undefined && nameOfBase(base) === 'node' && !/chainguard|dhi\.io/.test(base);
  return hasNode ? { ...blueprint, config: { ...blueprint.config, user: 'node' } } : blueprint;
}

async function assertComplete({ folder, manager }: NodeProgram, { missing }: Closure): Promise<void> {
  if (missing.length === 0) return;
  if (await folder.has('.pnp.cjs')) {
    throw new OciError(
      'not-found',
      `${escapeText(folder.root)} has its packages in Yarn's Plug'n'Play, which has no node_modules. ` +
        'Set "nodeLinker: node-modules" in .yarnrc.yml and run "yarn install".',
    );
  }
  const names = missing.slice(0, 5).map(({ name, by }) => `${name} (for ${by === '.' ? 'the program' : by})`);
  const more = missing.length > names.length ? ` and ${missing.length - names.length} more` : '';
  throw new OciError(
    'not-found',
    `packages are not installed in ${escapeText(folder.root)}: ${escapeText(names.join(', '))}${more}. ` +
      `Run "${manager.install}" there, at the root of the workspace, and try again.`,
  );
}

async function startOf(program: NodeProgram, closure: Closure, io: Io): Promise<Start> {
  const { folder, at, json } = program;
  const own = nodeScript(json);
  if (own?.file !== undefined && cleanPath(own.file) !== undefined) {
    const file = await existingFile(folder, at, own.file);
    if (file === undefined) throw notBuilt(program, own.file);
    return { ...own, file };
  }
  if (own !== undefined) return own;
  const command = await commandOfPackage(folder, at, json, closure, io);
  if (command !== undefined) return command;
  if (needsShell(json)) return { env: [] };
  const file = (await programFile(folder, at, json)) ?? (await compiledFile(program, io));
  // A script that starts a tool of development, such as nodemon, starts this file with it.
  if (file !== undefined) return { args: [file], env: [], file };
  if (json.scripts['start'] !== undefined) return { env: [] };
  throw notBuilt(program, json.main ?? 'index.js');
}

async function compiledFile({ folder, at }: NodeProgram, io: Io): Promise<string | undefined> {
  const output = await typescriptOutput(folder, at, io);
  for (const name of output === undefined ? [] : ['index.js', 'main.js', 'server.js', 'app.js', 'src/index.js']) {
    const found = await existingFile(folder, at, `${output ?? ''}/${name}`);
    if (found !== undefined) return found;
  }
  return undefined;
}

function notBuilt({ folder, at, json, manager }: NodeProgram, file: string): OciError {
  const way =
    json.scripts['build'] === undefined
      ? 'Name the file to start as "main" in package.json, or give it a script "start".'
      : `Run "${manager.command} run build" there, or let it be built.`;
  return new OciError(
    'not-found',
    `${escapeText(inside(at, file))}, which the program starts with, is not in ${escapeText(folder.root)}. ${way}`,
  );
}

/** Packages whose versions are not those of package-lock.json: it changed after they were installed. */
async function oldPackages(
  { folder, manager }: NodeProgram,
  { packages }: Closure,
  io: Io,
): Promise<readonly ContainerizeWarning[]> {
  if (manager.command !== 'npm') return [];
  const locked = (await readJsonFile(folder, 'package-lock.json', io))?.['packages'];
  if (!isObject(locked)) return [];
  const old = packages.filter(({ place, json }) => {
    const entry = Object.hasOwn(locked, place) ? locked[place] : undefined;
    const version = isObject(entry) ? entry['version'] : undefined;
    return typeof version === 'string' && json.version !== undefined && version !== json.version;
  });
  if (old.length === 0) return [];
  const text = `node_modules is not what package-lock.json says. Run "${manager.install}" to install what it does.`;
  return [{ code: 'old-output', text, paths: old.slice(0, maxPaths).map(({ place }) => place) }];
}

function outsideWarnings({ outside }: Closure): readonly ContainerizeWarning[] {
  if (outside.length === 0) return [];
  const text =
    'Packages are links to folders outside of the project and are left out. Choose the folder that holds them all, such ' +
    'as the root of the workspace.';
  return [{ code: 'link-leaves-folder', text, paths: outside.slice(0, maxPaths) }];
}

function scriptNotes({ json, at }: NodeProgram, { args, env }: Start): readonly ContainerizeWarning[] {
  const script = json.scripts['start'];
  const notes: ContainerizeWarning[] = [];
  if (args === undefined) {
    notes.push({ code: 'note', text: 'The start script needs npm and a shell: the base must have both.' });
  } else if (script !== undefined && nodeScript(json) === undefined && !isOfPackage(args)) {
    const text = `The image starts ${inside(at, args[0] ?? '')}, not the script "start", which production packages cannot run.`;
    notes.push({ code: 'note', text: text + (env.length > 0 ? ' Its variables are set.' : '') });
  }
  if (script !== undefined && args !== undefined && json.scripts['prestart'] !== undefined) {
    notes.push({ code: 'note', text: 'The script "prestart" is not run before the program.' });
  }
  return notes;
}

function isOfPackage(args: readonly string[]): boolean {
  return `/${args[0] ?? ''}`.includes('/node_modules/');
}
