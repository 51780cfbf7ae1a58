import type { PreflightReason } from '../../api.ts';
import type { ImageConfig } from '../../oci/imageConfig.ts';
import { escapeText } from '../../oci/reference.ts';
import type { BaseFiles } from './baseFiles.ts';

/** What an image starts where that is not in it: `node` on a base without Node. Undefined where it is there, or nothing is started. */
export function missingEntrypoint(
  image: BaseFiles,
  config: ImageConfig | undefined,
): { readonly program: string; readonly reason: PreflightReason } | undefined {
  const { Entrypoint = [], Cmd = [], WorkingDir = '/' } = config?.config ?? {};
  const program = [...Entrypoint, ...Cmd][0];
  if (program === undefined || program === '' || isThere(image, program, WorkingDir)) return undefined;
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
