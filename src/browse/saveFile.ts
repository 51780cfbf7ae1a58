import { type FileHandle, link, open, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import type { ByteStream, Io } from '../content/store.ts';
import { OciError } from '../errors.ts';
import { errnoOf, fileError } from '../layout/fileError.ts';
import { randomName } from '../oci/digest.ts';
import { escapeText } from '../oci/reference.ts';

export interface SaveFileOptions {
  /** Permission bits of the image. Only those that let its owner write and others read or run it are kept. */
  readonly mode: number;
  /** Replace what is there: a symbolic link itself, not what it leads to. */
  readonly overwrite: boolean;
  /** Called with the bytes written so far. */
  readonly onBytes?: (bytes: number) => void;
}

/**
 * Writes a stream to a file on this machine: first beside it, so that a file that is there is whole. Returns its size.
 * @throws OciError already-exists; forbidden, not-found, unavailable as the file system answers; what the stream throws
 */
export async function saveFile(stream: ByteStream, file: string, options: SaveFileOptions, io: Io): Promise<number> {
  const temporary = path.join(path.dirname(file), `.gantry-${randomName(8)}.part`);
  try {
    const bytes = await write(stream, temporary, options, io);
    if (options.overwrite) await rename(temporary, file);
    else await keepOther(temporary, file);
    return bytes;
  } catch (error) {
    io.signal.throwIfAborted();
    throw errnoOf(error) === '' ? error : fileError(error, `cannot write ${escapeText(file)}`);
  } finally {
    await rm(temporary, { force: true }).catch(() => undefined);
  }
}

async function write(
  stream: ByteStream,
  temporary: string,
  { mode, onBytes }: SaveFileOptions,
  io: Io,
): Promise<number> {
  let handle: FileHandle | undefined;
  let bytes = 0;
  try {
    for await (const chunk of stream) {
      io.signal.throwIfAborted();
      handle ??= await open(temporary, 'wx', keptMode(mode));
      await handle.writeFile(chunk);
      bytes += chunk.length;
      onBytes?.(bytes);
    }
    handle ??= await open(temporary, 'wx', keptMode(mode));
    return bytes;
  } finally {
    await handle?.close();
  }
}

/** Without setuid, setgid and sticky, and writable by nobody else. */
function keptMode(mode: number): number {
  return (mode & 0o755) | 0o600;
}

/** A link is made only where nothing is there; where the disk knows no links, an empty file holds the place. */
async function keepOther(temporary: string, file: string): Promise<void> {
  try {
    await link(temporary, file);
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') throw isThere(file);
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'].includes(errnoOf(error))) throw error;
    await claim(file);
    await rename(temporary, file);
  }
}

async function claim(file: string): Promise<void> {
  try {
    await (await open(file, 'wx')).close();
  } catch (error) {
    throw errnoOf(error) === 'EEXIST' ? isThere(file) : error;
  }
}

function isThere(file: string): OciError {
  return new OciError('already-exists', `${escapeText(file)} is there already. Choose another name, or say overwrite.`);
}
