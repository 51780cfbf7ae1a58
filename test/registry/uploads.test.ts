import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { opens } from '../../src/content/bytes.ts';
import type { ByteStream } from '../../src/content/store.ts';
import { OciError } from '../../src/errors.ts';
import { describe as describeBytes } from '../../src/oci/descriptor.ts';
import { mediaTypes } from '../../src/oci/mediaTypes.ts';
import type { HttpClient } from '../../src/registry/http.ts';
import { Registry } from '../../src/registry/registry.ts';
import type { Repository } from '../../src/registry/repository.ts';
import { type RunningRegistry, startDockerRegistry } from '../support/dockerRegistry.ts';
import { type FakeRegistry, startFakeRegistry } from '../support/fakeRegistry.ts';
import { testIo } from '../support/io.ts';
import { needs } from '../support/tools.ts';
import { connection, openRegistry, quickClock, serving } from './open.ts';

const blob = Buffer.from('the bytes of a layer');
const descriptor = describeBytes(blob, mediaTypes.layer);

describe('uploadBlob', () => {
  let fake: FakeRegistry;
  let repository: Repository;
  beforeEach(async () => {
    fake = await startFakeRegistry();
    repository = openRegistry(fake.host).repository('app');
  });
  afterEach(() => fake.stop());

  const methods = (): string => fake.requests.map(({ method }) => method).join(' ');
  const push = (): Promise<void> => repository.push(descriptor, opens(blob), testIo());
  const stored = (): string | undefined => fake.repositories.get('app')?.blobs.get(descriptor.digest)?.toString();

  it('takes two requests', async () => {
    await push();
    assert.equal(methods(), 'POST PUT');
    assert.equal(stored(), 'the bytes of a layer');
    assert.equal(fake.requests[1]?.headers['content-length'], '20');
  });

  it('keeps the query that the registry gave', async () => {
    fake.override = (request, next) => {
      const answer = next();
      return request.method === 'POST'
        ? {
            ...answer,
            headers: { ...answer.headers, location: `${String(answer.headers?.['location'])}?_state=a%2Fb%3D%3D&x=~` },
          }
        : answer;
    };
    await push();
    const digest = encodeURIComponent(descriptor.digest);
    assert.match(fake.requests[1]?.path ?? '', new RegExp(`\\?_state=a%2Fb%3D%3D&x=~&digest=${digest}$`));
  });

  it('95: does not send the content again where only the answer was lost', async () => {
    fake.override = (request, next) => {
      const answer = next();
      return request.method === 'PUT' ? 'reset' : answer;
    };
    await push();
    assert.equal(methods(), 'POST PUT HEAD');
  });

  it('96: does not believe an answer that leaves out the digest', async () => {
    fake.override = (request, next) =>
      request.method === 'PUT' && !methods().includes('HEAD') ? { status: 201 } : next();
    await push();
    assert.equal(methods(), 'POST PUT HEAD HEAD DELETE POST PUT');
    assert.equal(stored(), 'the bytes of a layer');
  });

  it('96: does not believe an answer that comes before the last byte was sent', async () => {
    const seen: string[] = [];
    await serving(
      (request, response) => {
        seen.push(request.method ?? '');
        if (request.method === 'POST') response.writeHead(202, { location: '/v2/app/blobs/uploads/1' }).end();
        else if (request.method !== 'PUT') response.writeHead(404).end();
        else response.writeHead(201, { 'docker-content-digest': descriptor.digest }).end();
      },
      async (host) => {
        const large = { ...descriptor, size: 64 << 20 };
        const source = async (): Promise<ByteStream> => slowly(large.size);
        const pushing = openRegistry(host).repository('app').push(large, source, testIo());
        await assert.rejects(pushing, {
          code: 'protocol-violation',
          message: /said that it stored .* does not have it/,
        });
      },
    );
    assert.ok(seen.filter((method) => method === 'HEAD').length >= 4);
  });

  it('102: starts again with a new session after a broken connection', async () => {
    let puts = 0;
    fake.override = (request, next) => (request.method === 'PUT' && ++puts === 1 ? 'reset' : next());
    await push();
    assert.equal(methods(), 'POST PUT HEAD DELETE POST PUT');
    assert.equal(stored(), 'the bytes of a layer');
    assert.equal(fake.uploads.size, 0);
  });

  it('108: reads the content once more where the registry got other bytes', async () => {
    let opened = 0;
    await repository.push(
      descriptor,
      opening(() => (++opened === 1 ? Buffer.from('the bytes of a lbyer') : blob)),
      testIo(),
    );
    assert.equal(opened, 2);
    assert.equal(stored(), 'the bytes of a layer');
  });

  it('108: says that the data changed where it stays so', async () => {
    let opened = 0;
    const changed = opening(() => Buffer.from(`the bytes of a l${++opened}yer`));
    await assert.rejects(repository.push(descriptor, changed, testIo()), {
      code: 'content-mismatch',
      message: /changed while it was read/,
    });
    assert.equal(opened, 2);
  });

  it('109: tries chunks where one piece is too large, and says so where they are too', async () => {
    repository = openRegistry(fake.host, { chunkSize: 7 }).repository('app');
    fake.override = (request, next) => (request.body.length > 7 ? { status: 413 } : next());
    await push();
    assert.equal(methods(), 'POST PUT DELETE POST PATCH PATCH PATCH PUT');
    fake.override = (request, next) => (request.body.length > 0 ? { status: 413 } : next());
    await assert.rejects(push(), { code: 'too-large' });
  });

  it('109: does not try again where the disk is full', async () => {
    fake.override = (request, next) => (request.method === 'PUT' ? { status: 507 } : next());
    await assert.rejects(push(), { code: 'unavailable', message: /upload to 127\.0\.0\.1:\d+\/app/ });
    assert.equal(methods(), 'POST PUT HEAD DELETE');
  });

  it('117: uploads once what is pushed twice at the same time', async () => {
    await Promise.all([push(), push(), push()]);
    assert.equal(methods(), 'POST PUT');
  });

  it('117: pushes itself where the other push failed', async () => {
    const failing = repository.push(descriptor, () => Promise.reject(new OciError('not-found', 'gone')), testIo());
    const other = push();
    await assert.rejects(failing, { code: 'not-found' });
    await other;
    assert.equal(stored(), 'the bytes of a layer');
  });

  it('118: uses the session that a mount left open, once', async () => {
    assert.equal(await repository.mount(descriptor, 'other', testIo()), false);
    await push();
    await push();
    assert.equal(methods(), 'POST PUT POST PUT');
    const [mount, first, , second] = fake.requests.map(({ path }) => path.split('?')[0]);
    assert.equal(mount, '/v2/app/blobs/uploads/');
    assert.notEqual(first, second);
  });

  it('71: refuses an upload address on another server', async () => {
    const stranger: unknown[] = [];
    await serving(
      (request) => stranger.push(request.url),
      async (other) => {
        fake.override = () => ({ status: 202, headers: { location: `http://${other}/v2/app/blobs/uploads/1` } });
        await assert.rejects(push(), { code: 'untrusted-origin' });
      },
    );
    assert.deepEqual(stranger, []);
    assert.equal(methods(), 'POST');
  });

  it('89: waits as long as the registry asks, and stops where that is too long', async () => {
    const clock = quickClock();
    repository = openRegistry(fake.host, { clock }).repository('app');
    let puts = 0;
    fake.override = (request, next) =>
      request.method === 'PUT' && ++puts === 1 ? { status: 429, headers: { 'retry-after': '7' } } : next();
    await push();
    assert.deepEqual(clock.slept, [7000]);
    fake.override = (request, next) =>
      request.method === 'PUT' ? { status: 429, headers: { 'retry-after': '900' } } : next();
    await assert.rejects(push(), { code: 'rate-limited', message: /Wait 15 minutes/ });
  });

  it('tries four sessions and no more', async () => {
    const clock = quickClock();
    repository = openRegistry(fake.host, { clock }).repository('app');
    fake.override = (request, next) => (request.method === 'PUT' ? { status: 503 } : next());
    await assert.rejects(push(), { code: 'unavailable' });
    assert.equal(methods().match(/PUT/g)?.length, 4);
    assert.deepEqual(clock.slept, [250, 500, 1000]);
    assert.equal(fake.uploads.size, 0);
  });

  it('115: closes the session when it is cancelled in the middle', async () => {
    const controller = new AbortController();
    const reason = new Error('cancelled by the user');
    async function* source(): AsyncGenerator<Uint8Array, void, undefined> {
      yield blob.subarray(0, 5);
      controller.abort(reason);
      yield blob.subarray(5);
    }
    const pushing = repository.push(descriptor, async () => source(), { signal: controller.signal });
    assert.equal(await pushing.catch((error: unknown) => error), reason);
    assert.equal(fake.requests.at(-1)?.method, 'DELETE');
    assert.equal(fake.uploads.size, 0);
    assert.equal(stored(), undefined);
  });

  it('115: closes the session that the registry was still opening when it was cancelled', async () => {
    const controller = new AbortController();
    const reason = new Error('cancelled by the user');
    fake.override = (request, next) => {
      if (request.method === 'POST') controller.abort(reason);
      return next();
    };
    const pushing = repository.push(descriptor, opens(blob), { signal: controller.signal });
    assert.equal(await pushing.catch((error: unknown) => error), reason);
    assert.equal(methods(), 'POST DELETE');
    assert.equal(fake.uploads.size, 0);
  });

  it('115: opens no other session after a cancellation where the first could not be opened', async () => {
    for (const answer of ['reset', { status: 503 }, { status: 307, headers: { location: '/elsewhere' } }] as const) {
      const controller = new AbortController();
      const reason = new Error('cancelled by the user');
      fake.override = () => {
        controller.abort(reason);
        return answer;
      };
      const before = fake.requests.length;
      const pushing = repository.push(descriptor, opens(blob), { signal: controller.signal });
      assert.equal(await pushing.catch((error: unknown) => error), reason);
      assert.equal(fake.requests.length, before + 1);
    }
  });

  it('passes on what the content failed with, and closes the session', async () => {
    const failure = new OciError('unavailable', 'the source broke', { side: 'source' });
    const pushing = repository.push(descriptor, () => Promise.reject(failure), testIo());
    assert.equal(await pushing.catch((error: unknown) => error), failure);
    assert.equal(fake.uploads.size, 0);
  });

  for (const status of [401, 403, 404]) {
    it(`does not try again where no upload may be opened (${status})`, async () => {
      fake.override = () => ({ status });
      await assert.rejects(push(), OciError);
      assert.deepEqual(fake.requests.filter(({ method }) => method !== 'GET').length, 1);
    });
  }
});

