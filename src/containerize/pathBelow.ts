import path from 'node:path';

/**
 * The way from a folder to something in it, with `/`; empty for the folder itself, undefined for what is outside.
 * @param folder an absolute path, as `file` is; links in them are not looked at
 */
export function pathBelow(folder: string, file: string): string | undefined {
  const relative = path.relative(folder, file);
  const isOutside = relative === '..' || relative.startsWith(`..${path.sep}`) || path.isAbsolute(relative);
  return isOutside ? undefined : relative.replaceAll(path.sep, '/');
}
