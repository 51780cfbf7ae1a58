import assert from 'node:assert/strict';
import { MemoryStore } from '../../src/content/memoryStore.ts';
import type { ImageStore, Io } from '../../src/content/store.ts';
import { OciError } from '../../src/errors.ts';
import { isManifestType } from '../../src/oci/mediaTypes.ts';
import { copyImage } from '../../src/operations/copy.ts';
import { countingStore } from '../support/countingStore.ts';
import { testIo } from '../support/io.ts';
import { putImage, putIndex } from '../support/seededImage.ts';
import { RepositoryLike } from './repositoryLike.ts';

const keep = { overwrite: false };
const broken = (): Promise<never> => Promise.reject(new OciError('unavailable', 'the registry is gone.'));
let io: Io;
describe('copyCancel.test', () => {
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

  describe('executeCopy, cancelled', () => {
    it('253: stops at every call of the target, throws the reason and leaves no tag', async () => {
      const source = new MemoryStore();
      await source.tag(await putIndex(source, {}, io), 'v1');
      const whole = countingStore(new RepositoryLike());
      await copyImage(source, 'v1', whole.store, { tag: 'v1', ...keep }, io);
      const calls = whole.calls.length;
      assert.equal(calls, 1 + 6 + 6 + 2 + 1 + 1);
      for (let at = 1; at < calls; at++) {
        const controller = new AbortController();
        const reason = new Error('enough');
        const inner = new RepositoryLike();
        let seen = 0;
        const target = stopping(inner, () => {
          if (++seen === at) controller.abort(reason);
        });
        const copying = copyImage(source, 'v1', target, { tag: 'v1', ...keep }, { signal: controller.signal });
        await assert.rejects(copying, (error) => error === reason, `cancelled at call ${at}`);
        await assert.rejects(inner.resolve('v1', io), { code: 'not-found' });
      }
    });

    it('253: ends a blob that never comes to its end', async () => {
      const source = new MemoryStore();
      await tagged(source, 'v1');
      const controller = new AbortController();
      const reason = new Error('enough');
      const hanging: ImageStore = {
        ...countingStore(source).store,
        fetch: async (descriptor, inner) => {
          if (isManifestType(descriptor.mediaType)) return source.fetch(descriptor, inner);
          setImmediate(() => controller.abort(reason));
          return (async function* () {
            yield Buffer.from('x');
            await new Promise((_, reject) => {
              inner.signal.addEventListener('abort', () => reject(inner.signal.reason as Error));
            });
          })();
        },
      };
      const target = new RepositoryLike();
      const copying = copyImage(hanging, 'v1', target, { tag: 'v1', ...keep }, { signal: controller.signal });
      await assert.rejects(copying, (error) => error === reason);
    });

    it('254: tells that it is done where the cancellation came after the manifest was sent', async () => {
      const { source, target, digest } = await twoStores();
      const controller = new AbortController();
      const late: ImageStore = {
        ...countingStore(target).store,
        pushTagged: async (descriptor, bytes, tag, inner) => {
          controller.abort(new Error('enough'));
          await target.pushTagged(descriptor, bytes, tag, inner);
        },
      };
      const options = { tag: 'v1', overwrite: true };
      const outcome = await copyImage(source, 'v1', late, options, { signal: controller.signal });
      assert.equal(outcome.descriptor.digest, digest);
      assert.equal((await target.resolve('v1', io)).digest, digest);
    });

    it('254: throws the reason where the cancelled tag was not written', async () => {
      const { source, target, old } = await twoStores();
      const controller = new AbortController();
      const reason = new Error('enough');
      const late: ImageStore = {
        ...countingStore(target).store,
        pushTagged: async () => {
          controller.abort(reason);
          await broken();
        },
      };
      const options = { tag: 'v1', overwrite: true };
      const copying = copyImage(source, 'v1', late, options, { signal: controller.signal });
      await assert.rejects(copying, (error) => error === reason);
      assert.equal((await target.resolve('v1', io)).digest, old);
    });
  });

  /** A target that calls `before` at the start of every call, and obeys its signal as stores do. */
  function stopping(inner: RepositoryLike, before: () => void): ImageStore {
    const guard = <A extends unknown[], T>(action: (...args: A) => Promise<T>) => {
      return async (...args: A): Promise<T> => {
        before();
        const last = args.at(-1) as Io;
        last.signal.throwIfAborted();
        return action(...args);
      };
    };
    const { store } = countingStore(inner);
    return {
      ...store,
      resolve: guard((...args: Parameters<ImageStore['resolve']>) => store.resolve(...args)),
      has: guard((...args: Parameters<ImageStore['has']>) => store.has(...args)),
      push: guard((...args: Parameters<ImageStore['push']>) => store.push(...args)),
      pushTagged: guard((...args: Parameters<RepositoryLike['pushTagged']>) => inner.pushTagged(...args)),
    };
  }
});
