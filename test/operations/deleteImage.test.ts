import assert from 'node:assert/strict';
import type { ImageStore, Io } from '../../src/content/store.ts';
import { MemoryStore } from '../../src/content/memoryStore.ts';
import { OciError } from '../../src/errors.ts';
import { deleteImage, planDelete } from '../../src/operations/deleteImage.ts';
import { countingStore } from '../support/countingStore.ts';
import { testIo } from '../support/io.ts';
import { putImage } from '../support/seededImage.ts';

let io: Io;
let store: MemoryStore;
let digest: string;

describe('deleteImage.test', () => {
  beforeEach(async () => {
    io = testIo();
    store = new MemoryStore();
    const image = await putImage(store, {}, io);
    digest = image.digest;
    for (const tag of ['v1', 'latest', 'v1.0']) await store.tag(image, tag);
    await store.tag(await putImage(store, { seed: 2 }, io), 'v2');
  });

  async function tagsOf(): Promise<readonly string[]> {
    const tags: string[] = [];
    for await (const page of store.tagPages()) tags.push(...page);
    return tags;
  }

  describe('planDelete', () => {
    it('lists every tag that shares the digest, and no other', async () => {
      assert.deepEqual(await planDelete(store, 'v1', io), { digest, tags: ['latest', 'v1', 'v1.0'] });
      assert.deepEqual(await planDelete(store, digest, io), { digest, tags: ['latest', 'v1', 'v1.0'] });
    });

    it('looks at pages of tags as they come, and past tags that go meanwhile', async () => {
      const paged: ImageStore = {
        ...countingStore(store).store,
        tagPages: async function* () {
          yield ['v1', 'gone'];
          yield ['latest'];
        },
      };
      assert.deepEqual(await planDelete(paged, 'v1', io), { digest, tags: ['latest', 'v1'] });
    });

    it('stops where a tag cannot be looked at: it might be one that would go', async () => {
      const failing: ImageStore = {
        ...countingStore(store).store,
        resolve: (identifier, inner) => {
          if (identifier === 'latest') return Promise.reject(new OciError('unavailable', 'gone'));
          return store.resolve(identifier, inner);
        },
      };
      await assert.rejects(planDelete(failing, 'v1', io), { code: 'unavailable' });
    });
  });

  describe('deleteImage', () => {
    it('deletes the digest and says which other tags are gone with it', async () => {
      const result = await deleteImage(store, 'v1', { untagOnly: false }, io);
      assert.deepEqual(result, { deleted: digest, alsoUntagged: ['latest', 'v1.0'] });
      assert.deepEqual(await tagsOf(), ['v2']);
    });

    it('removes one tag only where that was asked for', async () => {
      assert.deepEqual(await deleteImage(store, 'v1', { untagOnly: true }, io), { deleted: 'v1', alsoUntagged: [] });
      assert.deepEqual(await tagsOf(), ['latest', 'v1.0', 'v2']);
      assert.equal((await store.resolve(digest, io)).digest, digest);
    });

    it('162: explains that a registry deletes by digest only, naming all the tags that would go', async () => {
      const byDigestOnly: ImageStore = {
        ...countingStore(store).store,
        untag: () => Promise.reject(new OciError('unsupported-media-type', 'DIGEST_INVALID')),
      };
      await assert.rejects(deleteImage(byDigestOnly, 'v1', { untagOnly: true }, io), {
        code: 'unsupported-media-type',
        message:
          'The tag v1 was not removed: this registry deletes by digest only, and deleting ' +
          `${digest.slice(0, 19)} removes all its tags: latest, v1, v1.0. Delete the image if all of them may go.`,
      });
      assert.deepEqual(await tagsOf(), ['latest', 'v1', 'v1.0', 'v2']);
    });

    it('asks for a tag where a digest was to be untagged', async () => {
      await assert.rejects(deleteImage(store, digest, { untagOnly: true }, io), { code: 'invalid-reference' });
    });

    it('says so where there is no such image', async () => {
      await assert.rejects(deleteImage(store, 'v9', { untagOnly: false }, io), { code: 'not-found' });
    });

    for (const untagOnly of [true, false]) {
      it(`refuses where a store deletes nothing${untagOnly ? ', not even a tag' : ''}`, async () => {
        const readOnly: ImageStore = { ...countingStore(store).store };
        delete readOnly.untag;
        delete readOnly.deleteManifest;
        await assert.rejects(deleteImage(readOnly, 'v1', { untagOnly }, io), { code: 'forbidden' });
      });
    }
  });
});
