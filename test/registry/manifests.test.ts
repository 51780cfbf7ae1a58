import assert from 'node:assert/strict';
import { readAll } from '../../src/content/bytes.ts';
import type { Descriptor } from '../../src/oci/descriptor.ts';
import { mediaTypes } from '../../src/oci/mediaTypes.ts';
import type { Repository } from '../../src/registry/repository.ts';
import { contractImage } from '../support/contractImage.ts';
import { type FakeRegistry, startFakeRegistry } from '../support/fakeRegistry.ts';
import { testIo } from '../support/io.ts';
import { openRegistry } from './open.ts';

const { manifest, descriptor } = contractImage();
const zeros = `sha256:${'0'.repeat(64)}` as const;

describe('resolveManifest', () => {
  let fake: FakeRegistry;
  let repository: Repository;
  beforeEach(async () => {
    fake = await startFakeRegistry();
    fake.putManifest('app', mediaTypes.manifest, manifest, 'v1');
    repository = openRegistry(fake.host).repository('app');
  });
  afterEach(() => fake.stop());

  const methods = (): string => fake.requests.map(({ method }) => method).join(' ');
  const resolve = (identifier = 'v1'): Promise<Descriptor> => repository.resolve(identifier, testIo());

  it('88: takes one HEAD that accepts every type', async () => {
    assert.deepEqual(await resolve(), descriptor);
    assert.deepEqual(await resolve(descriptor.digest), descriptor);
    assert.equal(methods(), 'HEAD HEAD');
    const accept = fake.requests[0]?.headers['accept'] ?? '';
    for (const type of [
      mediaTypes.index,
      mediaTypes.manifest,
      mediaTypes.dockerManifestList,
      mediaTypes.dockerManifest,
      '*/*',
    ]) {
      assert.ok(accept.split(', ').includes(type), type);
    }
  });

  const heads: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
    ['86: has no digest', { 'content-type': mediaTypes.manifest, 'content-length': String(descriptor.size) }],
    [
      '86: has no length',
      { 'content-type': mediaTypes.manifest, 'docker-content-digest': zeros, 'transfer-encoding': 'chunked' },
    ],
    [
      '134: has a type that tells nothing',
      { 'content-type': 'application/json', 'content-length': '7', 'docker-content-digest': zeros },
    ],
    [
      '87: has a digest that is none',
      { 'content-type': mediaTypes.manifest, 'content-length': '7', 'docker-content-digest': 'sha256:x' },
    ],
  ];
  for (const [what, headers] of heads) {
    it(`${what}: reads the manifest itself`, async () => {
      fake.override = (request, next) => (request.method === 'HEAD' ? { status: 200, headers } : next());
      assert.deepEqual(await resolve(), descriptor);
      assert.equal(methods(), 'HEAD GET');
    });
  }

  it('86: reads the manifest itself where HEAD is not allowed', async () => {
    fake.override = (request, next) => (request.method === 'HEAD' ? { status: 405 } : next());
    assert.deepEqual(await resolve(), descriptor);
  });

  it('87: does not trust the digest header where the bytes are at hand', async () => {
    fake.override = (request, next) => {
      const answer = next();
      if (request.method === 'HEAD') return { status: 405 };
      return { ...answer, headers: { ...answer.headers, 'docker-content-digest': zeros } };
    };
    assert.equal((await resolve()).digest, descriptor.digest);
  });

  it('87: looks at the bytes where a HEAD by digest names another digest', async () => {
    fake.override = (request, next) => {
      const answer = next();
      return request.method === 'HEAD'
        ? { ...answer, headers: { ...answer.headers, 'docker-content-digest': zeros } }
        : answer;
    };
    assert.deepEqual(await resolve(descriptor.digest), descriptor);
    assert.equal(methods(), 'HEAD GET');
  });

  it('87: keeps the digest that was asked for where the header is of another algorithm', async () => {
    const other = `sha512:${'0'.repeat(128)}`;
    fake.override = (_request, next) => {
      const answer = next();
      return { ...answer, headers: { ...answer.headers, 'docker-content-digest': other } };
    };
    assert.equal((await resolve(descriptor.digest)).digest, descriptor.digest);
    assert.equal(methods(), 'HEAD');
  });

  for (const type of [`${mediaTypes.manifest}; charset=utf-8`, mediaTypes.manifest.toUpperCase()]) {
    it(`134: takes ${type} for what it is`, async () => {
      fake.putManifest('app', type, manifest, 'v1');
      assert.equal((await resolve()).mediaType, mediaTypes.manifest);
      assert.equal(methods(), 'HEAD');
    });
  }

  for (const type of ['text/plain', 'application/octet-stream', 'application/json', '']) {
    it(`134: goes by the manifest's own type where it is served as ${JSON.stringify(type)}`, async () => {
      fake.putManifest('app', type, manifest, 'v1');
      assert.equal((await resolve()).mediaType, mediaTypes.manifest);
    });
  }

  it('132: refuses a manifest that is served as something else than it says', async () => {
    fake.putManifest('app', mediaTypes.index, manifest, 'v1');
    fake.override = (request, next) => (request.method === 'HEAD' ? { status: 405 } : next());
    await assert.rejects(resolve(), { code: 'invalid-manifest', message: /ambiguous/ });
  });

  it('142: names an old schema 1 image', async () => {
    fake.putManifest('app', mediaTypes.dockerSchema1Signed, '{"schemaVersion":1,"name":"app","fsLayers":[]}', 'v1');
    await assert.rejects(resolve(), { code: 'unsupported-media-type', message: /schema 1/ });
  });

  it('83: tells a web page from a manifest', async () => {
    fake.override = () => ({ status: 200, headers: { 'content-type': 'text/html' }, body: '<title>Login</title>' });
    await assert.rejects(resolve(), { code: 'protocol-violation', message: /web page titled "Login"/ });
  });

  it('164: says what may be the matter where there is nothing, with one request', async () => {
    await assert.rejects(resolve('gone'), {
      code: 'not-found',
      message:
        /^Cannot read tag gone of 127\.0\.0\.1:\d+\/app: not found \(404\)\. It does not exist, or your account may not see it/,
    });
    assert.equal(methods(), 'HEAD');
  });

  it('45: fetches the reason of a 403', async () => {
    const body = JSON.stringify({ errors: [{ code: 'DENIED', message: 'ask the owner' }] });
    fake.override = () => ({ status: 403, body });
    await assert.rejects(resolve(), { code: 'forbidden', message: /403 DENIED "ask the owner"/ });
    assert.equal(methods(), 'HEAD GET');
  });

  for (const identifier of ['', '../v2', 'a/b', 'v1?x=1', '.x', 'sha256:abc', 'a'.repeat(129), 'v1\r\nx: y']) {
    it(`11: refuses the tag ${JSON.stringify(identifier.slice(0, 20))} before it is sent`, async () => {
      await assert.rejects(resolve(identifier), { code: 'invalid-reference' });
      assert.equal(fake.requests.length, 0);
    });
  }
});

