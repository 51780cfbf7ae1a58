import { mkdtemp, rm } from 'node:fs/promises';
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

/** Like `newTempDir`, in memory where the machine can: for a few megabytes in very many files. */
export async function newMemoryDir(): Promise<string> {
  try {
    return await newTempDir('/dev/shm');
  } catch {
    return newTempDir();
  }
}

/** Removes a directory of `newTempDir` with everything in it. */
export async function removeTempDir(directory: string): Promise<void> {
  await rm(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 20 });
}
