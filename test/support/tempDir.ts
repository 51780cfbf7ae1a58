import { mkdtemp, rm, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** Runs `action` with a new directory, and removes it afterwards whatever happened. */
export async function withTempDir<T>(action: (directory: string) => Promise<T>): Promise<T> {
  const directory = await newTempDir();
  try {
    return await action(directory);
  } finally {
    await removeTempDir(directory);
  }
}

/** A new directory that the caller removes with `removeTempDir`. */
export async function newTempDir(parent = tmpdir()): Promise<string> {
  return mkdtemp(path.join(parent, 'gantry-test-'));
}

/** Like `newTempDir`, in memory where the machine has room for it: for very many small files. */
export async function newMemoryDir(): Promise<string> {
  const memory = '/dev/shm';
  try {
    const { bavail, bsize } = await statfs(memory);
    if (bavail * bsize > 1 << 30) return await newTempDir(memory);
  } catch {
    // Not this kind of machine.
  }
  return newTempDir();
}

/** Removes a directory of `newTempDir` with everything in it. */
export async function removeTempDir(directory: string): Promise<void> {
  await rm(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 20 });
}