describe('fetchManifestBytes', () => {
  let fake: FakeRegistry;
  beforeEach(async () => {
    fake = await startFakeRegistry();
    fake.putManifest('app', mediaTypes.manifest, manifest, 'v1');
  });
  afterEach(() => fake.stop());

  const fetch = async (wanted: Descriptor = descriptor): Promise<Buffer> =>
    Buffer.from(await readAll(await openRegistry(fake.host).repository('app').fetch(wanted, testIo()), 16 << 20, 'it'));

  it('141: gives the exact bytes', async () => assert.equal((await fetch()).equals(manifest), true));

  it('149: asks by digest, never by tag', async () => {
    await fetch();
    assert.deepEqual(
      fake.requests.map(({ path }) => path),
      [`/v2/app/manifests/${descriptor.digest}`],
    );
  });

  it('120: asks once more for bytes that were damaged on their way', async () => {
    fake.override = (_request, next) => {
      const answer = next();
      return fake.requests.length === 1 ? { ...answer, body: Buffer.from(manifest).fill('x', 30, 31) } : answer;
    };
    assert.equal((await fetch()).equals(manifest), true);
  });

  it('120: refuses bytes that stay damaged', async () => {
    fake.override = (_request, next) => ({ ...next(), body: Buffer.from(manifest).fill('x', 30, 31) });
    await assert.rejects(fetch(), { code: 'content-mismatch', message: /digest mismatch, expected sha256:/ });
    assert.equal(fake.requests.length, 2);
  });

  it('123: refuses a descriptor whose size is wrong', async () => {
    await assert.rejects(fetch({ ...descriptor, size: descriptor.size + 1 }), { code: 'content-mismatch' });
  });

  it('139: does not read more than 8 MiB', async () => {
    await assert.rejects(fetch({ ...descriptor, size: (8 << 20) + 1 }), { code: 'too-large' });
    assert.equal(fake.requests.length, 0);
    fake.override = () => ({ status: 200, body: Buffer.alloc((8 << 20) + 1, ' ') });
    await assert.rejects(fetch(), { code: 'too-large' });
  });
});
