import assert from 'node:assert/strict';
import { resolveManifest } from '../../src/content/bytes.ts';
import { MemoryStore } from '../../src/content/memoryStore.ts';
import type { ImageStore, Io } from '../../src/content/store.ts';
import { OciError } from '../../src/errors.ts';
import { retag } from '../../src/operations/tagImage.ts';
import { countingStore } from '../support/countingStore.ts';
import { testIo } from '../support/io.ts';
import { putImage } from '../support/seededImage.ts';
import { RepositoryLike } from './repositoryLike.ts';

const keep = { overwrite: false };
let io: Io;
let store: RepositoryLike;
let digest: string;
let other: string;

describe('tagImage.test', () => {
  beforeEach(async () => {
    io = testIo();
    store = new RepositoryLike();
    const image = await putImage(store, {}, io);
    const second = await putImage(store, { seed: 2 }, io);
    await store.tag(image, 'v1');
    await store.tag(second, 'taken');
    [digest, other] = [image.digest, second.digest];
  });

  describe('retag', () => {
    it('gives an image several tags and leaves the bytes of its manifest as they are', async () => {
      const before = (await resolveManifest(store, 'v1', io)).manifest.bytes;
      const outcome = await retag(store, 'v1', ['a', 'b', 'a'], keep, io);
      assert.equal(outcome.descriptor.digest, digest);
      assert.deepEqual(outcome.tags, ['a', 'b']);
      assert.deepEqual(outcome.moved, [{ tag: 'a' }, { tag: 'b' }]);
      for (const tag of ['a', 'b']) assert.deepEqual((await resolveManifest(store, tag, io)).manifest.bytes, before);
    });

    it('does as few requests as can be: one to find the image, its manifest, one look and one write a tag', async () => {
      const counting = countingStore(store);
      await retag(counting.store, 'v1', ['a'], keep, io);
      assert.deepEqual(counting.calls, [
        { call: 'resolve', of: 'v1' },
        { call: 'fetch', of: digest },
        { call: 'resolve', of: 'a' },
        { call: 'pushTagged', of: digest, tag: 'a' },
      ]);
    });

    it('writes nothing at all where one of the tags would move', async () => {
      await assert.rejects(retag(store, 'v1', ['a', 'taken'], keep, io), {
        code: 'already-exists',
        message:
          /^The tag taken names sha256:[0-9a-f]{12} and would move to sha256:[0-9a-f]{12}\. Nothing was written\./,
      });
      await assert.rejects(store.resolve('a', io), { code: 'not-found' });
    });

    it('says what a moved tag named before, so that it can be moved back', async () => {
      const outcome = await retag(store, 'v1', ['taken', 'new'], { overwrite: true }, io);
      assert.deepEqual(outcome.moved, [{ tag: 'taken', old: other }, { tag: 'new' }]);
      await retag(store, other, ['taken'], { overwrite: true }, io);
      assert.equal((await store.resolve('taken', io)).digest, other);
    });

    it('does not write a tag that names the image already', async () => {
      const counting = countingStore(store);
      const outcome = await retag(counting.store, 'v1', ['v1'], keep, io);
      assert.deepEqual([outcome.moved, counting.count('pushTagged')], [[], 0]);
    });

    it('tags in a store that cannot write manifest and tag at once', async () => {
      const plain = new MemoryStore();
      await plain.tag(await putImage(plain, {}, io), 'v1');
      await retag(plain, 'v1', ['a'], keep, io);
      assert.equal((await plain.resolve('a', io)).digest, (await plain.resolve('v1', io)).digest);
    });

    it('refuses a tag that is none before any request', async () => {
      const counting = countingStore(store);
      await assert.rejects(retag(counting.store, 'v1', ['ok', 'a b'], keep, io), { code: 'invalid-reference' });
      assert.equal(counting.calls.length, 0);
    });

    it('says of a failure in the middle which tags are written and what the failed one names', async () => {
      const failing: ImageStore = {
        ...countingStore(store).store,
        pushTagged: (descriptor, bytes, tag, inner) => {
          if (tag === 'taken') return Promise.reject(new OciError('forbidden', 'the tag is protected'));
          return store.pushTagged(descriptor, bytes, tag, inner);
        },
      };
      await assert.rejects(retag(failing, 'v1', ['a', 'taken', 'b'], { overwrite: true }, io), {
        code: 'forbidden',
        side: 'target',
        message:
          `Tagging ${digest.slice(0, 19)} as taken (after a) failed: the tag is protected. ` +
          `The tag taken still names ${other} (unchanged).`,
      });
      assert.equal((await store.resolve('a', io)).digest, digest);
      await assert.rejects(store.resolve('b', io), { code: 'not-found' });
    });

    it('95: is done where the acknowledgement was lost', async () => {
      const losing: ImageStore = {
        ...countingStore(store).store,
        pushTagged: async (descriptor, bytes, tag, inner) => {
          await store.pushTagged(descriptor, bytes, tag, inner);
          throw new OciError('unavailable', 'the connection broke');
        },
      };
      assert.deepEqual((await retag(losing, 'v1', ['a'], keep, io)).moved, [{ tag: 'a' }]);
    });
  });
});