describe('uploadBlob to docker-registry', () => {
  let registry: RunningRegistry | undefined;
  before(async function () {
    needs(this, 'docker-registry');
    registry = await startDockerRegistry();
  });
  after(() => registry?.stop());

  it('115: leaves no session behind when it is cancelled', async () => {
    const controller = new AbortController();
    const reason = new Error('cancelled by the user');
    const cancelling = (): Promise<ByteStream> => {
      controller.abort(reason);
      return opens(blob)();
    };
    const repository = openRegistry(registry?.host ?? '').repository('cancelled');
    const pushing = repository.push(descriptor, cancelling, { signal: controller.signal });
    assert.equal(await pushing.catch((error: unknown) => error), reason);
    const files = await readdir(registry?.directory ?? '', { recursive: true });
    // The registry itself keeps an empty folder of a session that was deleted.
    assert.equal(
      files.some((file) => file.endsWith('cancelled/_uploads')),
      true,
    );
    assert.deepEqual(
      files.filter((file) => /cancelled\/_uploads\/.*\/(?:data|startedat)$/.test(file)),
      [],
    );
  });

  it('105: uploads in chunks', async () => {
    const bytes = Buffer.alloc(1_000_001, 'chunks ');
    const wanted = describeBytes(bytes, mediaTypes.layer);
    const plain = connection(registry?.host ?? '');
    const methods: string[] = [];
    const http: HttpClient = async (request, io) => {
      methods.push(request.method);
      const response = await plain.http(request, io);
      // docker-registry itself never wants chunks.
      return { ...response, headers: { ...response.headers, 'oci-chunk-min-length': '300000' } };
    };
    const repository = new Registry({ ...plain, http }, { chunkSize: 1 }).repository('chunked');
    await repository.push(wanted, opens(bytes), testIo());
    assert.deepEqual(methods, ['POST', 'PATCH', 'PATCH', 'PATCH', 'PATCH', 'PUT']);
    assert.equal(await repository.has(wanted, testIo()), true);
  });
});

/** Opens what `bytes` gives, anew each time. */
function opening(bytes: () => Uint8Array): () => Promise<ByteStream> {
  return () => opens(bytes())();
}

async function* slowly(size: number): AsyncGenerator<Uint8Array, void, undefined> {
  const piece = Buffer.alloc(64 << 10);
  for (let sent = 0; sent < size; sent += piece.length) yield piece;
}
