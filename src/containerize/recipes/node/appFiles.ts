import type { FileOnDisk } from '../../../archive/pack.ts';
import { isFile } from '../folder/onDisk.ts';
import type { BuildContext } from '../recipe.ts';
import { compiledInto, inside, outputFiles, ownFiles, reaches } from './appLayer.ts';
import { appRoot, workspacePackages } from './dependencyLayer.ts';
import type { NodeProgram } from './nodeProgram.ts';
import type { Closure } from './productionClosure.ts';
import { cleanPath, type Start } from './startCommand.ts';

/** The files of the app's layer: the program's own, those of the workspace's packages that it needs, and what was built. */
export async function appFiles(
  { folder, at }: NodeProgram,
  closure: Closure,
  start: Start,
  build: BuildContext,
): Promise<readonly FileOnDisk[]> {
  const { filter } = build;
  const output = await compiledInto(folder, at, start.file);
  const files = [ownFiles(folder, { at, place: at, ...(output === undefined ? {} : { output }) }, filter)];
  if (output !== undefined && start.file !== undefined && !reaches(filter, inside(at, start.file))) {
    const place = inside(at, output);
    files.push(await outputFiles(folder, place, `${appRoot}/${place}`, build));
  }
  // `next start` serves it, and many a .dockerignore names it.
  const next = inside(at, '.next');
  if ((await isFile(folder, `${next}/BUILD_ID`)) && !reaches(filter, `${next}/BUILD_ID`)) {
    files.push(await outputFiles(folder, next, `${appRoot}/${next}`, build));
  }
  for (const { place, from, json } of workspacePackages(closure)) {
    // Those inside of the program's own folder are in it already.
    if (place !== from || (at !== '.' && !from.startsWith(`${at}/`))) {
      files.push(...(await memberFiles(folder, { at: from, place, json }, build)));
    }
  }
  return files;
}

async function memberFiles(
  folder: NodeProgram['folder'],
  { at, place, json }: { at: string; place: string; json: NodeProgram['json'] },
  build: BuildContext,
): Promise<readonly FileOnDisk[]> {
  const { filter } = build;
  const entry = json.main ?? json.exported;
  const output = await compiledInto(folder, at, entry);
  const own = ownFiles(folder, { at, place, ...(output === undefined ? {} : { output }) }, filter);
  if (output === undefined || entry === undefined) return [own];
  const main = cleanPath(entry) ?? '';
  const isKept = reaches(filter, inside(at, main));
  if (isKept) return [own];
  return [own, await outputFiles(folder, inside(at, output), `${appRoot}/${place}/${output}`, build)];
}
