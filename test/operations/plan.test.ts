import assert from 'node:assert/strict';
import { MemoryStore } from '../../src/content/memoryStore.ts';
import type { Io } from '../../src/content/store.ts';
import { planCopy } from '../../src/operations/plan.ts';
import { countingStore } from '../support/countingStore.ts';
import { testIo } from '../support/io.ts';
import { putImage } from '../support/seededImage.ts';
import { RepositoryLike } from './repositoryLike.ts';

let io: Io;
describe('plan.test', () => {
  beforeEach(() => void (io = testIo()));

  async function tagged(
    store: MemoryStore,
    tag: string,
    options: Parameters<typeof putImage>[1] = {},
  ): Promise<string> {
    const descriptor = await putImage(store, options, io);
    await store.tag(descriptor, tag);
    return descriptor.digest;
  }

  describe('planCopy', () => {
    it('writes nothing and says what a copy would move', async () => {
      const [source, inner] = [new MemoryStore(), new RepositoryLike()];
      await tagged(inner, 'old', { layers: 1 });
      const digest = await tagged(source, 'v1', { layers: 2 });
      const target = countingStore(inner);
      const plan = await planCopy(source, 'v1', target.store, { tag: 'v2' }, io);
      assert.equal(plan.descriptor.digest, digest);
      assert.deepEqual([plan.present.length, plan.mountable.length, plan.transfer.length], [1, 0, 2]);
      assert.equal(
        plan.bytes,
        plan.transfer.reduce((sum, { size }) => sum + size, 0),
      );
      assert.deepEqual(plan.tagState, { tag: 'v2' });
      assert.deepEqual([target.count('push'), target.count('tag'), target.count('pushTagged')], [0, 0, 0]);
    });

    it('says what the target tag names before it moves', async () => {
      const [source, target] = [new MemoryStore(), new RepositoryLike()];
      const old = await tagged(target, 'v1', { seed: 5 });
      await tagged(source, 'v1');
      assert.deepEqual((await planCopy(source, 'v1', target, { tag: 'v1' }, io)).tagState, { tag: 'v1', old });
    });

    it('says which side has no such image', async () => {
      const plan = planCopy(new MemoryStore(), 'v1', new MemoryStore(), { tag: 'v1' }, io);
      await assert.rejects(plan, { code: 'not-found', side: 'source' });
    });

    it('refuses a tag that is none before any request', async () => {
      const source = countingStore(new MemoryStore());
      await assert.rejects(planCopy(source.store, 'v1', new MemoryStore(), { tag: '-x' }, io), {
        code: 'invalid-reference',
        message: /^"-x" is not a tag/,
      });
      assert.equal(source.calls.length, 0);
    });
  });
});
