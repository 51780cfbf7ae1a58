import assert from 'node:assert/strict';
import { Layers } from '../../src/archive/layers.ts';
import { defaultLayerLimits, type LayerIndex } from '../../src/archive/layerIndex.ts';
import { BlobCache } from '../../src/content/blobCache.ts';
import { testIo } from '../support/io.ts';
import { storedImage, tarOfFiles } from '../support/storedImage.ts';
import { newTempDir, removeTempDir } from '../support/tempDir.ts';

/** Layers that count how often they are asked what they hold, and can hold an answer back. */
class CountingLayers extends Layers {
  asked = 0;
  before: (asked: number) => Promise<unknown> = () => Promise.resolve();

  constructor(directory: string, entries = defaultLayerLimits.entries) {
    const limits = { ...defaultLayerLimits, entries };
    super({ cache: new BlobCache(() => ({ directory, maxBytes: 1 << 20 })), limits: () => limits });
  }

  override async index(...given: Parameters<Layers['index']>): Promise<LayerIndex> {
    await this.before(++this.asked);
    return super.index(...given);
  }
}

describe('ImageFiles', () => {
  let folder: string;
  let layers: CountingLayers;

  beforeEach(async () => {
    folder = await newTempDir();
    layers = new CountingLayers(folder);
  });
  afterEach(async () => removeTempDir(folder));

  const image = () => storedImage(layers, [tarOfFiles({ a: '1' }), tarOfFiles({ b: '2' }), tarOfFiles({ c: '3' })]);

  it('does not ask again what layers hold that are applied: it may have been forgotten, and be long', async () => {
    const files = await image();
    await files.filesystem({}, testIo());
    layers.asked = 0;
    const stack = await files.filesystem({}, testIo());
    assert.deepEqual([...(stack.root.children?.keys() ?? [])], ['a', 'b', 'c']);
    assert.deepEqual(
      (await files.changes(1, {}, testIo())).map(({ path }) => path),
      ['b'],
    );
    assert.equal(layers.asked, 0);
  });

  it('does not hold more entries of all layers together than of one', async () => {
    layers = new CountingLayers(folder, 2);
    const files = await image();
    const says =
      /^the layers of sha256:[0-9a-f]{12} have more than 2 entries together\. Raise the setting gantry\.inspect\.maxLayerEntries/;
    await assert.rejects(files.filesystem({}, testIo()), { code: 'too-large', message: says });
    assert.equal((await files.changes(1, {}, testIo())).length, 1, 'what is below the limit can be looked at');
    assert.equal((await files.layer(2, {}, testIo())).entries.length, 1);
    await assert.rejects(files.filesystem({}, testIo()), { code: 'too-large' });
  });

  it('reads only what is not applied yet', async () => {
    const files = await image();
    await files.changes(1, {}, testIo());
    layers.asked = 0;
    await files.filesystem({}, testIo());
    assert.equal(layers.asked, 2, 'the last layer, to read it and to apply it');
  });

  it('leaves who cancels at once, though layers are applied for others', async () => {
    const files = await image();
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const applying = new Promise<void>((begun) => {
      layers.before = (asked) => {
        if (asked <= 3) return Promise.resolve();
        begun();
        return promise;
      };
    });
    const controller = new AbortController();
    const other = files.filesystem({}, testIo());
    await applying;
    const left = files.filesystem({}, { signal: controller.signal });
    controller.abort(new Error('enough'));
    await assert.rejects(left, /enough/);
    resolve(undefined);
    assert.equal((await other).root.children?.size, 3);
  });
});
