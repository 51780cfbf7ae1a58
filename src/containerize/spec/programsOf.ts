import { lstat } from 'node:fs/promises';
import path from 'node:path';
import type { ConfigChanges } from '../../api.ts';
import { layerPath } from '../../archive/layerPath.ts';
import type { Io } from '../../content/store.ts';
import type { ImageProgram } from '../blueprint.ts';
import type { PlacedFile } from './specFiles.ts';

/** The program that an image starts, where it is one of the files that are put into it; of several for one platform the last. */
export async function programsOf(
  config: ConfigChanges,
  files: readonly (PlacedFile & { readonly platform?: string })[],
  io: Io,
): Promise<readonly ImageProgram[]> {
  const command = config.entrypoint?.[0] ?? config.cmd?.[0];
  if (command?.startsWith('/') !== true || command.split('/').includes('..')) return [];
  const wanted = layerPath(command);
  const found = new Map<string | undefined, ImageProgram>();
  for (const { layerFile, isFolder, platform } of files) {
    io.signal.throwIfAborted();
    const file = isFolder
      ? await inFolder(layerFile.from, layerFile.to, wanted)
      : asFile(layerFile.from, layerFile.to, wanted);
    if (file === undefined) continue;
    found.set(platform, { file, path: `/${wanted}`, ...(platform === undefined ? {} : { platform }) });
  }
  return [...found.values()];
}

function asFile(from: string, to: string, wanted: string): string | undefined {
  const place = to.endsWith('/') ? `${to}${path.basename(from)}` : to;
  return layerPath(place) === wanted ? from : undefined;
}

/** Links are not followed: what they lead to is for the base to say. */
async function inFolder(from: string, to: string, wanted: string): Promise<string | undefined> {
  const above = layerPath(to);
  if (above !== '' && !wanted.startsWith(`${above}/`)) return undefined;
  const file = path.join(from, ...wanted.slice(above === '' ? 0 : above.length + 1).split('/'));
  const isFile = await lstat(file).then(
    (found) => found.isFile(),
    () => false,
  );
  return isFile ? file : undefined;
}
