import { open, rm, stat } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { Io } from '../content/store.ts';
import { errnoOf } from './fileError.ts';

/** What is done under a lock takes milliseconds; a lock of this age was left by a crash. */
const staleMilliseconds = 10_000;
const pollMilliseconds = 5;

/** Runs `action` while no other process does so under the same lock file. Waits until it may. */
export async function withFileLock<T>(file: string, action: () => Promise<T>, io: Io): Promise<T> {
  while (!(await tryLock(file))) {
    await delay(pollMilliseconds);
    io.signal.throwIfAborted();
  }
  try {
    return await action();
  } finally {
    await rm(file, { force: true });
  }
}

async function tryLock(file: string): Promise<boolean> {
  try {
    await (await open(file, 'wx')).close();
    return true;
  } catch (error) {
    // Windows answers EPERM while the lock before this one is being removed.
    if (!['EEXIST', 'EPERM'].includes(errnoOf(error))) throw error;
    const held = await stat(file).catch(() => undefined);
    if (held !== undefined && Date.now() - held.mtimeMs > staleMilliseconds) await rm(file, { force: true });
    return false;
  }
}
