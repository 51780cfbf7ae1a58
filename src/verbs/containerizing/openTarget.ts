import { readdir } from 'node:fs/promises';
import { MemoryStore } from '../../content/memoryStore.ts';
import type { Io } from '../../content/store.ts';
import { parseLocalReference } from '../../layout/localReference.ts';
import type { OpenedTarget } from '../openedTarget.ts';
import { asTarget } from '../openedTarget.ts';
import type { VerbContext } from '../verb.ts';
import type { Choices } from './choices.ts';

/** Where the image goes. For a plan a layout that is not there yet is an empty one in memory: nothing is made on disk. */
export async function openTarget(
  text: string,
  { dryRun, overwrite }: Choices,
  { stores }: VerbContext,
  io: Io,
): Promise<OpenedTarget> {
  const local = dryRun ? parseLocalReference(text) : undefined;
  if (local?.transport !== 'oci' || !(await isEmpty(local.path))) {
    return stores.target(text, io, { overwrite: dryRun || overwrite });
  }
  const { tag = 'latest', digest } = local;
  const named = digest === undefined ? { tag } : { digest };
  return asTarget({ store: new MemoryStore(), name: text, ...named });
}

async function isEmpty(folder: string): Promise<boolean> {
  try {
    return (await readdir(folder)).length === 0;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ENOENT';
  }
}
