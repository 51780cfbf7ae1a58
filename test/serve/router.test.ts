import assert from 'node:assert/strict';
import { digest, layerDigest, serveEach } from '../support/servedRegistry.ts';

describe('findTarget', () => {
  const served = serveEach();

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
