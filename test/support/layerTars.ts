import { buffer } from 'node:stream/consumers';
import { pack } from 'tar-stream';
import type { TarSpec } from './realLayers.ts';

const types = { hardlink: 'link', symlink: 'symlink', directory: 'directory', file: 'file', fifo: 'fifo' } as const;

/** An uncompressed tar of these entries, where no Python is needed. */
export async function tarOfSpecs(specs: readonly TarSpec[]): Promise<Buffer> {
  const tar = pack();
  for (const { path, type, mode = 0o644, uid = 0, gid = 0, linkname, content = '' } of specs) {
    if (type === 'char' || type === 'block' || type === 'other') throw new Error(`${path}: ${type} is not written`);
    const header = {
      name: path,
      type: types[type],
      mode,
      uid,
      gid,
      mtime: new Date(0),
      ...(linkname === undefined ? {} : { linkname }),
    };
    tar.entry(header, content);
  }
  tar.finalize();
  return buffer(tar);
}
