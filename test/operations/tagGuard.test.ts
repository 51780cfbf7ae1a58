import assert from 'node:assert/strict';
import { MemoryStore } from '../../src/content/memoryStore.ts';
import type { ImageStore, Io } from '../../src/content/store.ts';
import { OciError } from '../../src/errors.ts';
import { assertTagFree } from '../../src/operations/tagGuard.ts';
import { countingStore } from '../support/countingStore.ts';
import { testIo } from '../support/io.ts';
import { putImage } from '../support/seededImage.ts';

let io: Io;
let store: MemoryStore;
let digest: string;
let other: string;

describe('tagGuard.test', () => {
  beforeEach(async () => {
    io = testIo();
    store = new MemoryStore();
    const image = await putImage(store, {}, io);
    const second = await putImage(store, { seed: 2 }, io);
    await store.tag(image, 'v1');
    await store.tag(second, 'taken');
    [digest, other] = [image.digest, second.digest];
  });

  describe('assertTagFree', () => {
    const cases: readonly (readonly [string, string, boolean, () => string | undefined])[] = [
      ['a new tag', 'new', false, () => undefined],
      ['a tag that names the digest already', 'v1', false, () => digest],
      ['a tag that may move', 'taken', true, () => other],
    ];
    for (const [name, tag, overwrite, expected] of cases) {
      it(`returns what ${name} names`, async () => {
        const wanted = (await store.resolve('v1', io)).digest;
        assert.equal(await assertTagFree(store, tag, wanted, { overwrite }, io), expected());
      });
    }

    it('does not take a tag for free that cannot be looked at', async () => {
      const hidden: ImageStore = {
        ...countingStore(store).store,
        resolve: () => Promise.reject(new OciError('forbidden', 'no access')),
      };
      const wanted = (await store.resolve('v1', io)).digest;
      await assert.rejects(assertTagFree(hidden, 'new', wanted, { overwrite: false }, io), { code: 'forbidden' });
    });
  });
});
