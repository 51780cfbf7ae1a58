import { accessSync, constants, statSync } from 'node:fs';
import path from 'node:path';
import { OciError } from '../errors.ts';
import { escapeText } from '../oci/reference.ts';

const nameGrammar = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/** Where programs are looked for. */
export interface HelperPlace {
  readonly env: NodeJS.ProcessEnv;
  readonly platform: NodeJS.Platform;
}

/**
 * The absolute path of `docker-credential-NAME`, looked up in PATH's absolute folders only: never the working directory,
 * where a workspace could plant a program. Undefined where it is on none of them.
 * @param isProgram whether a path is a file that may be run
 * @throws OciError helper-failed for a name that is not one, and on Windows for a batch file
 */
export function helperFile(name: string, place: HelperPlace, isProgram = isExecutableFile): string | undefined {
  if (!nameGrammar.test(name)) {
    throw new OciError(
      'helper-failed',
      `The credential helper name ${escapeText(name)} is not allowed. Correct credsStore or credHelpers in the configuration file.`,
    );
  }
  const windows = place.platform === 'win32';
  const base = `docker-credential-${name}`;
  const file = windows && !name.toLowerCase().endsWith('.exe') ? `${base}.exe` : base;
  const folders = searchPath(place.env, windows);
  const join = (folder: string, end: string): string => (windows ? path.win32 : path.posix).join(folder, end);
  const found = folders.map((folder) => join(folder, file)).find(isProgram);
  if (found !== undefined || !windows) return found;
  const batch = folders.flatMap((folder) => [join(folder, `${base}.cmd`), join(folder, `${base}.bat`)]).find(isProgram);
  if (batch === undefined) return undefined;
  throw new OciError('helper-failed', `${base} is a batch file, which is not run. The helper must be an .exe.`);
}

function searchPath(env: NodeJS.ProcessEnv, windows: boolean): readonly string[] {
  const name = windows ? Object.keys(env).find((key) => key.toUpperCase() === 'PATH') : 'PATH';
  const text = name === undefined ? '' : (env[name] ?? '');
  return windows
    ? // A path without a drive depends on the current one.
      text.split(';').filter((folder) => /^(?:[A-Za-z]:[\\/]|\\\\)/.test(folder))
    : text.split(':').filter((folder) => folder.startsWith('/'));
}

function isExecutableFile(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
