import assert from 'node:assert/strict';
import { readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { opens } from '../../src/content/bytes.ts';
import { describe as describeBytes, type Descriptor } from '../../src/oci/descriptor.ts';
import { mediaTypes } from '../../src/oci/mediaTypes.ts';
import type { Repository } from '../../src/registry/repository.ts';
import { type RunningRegistry, startDockerRegistry } from '../support/dockerRegistry.ts';
import { type FakeRegistry, startFakeRegistry } from '../support/fakeRegistry.ts';
import { testIo } from '../support/io.ts';
import { needs } from '../support/tools.ts';
import { answering, blob, descriptor, read } from './blobServer.ts';
import { openRegistry, serving } from './open.ts';

describe('fetchBlob', () => {
  it('reads a blob with one request', async () => {
    await answering(
      (response) => response.end(blob),
      async (repository, ranges) => {
        assert.equal(blob.equals(await read(repository)), true);
        assert.deepEqual(ranges, [undefined]);
      },
    );
  });

  const flipped = Buffer.from(blob);
  flipped.writeUInt8(flipped.readUInt8(2_000_000) ^ 1, 2_000_000);
  const damaged: readonly (readonly [string, Uint8Array, boolean])[] = [
    ['120: finds one flipped bit', flipped, true],
    ['122: finds a byte too many', Buffer.concat([blob, Buffer.from('x')]), true],
    ['122: finds a byte too many without a length', Buffer.concat([blob, Buffer.from('x')]), false],
    ['123: finds an honest length that is too short', blob.subarray(0, 1000), true],
  ];
  for (const [what, bytes, withLength] of damaged) {
    it(`${what}, and never passes on the last bytes`, async () => {
      await answering(
        (response) => {
          if (withLength) response.setHeader('content-length', bytes.length);
          response.end(bytes);
        },
        async (repository, ranges) => {
          let got = 0;
          const reading = (async () => {
            for await (const chunk of await repository.fetch(descriptor, testIo())) got += chunk.length;
          })();
          await assert.rejects(reading, { code: 'content-mismatch' });
          assert.ok(got < blob.length);
          assert.equal(ranges.length, 1);
        },
      );
    });
  }

  it('128: takes content that the descriptor holds without a request', async () => {
    const bytes = Buffer.from('{}');
    await answering(
      (response) => response.writeHead(500).end(),
      async (repository, ranges) => {
        const wanted = { ...describeBytes(bytes, mediaTypes.empty), data: bytes.toString('base64') };
        assert.equal(Buffer.from(await read(repository, wanted)).toString(), '{}');
        await assert.rejects(read(repository, { ...wanted, data: 'e30g' }), { code: 'content-mismatch' });
        assert.deepEqual(ranges, []);
      },
    );
  });

  it('75: never asks the addresses of a foreign layer', async () => {
    const stranger: unknown[] = [];
    await serving(
      (_request, response) => {
        stranger.push(1);
        response.end(blob);
      },
      async (other) => {
        await answering(
          (response) => response.writeHead(404).end(),
          async (repository) => {
            const wanted = { ...descriptor, mediaType: mediaTypes.dockerForeignLayer, urls: [`http://${other}/layer`] };
            await assert.rejects(read(repository, wanted), {
              code: 'not-found',
              message: /names another server for it/,
            });
          },
        );
      },
    );
    assert.deepEqual(stranger, []);
  });

  it('gives its connection back when it is left before it was begun', async () => {
    let closed: Promise<unknown> | undefined;
    await answering(
      (response) => {
        closed = new Promise((resolve) => response.once('close', resolve));
        response.end(Buffer.alloc(32 << 20));
      },
      async (repository) => {
        const wanted = { ...descriptor, size: 32 << 20 };
        const iterator = (await repository.fetch(wanted, testIo()))[Symbol.asyncIterator]();
        await iterator.return?.();
        await closed;
      },
    );
  }).timeout(5000);

  it('stops with the reason of the signal', async () => {
    const controller = new AbortController();
    const reason = new Error('cancelled by the user');
    await answering(
      (response) => void response.write(blob.subarray(0, 1000)),
      async (repository, ranges) => {
        const reading = (async () => {
          const stream = await repository.fetch(descriptor, { signal: controller.signal });
          controller.abort(reason);
          for await (const chunk of stream) assert.ok(chunk.length < blob.length);
        })();
        assert.equal(await reading.catch((error: unknown) => error), reason);
        assert.equal(ranges.length, 1);
      },
    );
  });
});

describe('sizeOfBlob', () => {
  let fake: FakeRegistry;
  beforeEach(async () => {
    fake = await startFakeRegistry();
    fake.putBlob('app', blob);
  });
  afterEach(() => fake.stop());
  const has = (): Promise<boolean> => openRegistry(fake.host).repository('app').has(descriptor, testIo());
  const methods = (): readonly string[] => fake.requests.map(({ method }) => method);

  it('looks with one HEAD', async () => {
    assert.equal(await has(), true);
    assert.deepEqual(methods(), ['HEAD']);
  });

  const heads: readonly (readonly [string, number, Readonly<Record<string, string>>])[] = [
    ['is not allowed', 405, {}],
    ['has no length', 200, { 'transfer-encoding': 'chunked' }],
    ['has the length of encoded bytes', 200, { 'content-encoding': 'gzip', 'content-length': '17' }],
  ];
  for (const [what, status, headers] of heads) {
    it(`86: asks for the first byte where HEAD ${what}`, async () => {
      fake.override = (request, next) => (request.method === 'HEAD' ? { status, headers } : next());
      assert.equal(await has(), true);
      assert.equal(fake.requests[1]?.headers['range'], 'bytes=0-0');
    });
  }

  for (const status of [400, 403, 404]) {
    it(`does not have a blob where HEAD answers ${status}`, async () => {
      fake.override = () => ({ status });
      assert.equal(await has(), false);
    });
  }

  it('does not take a failure for an answer', async () => {
    fake.override = () => ({ status: 500 });
    await assert.rejects(has(), { code: 'unavailable', message: /look for blob sha256:/ });
  });
});

describe('fetchBlob of docker-registry', () => {
  let registry: RunningRegistry | undefined;
  let repository: Repository;
  before(async function () {
    needs(this, 'docker-registry');
    registry = await startDockerRegistry();
  });
  after(() => registry?.stop());
  beforeEach(async () => {
    repository = openRegistry(registry?.host ?? '').repository(`app${Math.random().toString(36).slice(2)}`);
  });

  async function damage(wanted: Descriptor, bytes: Uint8Array): Promise<void> {
    const files = await readdir(registry?.directory ?? '', { recursive: true });
    const name = path.join('blobs', 'sha256', wanted.digest.slice(7, 9), wanted.digest.slice(7), 'data');
    const file = files.find((each) => each.endsWith(name));
    await writeFile(path.join(registry?.directory ?? '', file ?? 'missing'), bytes);
  }

  it('121: finds a bit that flipped on its disk', async () => {
    const bytes = Buffer.from('a layer whose bit will flip');
    const wanted = describeBytes(bytes, mediaTypes.layer);
    await repository.push(wanted, opens(bytes), testIo());
    await damage(wanted, Buffer.from('a layer whose bit will flhp'));
    await assert.rejects(read(repository, wanted), { code: 'content-mismatch', message: /digest mismatch/ });
  });

  it('113: neither reads nor takes for present a blob that is truncated on its disk, nor believes a second upload', async () => {
    const bytes = Buffer.from('a layer that will be cut');
    const wanted = describeBytes(bytes, mediaTypes.layer);
    await repository.push(wanted, opens(bytes), testIo());
    await damage(wanted, bytes.subarray(0, 10));
    await assert.rejects(read(repository, wanted), {
      code: 'content-mismatch',
      message: /with 10 bytes instead of 24/,
    });
    assert.equal(await repository.has(wanted, testIo()), false);
    await assert.rejects(repository.push(wanted, opens(bytes), testIo()), {
      code: 'content-mismatch',
      message: /keeps a damaged copy .* \(10 of 24 bytes\)/,
    });
  });
});
