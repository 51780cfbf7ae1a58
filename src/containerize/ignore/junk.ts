const names: ReadonlySet<string> = new Set([
  '.ds_store',
  '.appledouble',
  '.lsoverride',
  '.spotlight-v100',
  '.trashes',
  '.fseventsd',
  '.temporaryitems',
  '__macosx',
  'thumbs.db',
  'thumbs.db:encryptable',
  'ehthumbs.db',
  'desktop.ini',
]);

/** Resource forks of macOS; swap files of Vim; locks, saves and backups of Emacs and others. */
const shapes = /^\._.|^\..+\.sw[a-p]$|^\.#.|^#.+#$|[^~]~$/;

/** True for a file or folder that systems and editors leave behind and no image needs. `path` is relative, with `/`. */
export function isJunk(path: string): boolean {
  const name = path.slice(path.lastIndexOf('/') + 1);
  return names.has(name.toLowerCase()) || shapes.test(name);
}
