import assert from 'node:assert/strict';
import { opens, readAll } from '../../src/content/bytes.ts';
import { MemoryStore } from '../../src/content/memoryStore.ts';
import { Remembered } from '../../src/content/remembered.ts';
import type { ImageSource } from '../../src/content/store.ts';
import { type Descriptor, describe as describeBytes } from '../../src/oci/descriptor.ts';
import { mediaTypes } from '../../src/oci/mediaTypes.ts';
import { testIo } from '../support/io.ts';
import { seededBytes } from '../support/seededImage.ts';

describe('Remembered', () => {
  let store: MemoryStore;
  let asked: string[];

  beforeEach(() => {
    store = new MemoryStore();
    asked = [];
  });

  const watched = (): ImageSource => ({
    fetch: (descriptor, io) => {
      asked.push(descriptor.digest);
      return store.fetch(descriptor, io);
    },
    resolve: (identifier, io) => {
      asked.push(identifier);
      return store.resolve(identifier, io);
    },
  });
  const put = async (bytes: Uint8Array): Promise<Descriptor> => {
    const descriptor = describeBytes(bytes, mediaTypes.config);
    await store.push(descriptor, opens(bytes), testIo());
    return descriptor;
  };
  const read = async (source: ImageSource, descriptor: Descriptor): Promise<Uint8Array> =>
    readAll(await source.fetch(descriptor, testIo()), 4 << 20, 'it');

  it('reads small content once, over every store, and large content each time', async () => {
    const remembered = new Remembered();
    const [small, large] = [seededBytes(1, 1 << 20), seededBytes(2, (1 << 20) + 1)];
    for (const bytes of [small, large]) {
      const descriptor = await put(bytes);
      for (let time = 0; time < 2; time++) {
        assert.deepEqual(Buffer.from(await read(remembered.over(watched()), descriptor)), bytes);
      }
    }
    assert.equal(asked.length, 3);
    remembered.clear();
    await read(remembered.over(watched()), await put(small));
    assert.equal(asked.length, 4);
  });

  it('does not give content out for a descriptor of another size', async () => {
    const source = new Remembered().over(watched());
    const descriptor = await put(Buffer.from('content'));
    await read(source, descriptor);
    await assert.rejects(read(source, { ...descriptor, size: 3 }), { code: 'content-mismatch' });
  });

  it('forgets the oldest where it has too much', async () => {
    const source = new Remembered(250).over(watched());
    const [first, second, third] = [
      await put(seededBytes(1, 100)),
      await put(seededBytes(2, 100)),
      await put(seededBytes(3, 100)),
    ];
    for (const descriptor of [first, second, third, third, second]) await read(source, descriptor);
    assert.equal(asked.length, 3);
    await read(source, first);
    assert.equal(asked.length, 4);
  });

  it('resolves a tag once, but asks again where that failed', async () => {
    const source = new Remembered().over(watched());
    await assert.rejects(source.resolve('1', testIo()), { code: 'not-found' });
    const [one, other] = [await put(Buffer.from('one')), await put(Buffer.from('other'))];
    await store.tag(one, '1');
    assert.equal((await source.resolve('1', testIo())).digest, one.digest);
    await store.tag(other, '1');
    assert.equal((await source.resolve('1', testIo())).digest, one.digest);
    assert.deepEqual(asked, ['1', '1']);
  });
});
