import type { PreflightReason } from '../../api.ts';
import type { Io } from '../../content/store.ts';
import type { ImageConfig } from '../../oci/imageConfig.ts';
import { escapeText } from '../../oci/reference.ts';
import type { BaseFiles } from './baseFiles.ts';
import { readUser } from './baseUser.ts';
import { noUser } from './noUser.ts';

/**
 * What keeps an image from starting what its config says, looked at by names alone: `node` on a base without Node, a user that
 * is not there. Undefined where both are there, or nothing is started.
 */
export async function checkEntrypoint(
  image: BaseFiles,
  config: ImageConfig | undefined,
  io: Io,
): Promise<{ readonly program: string; readonly reason: PreflightReason } | undefined> {
  const { Entrypoint = [], Cmd = [], WorkingDir = '/' } = config?.config ?? {};
  const program = [...Entrypoint, ...Cmd][0];
  if (program === undefined || program === '') return undefined;
  const user = await readUser(image, io);
  if (typeof user === 'string') return { program, reason: noUser(user) };
  if (isThere(image, program, WorkingDir)) return undefined;
  const text = `The image starts ${escapeText(program)}, which is not in it.`;
  const fix = program.includes('/')
    ? 'Give the entrypoint the path of a file that is in the image.'
    : `Choose a base that has ${escapeText(program)}.`;
  return { program, reason: { code: 'no-command', effect: 'fails', text, fix } };
}

function isThere(image: BaseFiles, program: string, directory: string): boolean {
  const folders = program.startsWith('/') ? [''] : program.includes('/') ? [`${directory}/`] : pathOf(image);
  return folders.some((folder) => image.find(`${folder}${program}`)?.content !== undefined);
}

function pathOf({ searchPath }: BaseFiles): readonly string[] {
  return searchPath.map((folder) => `${folder}/`);
}
