import assert from 'node:assert/strict';
import { digest, image, json, layerDigest, nextOf, serveEach, text } from '../support/servedRegistry.ts';
import { type Answer } from '../support/send.ts';
import { contractImage, pushContractImage } from '../support/contractImage.ts';
import { createHash } from 'node:crypto';
import { digestOf } from '../../src/oci/digest.ts';
import { mediaTypes } from '../../src/oci/mediaTypes.ts';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import net from 'node:net';
import path from 'node:path';
import { testIo } from '../support/io.ts';
import { listen } from '../support/listen.ts';
import { needs } from '../support/tools.ts';
import { LayoutStore } from '../../src/layout/layoutStore.ts';
import { LocalRegistry } from '../../src/serve/localRegistry.ts';
import { execFileSync } from 'node:child_process';

describe('pull', () => {
  const served = serveEach();
  it('gives back the exact bytes, type and digest of a manifest', async () => {
    await served.pushImage('team/app', 'v1');
    for (const reference of ['v1', digest]) {
      for (const method of ['GET', 'HEAD']) {
        const answer = await served.ask(method, `/v2/team/app/manifests/${reference}`);
        assert.equal(answer.status, 200);
        assert.equal(answer.headers['content-type'], mediaTypes.manifest);
        assert.equal(answer.headers['docker-content-digest'], digest);
        assert.equal(answer.headers['content-length'], String(image.manifest.length));
        assert.deepEqual(answer.body, method === 'GET' ? image.manifest : Buffer.alloc(0));
      }
    }
  });

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

  it('keeps what belongs to one repository out of the others', async () => {
    await served.pushImage('one', 'v1');
    for (const url of [`blobs/${layerDigest}`, `manifests/${digest}`, 'manifests/v1']) {
      assert.equal((await served.ask('GET', `/v2/one/${url}`)).status, 200);
      assert.equal((await served.ask('GET', `/v2/two/${url}`)).status, 404);
    }
  });

  const unknown: readonly (readonly [string, string, number, string])[] = [
    ['GET', `/v2/app/blobs/${layerDigest}`, 404, 'BLOB_UNKNOWN'],
    ['GET', `/v2/app/manifests/${digest}`, 404, 'MANIFEST_UNKNOWN'],
    ['GET', '/v2/app/manifests/v9', 404, 'MANIFEST_UNKNOWN'],
    ['GET', '/v2/app/manifests/.INVALID', 404, 'MANIFEST_UNKNOWN'],
    ['GET', '/v2/nobody/tags/list', 404, 'NAME_UNKNOWN'],
    ['GET', '/v2/app/blobs/sha256:abc', 400, 'DIGEST_INVALID'],
    ['GET', '/v2/app/manifests/sha256:..%2F..%2Fcanary', 404, 'UNSUPPORTED'],
    ['GET', '/v2/app/blobs/md5:d41d8cd98f00b204e9800998ecf8427e', 400, 'DIGEST_INVALID'],
    ['GET', '/v2/App/tags/list', 400, 'NAME_INVALID'],
    ['GET', '/v2/..%2F..%2Fetc/tags/list', 400, 'NAME_INVALID'],
    ['GET', '/v2/a//b/tags/list', 400, 'NAME_INVALID'],
    ['GET', `/v2/${'a'.repeat(240)}/tags/list`, 400, 'NAME_INVALID'],
    ['GET', '/v2/%ff/tags/list', 400, 'NAME_INVALID'],
    ['GET', '/v2/app/nothing', 404, 'UNSUPPORTED'],
    ['GET', '/', 404, 'UNSUPPORTED'],
    ['GET', `/v2/${'a'.repeat(9000)}`, 414, 'NAME_INVALID'],
    ['POST', '/v2/', 405, 'UNSUPPORTED'],
    ['PUT', '/v2/app/tags/list', 405, 'UNSUPPORTED'],
    ['PATCH', `/v2/app/blobs/${layerDigest}`, 405, 'UNSUPPORTED'],
    ['constructor', `/v2/app/blobs/${layerDigest}`, 400, ''],
  ];
  for (const [method, url, status, code] of unknown) {
    it(`answers ${method} ${url.slice(0, 50)} with ${status}`, async () => {
      const answer = await served.ask(method, url);
      assert.equal(answer.status, status);
      assert.equal(answer.code ?? '', code);
    });
  }
});
