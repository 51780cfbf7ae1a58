import assert from 'node:assert/strict';
import { opens, readAll } from '../../src/content/bytes.ts';
import type { ImageStore } from '../../src/content/store.ts';
import { describe as describeBytes } from '../../src/oci/descriptor.ts';
import { mediaTypes } from '../../src/oci/mediaTypes.ts';
import { layer, layerDescriptor } from './contractImage.ts';
import { testIo } from './io.ts';

/** What every store passes that gives out parts of blobs. */
export function rangeContract(store: () => ImageStore): void {
  const part = async (start: number, end: number, descriptor = layerDescriptor): Promise<string> => {
    const stream = await store().fetchRange?.(descriptor, { start, end }, testIo());
    assert.ok(stream !== undefined);
    return Buffer.from(await readAll(stream, 64 << 20, 'the part')).toString('latin1');
  };

  it('gives out exactly the bytes that were asked for', async function () {
    if (store().fetchRange === undefined) this.skip();
    await store().push(layerDescriptor, opens(layer), testIo());
    const text = layer.toString('latin1');
    assert.equal(await part(0, layer.length), text);
    assert.equal(await part(0, 1), text.slice(0, 1));
    assert.equal(await part(4, 9), text.slice(4, 9));
    assert.equal(await part(layer.length - 1, layer.length), text.slice(-1));
    assert.equal(await part(7, 7), '');
  });

  it('gives out a part from the middle of a large blob', async function () {
    if (store().fetchRange === undefined) this.skip();
    const bytes = Buffer.alloc(5 << 20, 'the content of a layer, ');
    const descriptor = describeBytes(bytes, mediaTypes.layer);
    await store().push(descriptor, opens(bytes), testIo());
    const [start, end] = [2_000_003, 4_500_001];
    assert.equal(await part(start, end, descriptor), bytes.toString('latin1', start, end));
  });

  it('refuses a part that the blob does not have', async function () {
    if (store().fetchRange === undefined) this.skip();
    await store().push(layerDescriptor, opens(layer), testIo());
    for (const [start, end] of [
      [0, layer.length + 1],
      [layer.length + 1, layer.length + 2],
      [5, 4],
      [-1, 4],
      [0.5, 4],
      [0, NaN],
      [0, Infinity],
    ] as const) {
      await assert.rejects(part(start, end), { code: 'content-mismatch' });
    }
  });

  it('refuses a part of a blob that has another size than the descriptor says', async function () {
    if (store().fetchRange === undefined) this.skip();
    await store().push(layerDescriptor, opens(layer), testIo());
    const larger = { ...layerDescriptor, size: layer.length + 10 };
    await assert.rejects(part(0, layer.length + 1, larger), { code: 'content-mismatch' });
    await assert.rejects(part(layer.length + 1, layer.length + 2, larger), { code: 'content-mismatch' });
  });

  it('says that a blob is not there, and does nothing for a signal that has aborted', async function () {
    if (store().fetchRange === undefined) this.skip();
    await assert.rejects(part(0, 1), { code: 'not-found' });
    await store().push(layerDescriptor, opens(layer), testIo());
    const reason = new Error('cancelled before');
    const io = { signal: AbortSignal.abort(reason) };
    await assert.rejects(async () => store().fetchRange?.(layerDescriptor, { start: 0, end: 1 }, io), reason);
  });

  it('lets a reader of a part stop early', async function () {
    if (store().fetchRange === undefined) this.skip();
    const bytes = Buffer.alloc(3 << 20, 'gantry');
    const descriptor = describeBytes(bytes, mediaTypes.layer);
    await store().push(descriptor, opens(bytes), testIo());
    const stream = await store().fetchRange?.(descriptor, { start: 6, end: 3 << 20 }, testIo());
    assert.ok(stream !== undefined);
    for await (const chunk of stream) if (chunk.length > 0) break;
    assert.equal(await part(6, 12, descriptor), 'gantry');
  });
}
