import assert from 'node:assert/strict';
import { MemoryStore } from '../../src/content/memoryStore.ts';
import type { ByteStream, Io } from '../../src/content/store.ts';
import { untilAborted } from '../../src/content/abort.ts';
import type { Descriptor } from '../../src/oci/descriptor.ts';
import { testIo } from '../support/io.ts';
import { foldersOf, listOf, MemoryRegistry, pushImage } from './fixtures.ts';

/** A registry in memory whose answers can be held back. */
class HeldStore extends MemoryStore {
  held: Promise<unknown> = Promise.resolve();

  override async fetch(descriptor: Descriptor, io: Io): Promise<ByteStream> {
    await untilAborted(this.held, io);
    return super.fetch(descriptor, io);
  }
}

describe('ImageFolders', () => {
  async function made() {
    const registry = new MemoryRegistry('r.example');
    const store = new HeldStore();
    registry.stores.set('app', store);
    const { digest } = await pushImage(store, '1.0');
    const { promise, resolve } = Promise.withResolvers<undefined>();
    store.held = promise;
    const place = { registry: 'r.example', repository: 'app', digest };
    return { folders: foldersOf(listOf([registry])), place, release: () => resolve(undefined) };
  }

  it('leaves who cancels at once, though another still waits for the same image', async () => {
    const { folders, place, release } = await made();
    const controller = new AbortController();
    const first = folders.of(place, testIo());
    const second = folders.of(place, { signal: controller.signal });
    controller.abort(new Error('enough'));
    await assert.rejects(second, /enough/);
    release();
    assert.equal((await first).files.descriptor.digest, place.digest);
  });

  it('opens an image on for one who waits where another gives it up', async () => {
    const { folders, place, release } = await made();
    const controller = new AbortController();
    const first = folders.of(place, { signal: controller.signal });
    const second = folders.of(place, testIo());
    controller.abort();
    await assert.rejects(first, { name: 'AbortError' });
    release();
    assert.equal((await second).files.descriptor.digest, place.digest);
  });
});
