import path from 'node:path';
import type { Io } from '../../content/store.ts';
import { isOciError } from '../../errors.ts';
import { LocalFile } from '../localFile.ts';
import { ignoreFileTooLarge, maxIgnoreBytes } from './ignoreLimits.ts';

/** The text of a file of rules; undefined where there is none. @throws OciError too-large above 1 MiB, forbidden */
export async function readIgnoreFile(folder: string, name: string, io: Io): Promise<string | undefined> {
  const onDisk = path.join(folder, name);
  let file: LocalFile;
  try {
    file = await LocalFile.open(onDisk, io);
  } catch (error) {
    if (isOciError(error, 'not-found', 'unsupported-media-type')) return undefined;
    throw error;
  }
  try {
    if (file.size > maxIgnoreBytes) throw ignoreFileTooLarge(onDisk);
    return new TextDecoder('utf-8', { ignoreBOM: true }).decode(await file.read(0, file.size, io));
  } finally {
    await file.close();
  }
}
