import type { Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { fileError } from '../archive/fileError.ts';
import type { Io } from '../content/store.ts';
import { OciError } from '../errors.ts';
import { escapeText } from '../oci/reference.ts';
import { inTurns } from '../operations/inTurns.ts';

const maxEntries = 500_000;

/**
 * The paths below a folder, relative with `/`, that are meant, and the folders above them; links are not followed.
 * @param isMeant says it of each file and folder for itself: what is in a folder does not go with it
 * @throws OciError too-large above 500,000 entries; forbidden
 */
export async function keptPaths(
  folder: string,
  isMeant: (relative: string) => boolean,
  io: Io,
): Promise<ReadonlySet<string>> {
  const kept = new Set<string>();
  const folders = [''];
  let count = 0;
  for (let place = folders.pop(); place !== undefined; place = folders.pop()) {
    const inside = place;
    const entries = await list(path.join(folder, inside));
    count += entries.length;
    if (count > maxEntries)
      throw new OciError('too-large', `${escapeText(folder)} has more than ${maxEntries} entries.`);
    const look = (entry: Dirent): void => {
      const relative = inside === '' ? entry.name : `${inside}/${entry.name}`;
      if (isMeant(relative)) keep(kept, relative);
      if (entry.isDirectory()) folders.push(relative);
    };
    await inTurns(entries, look, io);
    io.signal.throwIfAborted();
  }
  return kept;
}

function keep(kept: Set<string>, relative: string): void {
  for (let one = relative; one !== '' && !kept.has(one); one = one.slice(0, Math.max(0, one.lastIndexOf('/'))))
    kept.add(one);
}

async function list(folder: string): Promise<readonly Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (cause) {
    throw fileError(cause, 'list', folder);
  }
}
