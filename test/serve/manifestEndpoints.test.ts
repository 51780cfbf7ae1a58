import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mediaTypes } from '../../src/oci/mediaTypes.ts';
import { contractImage } from '../support/contractImage.ts';
import { digest, image, json, layerDigest, serveEach, text } from '../support/servedRegistry.ts';

describe('getManifest', () => {
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
});

describe('putManifest', () => {
  const served = serveEach();

  it('says where the manifest is and what its digest is', async () => {
    await served.pushImage('app');
    const answer = await served.putManifest('app', 'v1', image.manifest);
    assert.equal(answer.status, 201);
    assert.equal(answer.headers.location, `/v2/app/manifests/${digest}`);
    assert.equal(answer.headers['docker-content-digest'], digest);
  });

  it('takes a manifest by its digest, sha512 too', async () => {
    await served.pushImage('app');
    assert.equal((await served.putManifest('app', digest, image.manifest)).status, 201);
    const named = `sha512:${createHash('sha512').update(image.manifest).digest('hex')}`;
    assert.equal((await served.putManifest('app', named, image.manifest)).status, 201);
    assert.deepEqual((await served.ask('GET', `/v2/app/manifests/${named}`)).body, image.manifest);
    assert.deepEqual(json(await served.ask('GET', '/v2/app/tags/list')), { name: 'app', tags: [] });
  });

  it('moves a tag', async () => {
    await served.pushImage('app', 'latest');
    const other = contractImage({ annotations: { version: '2' } });
    assert.equal((await served.putManifest('app', 'latest', other.manifest)).status, 201);
    const moved = await served.ask('HEAD', '/v2/app/manifests/latest');
    assert.equal(moved.headers['docker-content-digest'], other.descriptor.digest);
    assert.equal(await served.head(`/v2/app/manifests/${digest}`), 200);
  });

  it('loses no tag of many that are written at once', async () => {
    await served.pushImage('app');
    const tags = Array.from({ length: 30 }, (_, at) => `t${at}`);
    await Promise.all(tags.map((tag) => served.putManifest('app', tag, image.manifest)));
    const { tags: found } = json(await served.ask('GET', '/v2/app/tags/list')) as { tags: string[] };
    assert.deepEqual(found, [...tags].sort());
  });

  it('takes an index once its children are there', async () => {
    const index = JSON.stringify({ schemaVersion: 2, mediaType: mediaTypes.index, manifests: [image.descriptor] });
    await served.pushImage('app');
    const early = await served.putManifest('app', 'all', index, mediaTypes.index);
    assert.deepEqual([early.status, early.code], [400, 'MANIFEST_BLOB_UNKNOWN']);
    await served.putManifest('app', digest, image.manifest);
    assert.equal((await served.putManifest('app', 'all', index, mediaTypes.index)).status, 201);
    assert.equal((await served.ask('HEAD', '/v2/app/manifests/all')).headers['content-type'], mediaTypes.index);
  });

  it('names the blob that is missing', async () => {
    await served.pushBlob('app', image.config);
    const answer = await served.putManifest('app', 'v1', image.manifest);
    assert.deepEqual([answer.status, answer.code], [400, 'MANIFEST_BLOB_UNKNOWN']);
    assert.ok(text(answer).includes(layerDigest));
    assert.equal(await served.head('/v2/app/manifests/v1'), 404);
  });

  it('does not take the blob of another repository for its own', async () => {
    await served.pushImage('one');
    assert.equal((await served.putManifest('two', 'v1', image.manifest)).code, 'MANIFEST_BLOB_UNKNOWN');
  });

  const type = mediaTypes.manifest;
  const foreign = { mediaType: mediaTypes.dockerForeignLayer, digest: `sha256:${'f'.repeat(64)}`, size: 9 };
  const wrongSize = { mediaType: mediaTypes.layer, digest: layerDigest, size: 21 };
  const manifests: readonly (readonly [string, string, string | Uint8Array, string, number, string])[] = [
    ['a foreign layer that is not there', 'v1', contractImage({ layers: [foreign] }).manifest, type, 201, ''],
    ['a wrong layer size', 'v1', contractImage({ layers: [wrongSize] }).manifest, type, 400, 'MANIFEST_INVALID'],
    ['another digest', `sha256:${'a'.repeat(64)}`, image.manifest, type, 400, 'DIGEST_INVALID'],
    ['a malformed digest', 'sha256:abc', image.manifest, type, 400, 'DIGEST_INVALID'],
    ['a tag that is none', '-v1', image.manifest, type, 400, 'MANIFEST_INVALID'],
    ['another Content-Type', 'v1', image.manifest, mediaTypes.dockerManifest, 400, 'MANIFEST_INVALID'],
    ['no fitting Content-Type', 'v1', image.manifest, 'application/json', 400, 'MANIFEST_INVALID'],
    ['a parameter in Content-Type', 'v1', image.manifest, `${type}; charset=utf-8`, 201, ''],
    ['an image and an index in one', 'v1', contractImage({ manifests: [] }).manifest, type, 400, 'MANIFEST_INVALID'],
    ['no JSON', 'v1', 'hello', type, 400, 'MANIFEST_INVALID'],
    ['nothing', 'v1', '', type, 400, 'MANIFEST_INVALID'],
    ['more than 4 MiB', 'v1', ' '.repeat((4 << 20) + 1), type, 413, 'SIZE_INVALID'],
  ];
  for (const [what, reference, body, contentType, status, code] of manifests) {
    it(`${what}: answers ${status}`, async () => {
      await served.pushImage('app');
      const answer = await served.putManifest('app', reference, body, contentType);
      assert.equal(answer.status, status, text(answer));
      assert.equal(answer.code ?? '', code);
    });
  }

  it('stops reading a manifest of unknown length at 4 MiB', async () => {
    const headers = { 'content-type': type, 'transfer-encoding': 'chunked' };
    const answer = await served.ask('PUT', '/v2/app/manifests/v1', { body: ' '.repeat(5 << 20), headers });
    assert.equal(answer.status, 413);
  });
});

describe('deleteManifest', () => {
  const served = serveEach();

  it('removes a tag and nothing else', async () => {
    await served.pushImage('app', 'v1', 'v2');
    assert.equal((await served.ask('DELETE', '/v2/app/manifests/v1')).status, 202);
    assert.equal(await served.head('/v2/app/manifests/v1'), 404);
    assert.equal(await served.head('/v2/app/manifests/v2'), 200);
    assert.equal((await served.ask('DELETE', '/v2/app/manifests/v1')).code, 'MANIFEST_UNKNOWN');
  });

  it('removes a manifest with its tags, in this repository only', async () => {
    for (const name of ['app', 'app2']) await served.pushImage(name, 'v1', 'v2');
    assert.equal((await served.ask('DELETE', `/v2/app/manifests/${digest}`)).status, 202);
    for (const gone of ['v1', 'v2', digest]) {
      assert.equal(await served.head(`/v2/app/manifests/${gone}`), 404);
      assert.equal(await served.head(`/v2/app2/manifests/${gone}`), 200);
    }
  });
});
