import type { EntrySpec } from './layers.ts';

/** A digest that is one letter again and again. */
export const digest = (letter: string): `sha256:${string}` => `sha256:${letter.repeat(64)}`;

/** A file of one byte. */
export function file(path: string, content = 'a', more: Partial<EntrySpec> = {}): EntrySpec {
  return { path, size: 1, digest: digest(content), ...more };
}

export function directory(path: string, more: Partial<EntrySpec> = {}): EntrySpec {
  return { path, type: 'directory', ...more };
}

export function symlink(path: string, linkname: string): EntrySpec {
  return { path, type: 'symlink', linkname };
}

export function hardlink(path: string, linkname: string): EntrySpec {
  return { path, type: 'hardlink', linkname };
}
