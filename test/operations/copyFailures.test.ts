import assert from 'node:assert/strict';
import { opens } from '../../src/content/bytes.ts';
import { MemoryStore } from '../../src/content/memoryStore.ts';
import type { ImageStore, Io } from '../../src/content/store.ts';
import { OciError } from '../../src/errors.ts';
import { describe as describeBytes } from '../../src/oci/descriptor.ts';
import { isManifestType, mediaTypes } from '../../src/oci/mediaTypes.ts';
import { planAppend, pushAppend } from '../../src/operations/append.ts';
import { copyImage, executeCopy } from '../../src/operations/copy.ts';
import { planCopy } from '../../src/operations/plan.ts';
import { countingStore } from '../support/countingStore.ts';
import { testIo } from '../support/io.ts';
import { putImage, putIndex } from '../support/seededImage.ts';
import { validateImage } from '../support/validateImage.ts';
import { RepositoryLike } from './repositoryLike.ts';

const keep = { overwrite: false };
const broken = (): Promise<never> => Promise.reject(new OciError('unavailable', 'the registry is gone.'));
let io: Io;
describe('copyFailures.test', () => {
  beforeEach(() => void (io = testIo()));

  async function tagged(store: MemoryStore, tag: string, seed = 1): Promise<`sha256:${string}`> {
    const descriptor = await putImage(store, { seed }, io);
    await store.tag(descriptor, tag);
    return descriptor.digest as `sha256:${string}`;
  }

  /** A source whose tag v1 can be copied, and a target whose tag v1 names another image. */
  async function twoStores(): Promise<{ source: MemoryStore; target: RepositoryLike; digest: string; old: string }> {
    const [source, target] = [new MemoryStore(), new RepositoryLike()];
    return { source, target, digest: await tagged(source, 'v1'), old: await tagged(target, 'v1', 2) };
  }

  describe('executeCopy', () => {
    it('refuses to move a tag, naming both digests, before anything is written', async () => {
      const { source, target, digest, old } = await twoStores();
      const counting = countingStore(target);
      await assert.rejects(copyImage(source, 'v1', counting.store, { tag: 'v1', ...keep }, io), {
        code: 'already-exists',
        side: 'target',
        message:
          `The tag v1 names ${old.slice(0, 19)} and would move to ${digest.slice(0, 19)}. Nothing was written. ` +
          'Set overwrite to move it, or choose another tag.',
      });
      assert.equal(counting.count('push'), 0);
    });

    it('moves the tag where that was asked for', async () => {
      const { source, target, digest } = await twoStores();
      await copyImage(source, 'v1', target, { tag: 'v1', overwrite: true }, io);
      assert.equal((await validateImage(target, 'v1', io)).digest, digest);
    });

    it('249: copies what the tag named when it was resolved, though it moves meanwhile', async () => {
      const { source, digest } = await twoStores();
      const target = new RepositoryLike();
      const other = await putImage(source, { seed: 3 }, io);
      for (let at = 1; at <= 5; at++) {
        let requests = 0;
        const flip = async <T>(answer: Promise<T>): Promise<T> => {
          const result = await answer;
          if (++requests === at) await source.tag(other, 'v1');
          return result;
        };
        const moving: ImageStore = {
          ...countingStore(source).store,
          resolve: (identifier, inner) => flip(source.resolve(identifier, inner)),
          fetch: (descriptor, inner) => flip(source.fetch(descriptor, inner)),
        };
        const outcome = await copyImage(moving, 'v1', target, { tag: `copy-${at}`, ...keep }, io);
        assert.equal(outcome.descriptor.digest, digest);
        assert.equal((await validateImage(target, `copy-${at}`, io)).digest, digest);
        await source.tag(await source.resolve(digest, io), 'v1');
      }
    });

    it('250: leaves a target tag alone that somebody else has written since the plan was made', async () => {
      const { source, target, old } = await twoStores();
      const plan = await planCopy(source, 'v1', target, { tag: 'v1' }, io);
      const other = await putImage(target, { seed: 7 }, io);
      await target.tag(other, 'v1');
      await assert.rejects(executeCopy(plan, source, target, { overwrite: true }, io), {
        code: 'already-exists',
        message:
          `The tag v1 named ${old.slice(0, 19)} when this was started and names ${other.digest.slice(0, 19)} now: ` +
          'somebody else has written it. It was left as it is. Look at it and try again.',
      });
      assert.equal((await target.resolve('v1', io)).digest, other.digest);
    });

    it('263: ends well where another copy has written the same tag with the same image', async () => {
      const { source, target, digest } = await twoStores();
      const plan = await planCopy(source, 'v1', target, { tag: 'new' }, io);
      await copyImage(source, 'v1', target, { tag: 'new', ...keep }, io);
      await executeCopy(plan, source, target, keep, io);
      assert.equal((await target.resolve('new', io)).digest, digest);
    });

    it('264: twenty copies to one tag leave one of the twenty, whole', async () => {
      const source = new MemoryStore();
      const target = new RepositoryLike();
      const tags = Array.from({ length: 20 }, (_, at) => `v${at}`);
      const digests = await Promise.all(tags.map((tag, at) => tagged(source, tag, at)));
      const options = { tag: 'one', ...keep };
      const outcomes = await Promise.allSettled(tags.map((tag) => copyImage(source, tag, target, options, io)));
      assert.ok(outcomes.some(({ status }) => status === 'fulfilled'));
      assert.ok(digests.includes((await validateImage(target, 'one', io)).digest as `sha256:${string}`));
    });

    it('says that the target failed, what was being done and that the tag was left alone', async () => {
      const { source, target, digest, old } = await twoStores();
      const failing: ImageStore = { ...countingStore(target).store, push: broken };
      await assert.rejects(copyImage(source, 'v1', failing, { tag: 'v1', overwrite: true }, io), {
        code: 'unavailable',
        side: 'target',
        message: `Copying ${digest.slice(0, 19)} failed: the registry is gone. The tag v1 was left as it was (${old} when this began).`,
      });
    });

    it('does not say that a tag is unchanged that somebody else has moved meanwhile', async () => {
      const { source, target } = await twoStores();
      const third = await putImage(target, { seed: 3 }, io);
      const push = async (): Promise<never> => {
        await target.tag(third, 'v1');
        return broken();
      };
      const failing: ImageStore = { ...countingStore(target).store, push };
      const copying = copyImage(source, 'v1', failing, { tag: 'v1', overwrite: true }, io);
      const { message } = await copying.then(
        () => assert.fail('did not fail'),
        (error: unknown) => error as Error,
      );
      assert.doesNotMatch(message, /still|unchanged|now names/);
    });

    const bases: readonly (readonly [string, string | undefined, (digest: string) => string])[] = [
      ['its reference', 'example.com/base:v1', () => 'example.com/base:v1'],
      ['its digest', undefined, (digest) => digest.slice(0, 19)],
      ['scratch', 'scratch', () => 'scratch'],
    ];
    for (const [what, name, shown] of bases) {
      it(`says of an append that it was appending, and to what: ${what}`, async () => {
        const { source, target, digest } = await twoStores();
        const failing: ImageStore = { ...countingStore(target).store, push: broken };
        const bytes = Buffer.from('a layer');
        const { digest: layerDigest, size } = describeBytes(bytes, mediaTypes.layer);
        const known = { digest: layerDigest, diffId: layerDigest, size, open: opens(bytes) };
        const layer = { ...known, compression: 'none', entries: 1, contents: [], leaving: [] } as const;
        const base = name === 'scratch' ? 'scratch' : source;
        const choice = { layers: [layer], ...(name === undefined || base === 'scratch' ? {} : { baseName: name }) };
        const plan = await planAppend(base, 'v1', choice, io);
        await assert.rejects(pushAppend(plan, failing, { tag: 'new', overwrite: false }, io), {
          code: 'unavailable',
          message: `Appending to ${shown(digest)} failed: the registry is gone. The tag new was not made.`,
        });
      });
    }

    it('says that the source failed in the middle of a blob', async () => {
      const { source, target } = await twoStores();
      const failing: ImageStore = {
        ...countingStore(source).store,
        fetch: async (descriptor, inner) => {
          const whole = await source.fetch(descriptor, inner);
          if (isManifestType(descriptor.mediaType)) return whole;
          return (async function* () {
            yield Buffer.from('x');
            await broken();
          })();
        },
      };
      await assert.rejects(copyImage(failing, 'v1', target, { tag: 'new', ...keep }, io), {
        code: 'unavailable',
        side: 'source',
        message: /: the registry is gone\. The tag new was not made\.$/,
      });
      await assert.rejects(target.resolve('new', io), { code: 'not-found' });
    });

    it('125: refuses bytes of a source that are not those of the digest', async () => {
      const { source, target } = await twoStores();
      const { transfer } = await planCopy(source, 'v1', target, {}, io);
      const [first, second] = transfer;
      assert.ok(first !== undefined && second !== undefined);
      const mixed: ImageStore = {
        ...countingStore(source).store,
        // A cache in between that answers with another blob; what comes out of a store is verified.
        fetch: (descriptor, inner) => {
          return descriptor.digest === first.digest
            ? source.fetch({ ...second, digest: second.digest }, inner)
            : source.fetch(descriptor, inner);
        },
      };
      await assert.rejects(copyImage(mixed, 'v1', target, { tag: 'new', ...keep }, io), { code: 'content-mismatch' });
      await assert.rejects(target.resolve('new', io), { code: 'not-found' });
    });

    it('160: stops before anything is written where children are missing, and lists them all', async () => {
      const source = new MemoryStore();
      const target = countingStore(new RepositoryLike());
      const ghost = (letter: string, architecture: string) => ({
        mediaType: 'application/vnd.oci.image.manifest.v1+json',
        digest: `sha256:${letter.repeat(64)}` as const,
        size: 500,
        platform: { os: 'linux', architecture },
      });
      const more = [ghost('a', 's390x'), ghost('b', 'arm')];
      await source.tag(await putIndex(source, { more }, io), 'v1');
      await assert.rejects(copyImage(source, 'v1', target.store, { tag: 'v1', ...keep }, io), (error: unknown) => {
        assert.ok(error instanceof OciError);
        assert.deepEqual([error.code, error.side], ['not-found', 'source']);
        assert.match(error.message, /^2 of the manifests below sha256:[0-9a-f]{12} are not in the source: /);
        for (const { digest } of more) assert.ok(error.message.includes(digest));
        assert.match(error.message, /"linux\/s390x"/);
        return true;
      });
      assert.equal(target.count('push'), 0);
      const platforms = [{ os: 'linux', architecture: 'arm64' }];
      await copyImage(source, 'v1', target.store, { tag: 'v1', platforms, ...keep }, io);
      await validateImage(target.store, 'v1', io);
    });

    it('152: brings a blob once more that went after it was planned as present', async () => {
      const [source, target] = [new MemoryStore(), new RepositoryLike()];
      const index = await putIndex(source, {}, io);
      await source.tag(index, 'v1');
      await copyImage(source, 'v1', target, { tag: 'whole', ...keep }, io);
      const plan = await planCopy(source, 'v1', target, { tag: 'v1' }, io);
      assert.equal(plan.transfer.length, 0);
      const gone = plan.present[0];
      assert.ok(gone !== undefined);
      await target.deleteManifest(gone.digest);
      await executeCopy(plan, source, target, keep, io);
      await validateImage(target, 'v1', io);
    });

    it('152: brings a child manifest once more that went before its index was written', async () => {
      const [source, inner] = [new MemoryStore(), new RepositoryLike()];
      const index = await putIndex(source, {}, io);
      await source.tag(index, 'v1');
      let deleted = 0;
      const target: ImageStore = {
        ...countingStore(inner).store,
        pushTagged: async (descriptor, bytes, tag, inside) => {
          const { levels } = await planCopy(source, 'v1', inner, {}, io);
          const child = levels[0]?.[0];
          assert.ok(child !== undefined);
          if (deleted++ === 0) await inner.deleteManifest(child.descriptor.digest);
          await inner.pushTagged(descriptor, bytes, tag, inside);
        },
      };
      await copyImage(source, 'v1', target, { tag: 'v1', ...keep }, io);
      assert.equal(deleted, 2);
      await validateImage(inner, 'v1', io);
    });

    it('95: is done where the acknowledgement of the tag was lost', async () => {
      const { source, target, digest } = await twoStores();
      const losing: ImageStore = {
        ...countingStore(target).store,
        pushTagged: async (descriptor, bytes, tag, inside) => {
          await target.pushTagged(descriptor, bytes, tag, inside);
          await broken();
        },
      };
      const outcome = await copyImage(source, 'v1', losing, { tag: 'v1', overwrite: true }, io);
      assert.equal(outcome.descriptor.digest, digest);
      assert.equal((await target.resolve('v1', io)).digest, digest);
    });

    it('says that nobody knows what the tag names where it cannot be read after a failure', async () => {
      const { source, target } = await twoStores();
      let gone = false;
      const failing: ImageStore = {
        ...countingStore(target).store,
        resolve: (identifier, inner) => (gone ? broken() : target.resolve(identifier, inner)),
        pushTagged: () => {
          gone = true;
          return broken();
        },
      };
      await assert.rejects(copyImage(source, 'v1', failing, { tag: 'v1', overwrite: true }, io), {
        code: 'unavailable',
        message: /What the tag v1 names now could not be read: look before you try again\.$/,
      });
    });
  });
});
