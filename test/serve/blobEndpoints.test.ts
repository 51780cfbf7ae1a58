import assert from 'node:assert/strict';
import { image, layerDigest, serveEach, text } from '../support/servedRegistry.ts';

describe('getBlob', () => {
  const served = serveEach();

  it('gives back a blob', async () => {
    await served.pushBlob('app', image.layer);
    const answer = await served.ask('GET', `/v2/app/blobs/${layerDigest}`);
    assert.equal(answer.status, 200);
    assert.equal(text(answer), 'the bytes of a layer');
    assert.equal(answer.headers['docker-content-digest'], layerDigest);
    const head = await served.ask('HEAD', `/v2/app/blobs/${layerDigest}`);
    assert.equal(head.status, 200);
    assert.equal(head.headers['content-length'], '20');
  });

  const ranges: readonly (readonly [string, number, string, string | undefined])[] = [
    ['bytes=4-8', 206, 'bytes', 'bytes 4-8/20'],
    ['bytes=15-', 206, 'layer', 'bytes 15-19/20'],
    ['bytes=-5', 206, 'layer', 'bytes 15-19/20'],
    ['bytes=0-0', 206, 't', 'bytes 0-0/20'],
    ['bytes=15-99', 206, 'layer', 'bytes 15-19/20'],
    ['bytes=-99', 206, 'the bytes of a layer', 'bytes 0-19/20'],
    ['bytes=0-1,3-4', 200, 'the bytes of a layer', undefined],
    ['lines=1-2', 200, 'the bytes of a layer', undefined],
    ['bytes=8-4', 200, 'the bytes of a layer', undefined],
  ];
  for (const [range, status, expected, contentRange] of ranges) {
    it(`answers Range: ${range} with ${status}`, async () => {
      await served.pushBlob('app', image.layer);
      const answer = await served.ask('GET', `/v2/app/blobs/${layerDigest}`, { headers: { range } });
      assert.deepEqual([answer.status, text(answer)], [status, expected]);
      assert.equal(answer.headers['content-range'], contentRange);
    });
  }

  for (const range of ['bytes=20-', 'bytes=99-100', 'bytes=-0']) {
    it(`answers Range: ${range} with 416`, async () => {
      await served.pushBlob('app', image.layer);
      const answer = await served.ask('GET', `/v2/app/blobs/${layerDigest}`, { headers: { range } });
      assert.equal(answer.status, 416);
      assert.equal(answer.headers['content-range'], 'bytes */20');
    });
  }
});

describe('deleteBlob', () => {
  const served = serveEach();

  it('removes a blob, in this repository only', async () => {
    for (const name of ['one', 'two']) await served.pushBlob(name, image.layer);
    assert.equal((await served.ask('DELETE', `/v2/one/blobs/${layerDigest}`)).status, 202);
    assert.equal(await served.head(`/v2/one/blobs/${layerDigest}`), 404);
    assert.equal(await served.head(`/v2/two/blobs/${layerDigest}`), 200);
    assert.equal((await served.ask('DELETE', `/v2/one/blobs/${layerDigest}`)).code, 'BLOB_UNKNOWN');
  });
});
