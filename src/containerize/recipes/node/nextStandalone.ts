import type { ContainerizeWarning } from '../../../api.ts';
import type { FileOnDisk } from '../../../archive/pack.ts';
import type { Io } from '../../../content/store.ts';
import { parsePlatform } from '../../../oci/platform.ts';
import type { ImageBlueprint } from '../../blueprint.ts';
import { isFile, isFolder, readableText } from '../folder/onDisk.ts';
import { below, both, filesWhere, outputRules } from '../folder/pathFilters.ts';
import type { BuildContext } from '../recipe.ts';
import type { ProjectFolder } from '../projectFolder.ts';
import { inside } from './appLayer.ts';
import { appRoot } from './dependencyLayer.ts';
import { nativeFiles, runsOn } from './nativeAddons.ts';
import { nodeConfig } from './startCommand.ts';

const configs = ['next.config.js', 'next.config.mjs', 'next.config.cjs', 'next.config.ts'];

/** True where Next.js is told to write a server with all that it needs (`output: 'standalone'`). */
export async function isStandalone(folder: ProjectFolder, at: string, io: Io): Promise<boolean> {
  for (const name of configs) {
    const text = await readableText(folder, inside(at, name), io);
    if (text !== undefined) return /\boutput['"]?\s{0,20}:\s{0,20}['"`]standalone['"`]/.test(text.slice(0, 1 << 20));
  }
  return false;
}

/** Where in its output the server is: that of a workspace keeps the package's place. Undefined before the build. */
export async function standaloneServer(folder: ProjectFolder, at: string): Promise<string | undefined> {
  const parts = at === '.' ? [] : at.split('/');
  for (let from = 0; from <= parts.length; from++) {
    const place = parts.slice(from).join('/');
    const file = place === '' ? 'server.js' : `${place}/server.js`;
    if (await isFile(folder, inside(at, `.next/standalone/${file}`))) return place === '' ? '.' : place;
  }
  return undefined;
}

/** The layers and the config of a standalone server: its packages, then the server with its static files. */
export async function standaloneImage(
  folder: ProjectFolder,
  at: string,
  server: string,
  build: BuildContext,
  io: Io,
): Promise<ImageBlueprint> {
  const root = (await folder.real(inside(at, '.next/standalone'))) ?? inside(at, '.next/standalone');
  const workdir = server === '.' ? appRoot : `${appRoot}/${server}`;
  const from = folder.path(root);
  const isPackage = (path: string): boolean => `/${path}/`.includes('/node_modules/');
  const isOwn = (path: string): boolean => !isPackage(path);
  // What it is told by .env files is copied beside it: passwords, like as not.
  const own = both(outputRules(build, root), { keeps: isOwn, enters: isOwn });
  const app: FileOnDisk[] = [{ from, to: appRoot, filter: own }];
  for (const name of ['.next/static', 'public']) {
    const place = await folder.real(inside(at, name));
    if (place === undefined || !(await isFolder(folder, place))) continue;
    // The build wrote .next; public is the user's own.
    const rules =
      name === 'public' ? (below(build.filter, place) ?? outputRules(build, place)) : outputRules(build, place);
    app.push({ from: folder.path(place), to: `${workdir}/${name}`, filter: rules });
  }
  return {
    layers: [
      { name: 'dependencies', files: [{ from, to: appRoot, filter: filesWhere(isPackage, () => true) }] },
      { name: 'app', files: app },
    ],
    config: {
      ...nodeConfig({ args: ['server.js'], env: ['HOSTNAME=0.0.0.0', 'PORT=3000'] }, build.base),
      workdir,
      ports: ['3000'],
    },
    programs: [],
    warnings: await addonWarnings(from, build.platforms, io),
    // Next.js copies only some of the packages that the lock file names.
    materials: [from],
  };
}

async function addonWarnings(root: string, platforms: readonly string[], io: Io): Promise<ContainerizeWarning[]> {
  const found = await nativeFiles(
    root,
    (name) => name.endsWith('.node'),
    () => true,
    io,
  );
  const misses = (platform: string): boolean =>
    found.length > 0 && !found.some((one) => one.platforms.some((own) => runsOn(own, parsePlatform(platform))));
  return platforms.filter(misses).map((platform) => ({
    code: 'not-supported',
    text: `None of the packages with machine code is for ${platform}: install them for it, or build on such a machine.`,
    paths: found.slice(0, 100).map((one) => one.path),
  }));
}
