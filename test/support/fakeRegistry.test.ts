import assert from 'node:assert/strict';
import { type FakeRegistry, startFakeRegistry } from './fakeRegistry.ts';

const index = 'application/vnd.oci.image.index.v1+json';

describe('startFakeRegistry', () => {
  let registry: FakeRegistry | undefined;
  afterEach(async () => {
    await registry?.stop();
    registry = undefined;
  });
  const start = async (options: Parameters<typeof startFakeRegistry>[0] = {}): Promise<FakeRegistry> =>
    (registry = await startFakeRegistry(options));

  it('takes chunks that fit, refuses others, and stores a blob under its digest only', async () => {
    const fake = await start({ chunkMinLength: 4 });
    const begin = await fetch(`${fake.origin}/v2/a/blobs/uploads/`, { method: 'POST' });
    assert.deepEqual([begin.status, begin.headers.get('oci-chunk-min-length')], [202, '4']);
    const session = `${fake.origin}${begin.headers.get('location') ?? ''}`;
    const send = async (range: string, body: string): Promise<readonly [number, string | null]> => {
      const answer = await fetch(session, { method: 'PATCH', headers: { 'content-range': range }, body });
      return [answer.status, answer.headers.get('range')];
    };
    assert.deepEqual(await send('0-3', 'abcd'), [202, '0-3']);
    assert.deepEqual(await send('9-12', 'abcd'), [416, '0-3']);
    assert.deepEqual(await send('4-5', 'ef'), [202, '0-5']);
    assert.deepEqual(await send('6-7', 'gh'), [400, null]);
    const digest = 'sha256:bef57ec7f53a6d40beb640a780a639c83bc29ac8a9816f1fc6c5c6dcd93c4721';
    const done = await fetch(`${session}?digest=${digest}`, { method: 'PUT' });
    assert.deepEqual([done.status, done.headers.get('docker-content-digest')], [201, digest]);
    const part = await fetch(`${fake.origin}/v2/a/blobs/${digest}`, { headers: { range: 'bytes=2-' } });
    assert.deepEqual([part.status, part.headers.get('content-range'), await part.text()], [206, 'bytes 2-5/6', 'cdef']);
    const mount = await fetch(`${fake.origin}/v2/b/blobs/uploads/?mount=${digest}&from=a`, { method: 'POST' });
    assert.equal(mount.status, 201);
    assert.equal(fake.uploads.size, 0);
  });

  it('pages tags and lists referrers', async () => {
    const fake = await start({ pageSize: 2 });
    for (const tag of ['c', 'a', 'b']) fake.putManifest('x', index, '{"manifests":[]}', tag);
    const first = await fetch(`${fake.origin}/v2/x/tags/list?n=5`);
    assert.deepEqual(await first.json(), { name: 'x', tags: ['a', 'b'] });
    assert.equal(first.headers.get('link'), '</v2/x/tags/list?last=b&n=2>; rel="next"');
    const second = await fetch(`${fake.origin}/v2/x/tags/list?last=b&n=2`);
    assert.deepEqual([await second.json(), second.headers.get('link')], [{ name: 'x', tags: ['c'] }, null]);
    const digest = fake.putManifest('x', index, '{}');
    const referrer = fake.putManifest('x', index, `{"artifactType":"a/b","subject":{"digest":"${digest}"}}`);
    const listed = (await (await fetch(`${fake.origin}/v2/x/referrers/${digest}`)).json()) as { manifests: unknown };
    assert.deepEqual(listed.manifests, [{ mediaType: index, digest: referrer, size: 117, artifactType: 'a/b' }]);
  });

  it('refuses a manifest whose blobs are missing', async () => {
    const fake = await start();
    const body = '{"config":{"digest":"sha256:0"},"layers":[]}';
    const answer = await fetch(`${fake.origin}/v2/x/manifests/t`, { method: 'PUT', body });
    assert.equal(answer.status, 400);
    assert.match(await answer.text(), /MANIFEST_BLOB_UNKNOWN.*sha256:0/);
  });

  it('lets a test answer, and keeps a log of requests', async () => {
    const fake = await start({ rateLimit: 1 });
    assert.equal((await fetch(`${fake.origin}/v2/`)).status, 200);
    const limited = await fetch(`${fake.origin}/v2/`);
    assert.deepEqual([limited.status, limited.headers.get('retry-after')], [429, '1']);
    fake.override = () => ({ status: 418, body: 'tea' });
    assert.equal(await (await fetch(`${fake.origin}/v2/`)).text(), 'tea');
    fake.override = () => 'reset';
    await assert.rejects(fetch(`${fake.origin}/v2/?x=1`));
    assert.deepEqual(
      fake.requests.map(({ method, path }) => `${method} ${path}`),
      ['GET /v2/', 'GET /v2/', 'GET /v2/', 'GET /v2/?x=1'],
    );
  });
});
