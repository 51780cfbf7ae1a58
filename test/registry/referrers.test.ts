import assert from 'node:assert/strict';
import type { Descriptor } from '../../src/oci/descriptor.ts';
import { mediaTypes } from '../../src/oci/mediaTypes.ts';
import { contractImage } from '../support/contractImage.ts';
import { type FakeRegistry, startFakeRegistry } from '../support/fakeRegistry.ts';
import { testIo } from '../support/io.ts';
import { openRegistry, serving } from './open.ts';

const subject = contractImage().descriptor;
const tag = subject.digest.replace(':', '-');

function referrer(at: number): Descriptor {
  const digest = `sha256:${String(at).padStart(64, '0')}` as const;
  return { mediaType: mediaTypes.manifest, digest, size: 7, artifactType: 'application/vnd.example' };
}

function index(...manifests: readonly unknown[]): string {
  return JSON.stringify({ schemaVersion: 2, mediaType: mediaTypes.index, manifests });
}

describe('listReferrers', () => {
  let fake: FakeRegistry;
  beforeEach(async () => (fake = await startFakeRegistry()));
  afterEach(() => fake.stop());

  const list = (host = fake.host): Promise<readonly Descriptor[]> =>
    openRegistry(host).repository('app').referrers(subject.digest, testIo());

  it('reads the pages of the referrers API, each referrer once', async () => {
    await serving(
      (request, response) => {
        const page = Number(/page=(\d)/.exec(request.url ?? '')?.[1] ?? 0);
        response.setHeader('content-type', `${mediaTypes.index}; charset=utf-8`);
        if (page < 2) response.setHeader('link', `</v2/app/referrers/${subject.digest}?page=${page + 1}>; rel="next"`);
        response.end(index(referrer(page), referrer(page + 1)));
      },
      async (host) => assert.deepEqual(await list(host), [referrer(0), referrer(1), referrer(2), referrer(3)]),
    );
  });

  it('155: stops where ever new pages bring nothing new', async () => {
    let requests = 0;
    await serving(
      (_request, response) => {
        response.setHeader('content-type', mediaTypes.index);
        response.setHeader('link', `</v2/app/referrers/${subject.digest}?page=${++requests}>; rel="next"`);
        response.end(index(referrer(1)));
      },
      async (host) => assert.deepEqual(await list(host), [referrer(1)]),
    );
    assert.equal(requests, 2);
  });

  it('155: stops at 10,000', async () => {
    fake.override = () => ({
      status: 200,
      headers: { 'content-type': mediaTypes.index },
      body: index(...Array.from({ length: 12_000 }, (_, at) => referrer(at))),
    });
    assert.equal((await list()).length, 10_000);
  });

  const without: readonly (readonly [string, number, string, string])[] = [
    ['404', 404, 'text/plain', '404 page not found'],
    ['400', 400, 'application/json', '{}'],
    ['405', 405, 'application/json', '{}'],
    ['406', 406, 'application/json', '{}'],
    ['200 with another type', 200, 'application/json', '{"manifests":[]}'],
  ];
  for (const [what, status, type, body] of without) {
    it(`156: reads the tag that stands in for an API that answers ${what}`, async () => {
      fake.putManifest('app', mediaTypes.index, index(referrer(1)), tag);
      fake.override = (request, next) =>
        request.path.includes('/referrers/') ? { status, headers: { 'content-type': type }, body } : next();
      assert.deepEqual(await list(), [referrer(1)]);
      assert.deepEqual(
        fake.requests.map(({ path }) => path),
        [`/v2/app/referrers/${subject.digest}`, `/v2/app/manifests/${tag}`],
      );
    });
  }

  it('156: finds nothing where there is neither, or the tag is no index', async () => {
    const plain = await startFakeRegistry({ referrers: false });
    try {
      assert.deepEqual(await list(plain.host), []);
      plain.putManifest('app', mediaTypes.manifest, contractImage().manifest, tag);
      assert.deepEqual(await list(plain.host), []);
      plain.putManifest('app', mediaTypes.dockerManifestList, index(referrer(1)), tag);
      assert.deepEqual(await list(plain.host), []);
    } finally {
      await plain.stop();
    }
  });

  it('leaves out descriptors that are not sound', async () => {
    const headers = { 'content-type': mediaTypes.index };
    fake.override = () => ({
      status: 200,
      headers,
      body: index({ ...referrer(1), size: -5 }, { ...referrer(2), digest: 'sha256:../../x' }, null, referrer(3)),
    });
    assert.deepEqual(await list(), [referrer(3)]);
  });

  for (const status of [403, 500]) {
    it(`does not take ${status} for "nothing refers to it"`, async () => {
      fake.override = () => ({ status });
      await assert.rejects(list(), { code: status === 403 ? 'forbidden' : 'unavailable' });
    });
  }
});
