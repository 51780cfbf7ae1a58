import { isWhiteout } from './layerPath.ts';

/** What an entry whose name starts with `.wh.` means (image-spec layer.md, whiteouts). */
export type Whiteout =
  /** Hides what the layers below have at `path`. */
  | { readonly kind: 'removal'; readonly path: string }
  /** Hides what the layers below have in the directory `path`. */
  | { readonly kind: 'opaque'; readonly path: string }
  | { readonly kind: 'invalid' };

/** Names of AUFS itself, which meant something to that file system only. */
const reserved = '.wh..wh.';
const opaque = '.wh..wh..opq';

/** What the path of an entry means where it is a whiteout; undefined where it is none. */
export function whiteoutOf(path: string): Whiteout | undefined {
  const slash = path.lastIndexOf('/');
  const name = path.slice(slash + 1);
  const directory = slash === -1 ? '' : path.slice(0, slash);
  if (directory.startsWith(reserved) || directory.includes(`/${reserved}`)) return { kind: 'invalid' };
  if (!isWhiteout(name)) return undefined;
  if (name === opaque) return { kind: 'opaque', path: directory };
  const hidden = name.slice('.wh.'.length);
  if (hidden === '' || hidden === '.' || hidden === '..' || name.startsWith(reserved)) return { kind: 'invalid' };
  return { kind: 'removal', path: slash === -1 ? hidden : `${directory}/${hidden}` };
}
