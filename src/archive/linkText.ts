import path from 'node:path';

/** A symbolic link or junction that was found in a folder; paths are those of the system it lies on. */
export interface FoundLink {
  /** The real path of the folder that is being packed. */
  readonly root: string;
  readonly link: string;
  /** Its text, as the system gives it. */
  readonly target: string;
}

/** What stands in a layer for a link. */
export interface PackedLink {
  readonly target: string;
  /** True where it points out of the folder, or to a place of this machine. */
  readonly leaves: boolean;
}

/**
 * The text of a link in an image. Windows paths get `/`, and junctions, which are always absolute, become relative where they
 * stay in the folder; all else is kept as it is.
 */
export function linkText({ root, link, target }: FoundLink, platform: NodeJS.Platform): PackedLink {
  const system = platform === 'win32' ? path.win32 : path.posix;
  const plain = platform === 'win32' ? withoutNamespace(target) : target;
  const folder = system.dirname(link);
  const inRoot = system.relative(root, system.resolve(folder, plain));
  const isOutside = inRoot === '..' || inRoot.startsWith(`..${system.sep}`) || system.isAbsolute(inRoot);
  if (platform !== 'win32') return { target, leaves: isOutside || system.isAbsolute(target) };
  const isMoved = system.isAbsolute(plain) && !isOutside;
  const text = isMoved ? system.relative(folder, plain) || '.' : plain;
  return { target: text.replaceAll('\\', '/'), leaves: isOutside };
}

/** `\\?\C:\x`, `\??\C:\x` and `\\?\UNC\server\share` as they are usually written. */
function withoutNamespace(target: string): string {
  const rest = /^\\(?:\\|\?)\?\\(.*)$/s.exec(target)?.[1];
  if (rest === undefined) return target;
  return /^UNC\\/i.test(rest) ? `\\\\${rest.slice(4)}` : rest;
}
