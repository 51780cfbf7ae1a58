import assert from 'node:assert/strict';
import { mediaTypes } from '../../src/oci/mediaTypes.ts';
import { contractImage } from '../support/contractImage.ts';
import type { Answer } from '../support/send.ts';
import { digest, image, json, layerDigest, nextOf, serveEach } from '../support/servedRegistry.ts';

describe('listTags and listRepositories', () => {
  const served = serveEach();

  it('lists tags in order, in pages', async () => {
    await served.pushImage('app', 'v2', 'V10', 'latest', 'a', 'V1');
    const all = await served.ask('GET', '/v2/app/tags/list');
    assert.deepEqual(json(all), { name: 'app', tags: ['a', 'latest', 'V1', 'V10', 'v2'] });
    assert.equal(all.headers['link'], undefined);
    const seen: unknown[] = [];
    for (let url: string | undefined = '/v2/app/tags/list?n=2'; url !== undefined;) {
      const page: Answer = await served.ask('GET', url);
      seen.push((json(page) as { tags: string[] }).tags);
      url = nextOf(page);
    }
    assert.deepEqual(seen, [['a', 'latest'], ['V1', 'V10'], ['v2']]);
  });

  const pages: readonly (readonly [string, readonly string[]])[] = [
    ['?n=0', []],
    ['?last=b', ['c', 'd']],
    ['?last=bb&n=1', ['c']],
    ['?last=d', []],
    ['?n=99', ['a', 'b', 'c', 'd']],
  ];
  for (const [query, expected] of pages) {
    it(`lists tags with ${query}`, async () => {
      await served.pushImage('app', 'a', 'b', 'c', 'd');
      const answer = await served.ask('GET', `/v2/app/tags/list${query}`);
      assert.deepEqual((json(answer) as { tags: string[] }).tags, expected);
    });
  }

  for (const n of ['-1', 'x', '1e9', '99999999999']) {
    it(`refuses to list ${n} tags`, async () => {
      await served.pushImage('app', 'a');
      assert.equal((await served.ask('GET', `/v2/app/tags/list?n=${n}`)).status, 400);
    });
  }

  it('lists repositories that hold a manifest, in pages', async () => {
    for (const name of ['team/web', 'app', 'team/api']) await served.pushImage(name, 'v1');
    await served.pushBlob('only-a-blob', 'x');
    assert.deepEqual(json(await served.ask('GET', '/v2/_catalog')), { repositories: ['app', 'team/api', 'team/web'] });
    const page = await served.ask('GET', '/v2/_catalog?n=1&last=app');
    assert.deepEqual(json(page), { repositories: ['team/api'] });
    assert.equal(page.headers['link'], '</v2/_catalog?n=1&last=team%2Fapi>; rel="next"');
  });

  it('still lists a repository whose only manifest lost its tag', async () => {
    await served.pushImage('app', 'v1');
    await served.ask('DELETE', '/v2/app/manifests/v1');
    assert.deepEqual(json(await served.ask('GET', '/v2/_catalog')), { repositories: ['app'] });
    await served.ask('DELETE', `/v2/app/manifests/${digest}`);
    assert.deepEqual(json(await served.ask('GET', '/v2/_catalog')), { repositories: [] });
  });
});

describe('listReferrers', () => {
  const served = serveEach();

  const signature = contractImage({ artifactType: 'application/x-signature', subject: image.descriptor });
  const bom = contractImage({ subject: image.descriptor, annotations: { tool: 'bom' } });

  it('lists what refers to a manifest, also before that is there', async () => {
    await served.pushImage('app');
    const put = await served.putManifest('app', signature.descriptor.digest, signature.manifest);
    assert.equal(put.headers['oci-subject'], digest);
    await served.putManifest('app', 'bom', bom.manifest);
    const answer = await served.ask('GET', `/v2/app/referrers/${digest}`);
    assert.equal(answer.headers['content-type'], mediaTypes.index);
    assert.equal(answer.headers['oci-filters-applied'], undefined);
    const { manifests } = json(answer) as { manifests: { digest: string }[] };
    assert.deepEqual(
      [...manifests].sort((a, b) => (a.digest < b.digest ? -1 : 1)),
      [
        { ...signature.descriptor, annotations: {}, artifactType: 'application/x-signature' },
        { ...bom.descriptor, annotations: { tool: 'bom' }, artifactType: mediaTypes.config },
      ].sort((a, b) => (a.digest < b.digest ? -1 : 1)),
    );
  });

  it('lists only those of one type when asked to, and says so', async () => {
    await served.pushImage('app');
    for (const each of [signature, bom]) await served.putManifest('app', each.descriptor.digest, each.manifest);
    const answer = await served.ask('GET', `/v2/app/referrers/${digest}?artifactType=application/x-signature`);
    assert.equal(answer.headers['oci-filters-applied'], 'artifactType');
    const { manifests } = json(answer) as { manifests: { digest: string }[] };
    assert.deepEqual(
      manifests.map((each) => each.digest),
      [signature.descriptor.digest],
    );
  });

  it('lists in pages', async () => {
    await served.pushImage('app');
    for (const each of [signature, bom]) await served.putManifest('app', each.descriptor.digest, each.manifest);
    const first = await served.ask('GET', `/v2/app/referrers/${digest}?n=1&artifactType=${mediaTypes.config}`);
    const next = nextOf(first) ?? '';
    const second = await served.ask('GET', next);
    assert.equal(second.headers['link'], undefined);
    const found = [first, second].flatMap((each) => (json(each) as { manifests: { digest: string }[] }).manifests);
    assert.deepEqual(
      found.map((each) => each.digest),
      [bom.descriptor.digest],
    );
  });

  it('is an empty index for a manifest or repository that nobody knows', async () => {
    for (const repository of ['app', 'nobody']) {
      const answer = await served.ask('GET', `/v2/${repository}/referrers/${layerDigest}`);
      assert.equal(answer.status, 200);
      assert.deepEqual(json(answer), { schemaVersion: 2, mediaType: mediaTypes.index, manifests: [] });
    }
    assert.equal((await served.ask('GET', '/v2/app/referrers/latest')).code, 'DIGEST_INVALID');
  });

  it('no longer lists what was deleted', async () => {
    await served.pushImage('app');
    await served.putManifest('app', 'sig', signature.manifest);
    assert.equal((await served.ask('DELETE', `/v2/app/manifests/${signature.descriptor.digest}`)).status, 202);
    const answer = await served.ask('GET', `/v2/app/referrers/${digest}`);
    assert.deepEqual((json(answer) as { manifests: unknown[] }).manifests, []);
  });
});
