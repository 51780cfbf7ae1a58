import { MemoryStore } from '../content/memoryStore.ts';
import type { Io } from '../content/store.ts';
import { LayoutStore } from '../layout/layoutStore.ts';
import type { LocalReference } from '../layout/localReference.ts';
import { isFreeForLayout } from '../layout/openLayout.ts';
import { asTarget, type OpenedTarget } from './openedTarget.ts';

/**
 * A layout that a local reference names, to be written; made where it is not there. For a plan such a one is empty and in
 * memory: nothing is made on disk. @throws OciError already-exists, forbidden
 */
export async function layoutTarget(
  { path, tag, digest }: LocalReference,
  text: string,
  { isPlan }: { readonly isPlan: boolean },
  io: Io,
): Promise<OpenedTarget> {
  const store =
    isPlan && (await isFreeForLayout(path)) ? new MemoryStore() : await LayoutStore.open(path, io, { create: true });
  const written = tag ?? (digest === undefined ? 'latest' : undefined);
  return asTarget({
    store,
    name: text,
    ...(written === undefined ? {} : { tag: written }),
    ...(digest === undefined ? {} : { digest }),
  });
}
