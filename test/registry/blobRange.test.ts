import assert from 'node:assert/strict';
import type http from 'node:http';
import { describe as describeBytes } from '../../src/oci/descriptor.ts';
import { mediaTypes } from '../../src/oci/mediaTypes.ts';
import { Registry } from '../../src/registry/registry.ts';
import { type RunningRegistry, startDockerRegistry } from '../support/dockerRegistry.ts';
import { startFakeRegistry } from '../support/fakeRegistry.ts';
import { testIo } from '../support/io.ts';
import { putContent, seededBytes } from '../support/seededImage.ts';
import { needs } from '../support/tools.ts';
import { bounds, part, partialAnswer } from './blobParts.ts';
import { answering, blob, descriptor } from './blobServer.ts';
import { fakeClock, open as openConnection } from './harness.ts';
import { openRegistry, serving } from './open.ts';

const total = blob.length;

describe('fetchBlobRange', () => {
  it('asks for the bytes it needs and for nothing else', async () => {
    await answering(
      (response, _n, range) => partialAnswer(response, ...bounds(range)),
      async (repository, ranges) => {
        const bytes = await part(repository, { start: 1_000_003, end: 2_000_007 });
        assert.equal(blob.subarray(1_000_003, 2_000_007).equals(bytes), true);
        assert.deepEqual(ranges, ['bytes=1000003-2000006']);
      },
    );
  });

  it('asks for nothing where nothing is wanted', async () => {
    await answering(
      (response) => response.writeHead(500).end(),
      async (repository, ranges) => {
        assert.equal((await part(repository, { start: 5, end: 5 })).length, 0);
        assert.deepEqual(ranges, []);
      },
    );
  });

  it('takes an answer that does not know the size of the blob', async () => {
    await answering(
      (response) => partialAnswer(response, 10, 20, '*'),
      async (repository) => assert.deepEqual(await part(repository, { start: 10, end: 20 }), blob.subarray(10, 20)),
    );
  });

  it('cuts the part out of a whole blob where that costs at most 1 MiB', async () => {
    await answering(
      (response) => response.end(blob),
      async (repository) => {
        for (const [start, end] of [
          [0, 10],
          [1000, 1 << 20],
        ] as const) {
          assert.equal(blob.subarray(start, end).equals(await part(repository, { start, end })), true);
        }
      },
    );
  });

  it('does not read a whole blob for a part at its end', async () => {
    const large = { ...descriptor, size: 1 << 30 };
    let sent = 0;
    await serving(
      (_request, response) => {
        response.setHeader('content-length', large.size);
        const piece = Buffer.alloc(65_536);
        const push = (): void => {
          if (sent >= large.size || response.destroyed) return;
          sent += piece.length;
          response.write(piece, push);
        };
        push();
      },
      async (host) => {
        const repository = openRegistry(host).repository('app');
        await assert.rejects(part(repository, { start: large.size - 10, end: large.size }, large), {
          code: 'unsupported-media-type',
          message:
            /^Cannot read a part of blob sha256:[0-9a-f]{64} of .*: it sends the whole blob\. Read the blob as a whole\.$/,
        });
      },
    );
    assert.ok(sent < 64 << 20, `${sent} bytes were sent`);
  });

  const wrong: readonly (readonly [string, string, (response: http.ServerResponse) => void])[] = [
    ['starts elsewhere', 'unsupported-media-type', (response) => partialAnswer(response, 99, 200)],
    ['ends elsewhere', 'unsupported-media-type', (response) => partialAnswer(response, 100, 150)],
    ['has no Content-Range', 'unsupported-media-type', (response) => response.writeHead(206).end('x'.repeat(100))],
    [
      'is in several parts',
      'unsupported-media-type',
      (response) => response.writeHead(206, { 'content-type': 'multipart/byteranges; boundary=x' }).end('--x\r\n'),
    ],
    [
      'is compressed on the way',
      'unsupported-media-type',
      (response) =>
        response.writeHead(206, { 'content-range': `bytes 100-199/${total}`, 'content-encoding': 'gzip' }).end(),
    ],
    [
      'counts in something else',
      'unsupported-media-type',
      (response) => response.writeHead(206, { 'content-range': 'items 100-199/200' }).end(),
    ],
    ['is of a blob of another size', 'content-mismatch', (response) => partialAnswer(response, 100, 200, total + 1)],
    [
      'is a whole blob of another size',
      'content-mismatch',
      (response) => response.writeHead(200, { 'content-length': 300 }).end(blob.subarray(0, 300)),
    ],
    [
      'says that there is no such part',
      'content-mismatch',
      (response) => response.writeHead(416, { 'content-range': 'bytes */7' }).end(),
    ],
    ['is 404', 'not-found', (response) => response.writeHead(404).end()],
    ['is 401', 'unauthorized', (response) => response.writeHead(401).end()],
    ['is 403', 'forbidden', (response) => response.writeHead(403).end()],
    ['is 500', 'unavailable', (response) => response.writeHead(500).end()],
    ['is 204', 'protocol-violation', (response) => response.writeHead(204).end()],
  ];
  for (const [what, code, answer] of wrong) {
    it(`refuses an answer that ${what}`, async () => {
      await answering(answer, async (repository, ranges) => {
        await assert.rejects(part(repository, { start: 100, end: 200 }), { code });
        assert.equal(ranges[0], 'bytes=100-199');
      });
    });
  }

  it('says that a foreign layer is elsewhere', async () => {
    await answering(
      (response) => response.writeHead(404).end(),
      async (repository) => {
        const foreign = { ...descriptor, urls: ['https://vendor.example/layer'] };
        await assert.rejects(part(repository, { start: 0, end: 9 }, foreign), { message: /names another server/ });
      },
    );
  });

  it('takes no more than it asked for', async () => {
    await answering(
      (response) => {
        response.useChunkedEncodingByDefault = false;
        response.writeHead(206, { 'content-range': `bytes 100-199/${total}` }).end(blob.subarray(100, 5000));
      },
      async (repository) => {
        assert.deepEqual(await part(repository, { start: 100, end: 200 }), blob.subarray(100, 200));
      },
    );
  });

  it('stops with the reason of the signal in the middle of a part', async () => {
    await answering(
      (response) => {
        response.writeHead(206, { 'content-range': `bytes 0-99/${total}`, 'content-length': 100 });
        response.write(blob.subarray(0, 50));
      },
      async (repository) => {
        const controller = new AbortController();
        const reason = new Error('cancelled by the user');
        const stream = await repository.fetchRange(descriptor, { start: 0, end: 100 }, { signal: controller.signal });
        const read = async (): Promise<void> => {
          for await (const chunk of stream) if (chunk.length > 0) controller.abort(reason);
        };
        assert.equal(await read().catch((error: unknown) => error), reason);
      },
    );
  });

  it('gives the connection back where its answer is never read', async () => {
    const sockets = new Set<unknown>();
    await serving(
      (request, response) => {
        sockets.add(request.socket);
        partialAnswer(response, ...bounds(request.headers.range));
      },
      async (host) => {
        const repository = openRegistry(host).repository('app');
        for (let n = 0; n < 20; n++) {
          const stream = await repository.fetchRange(descriptor, { start: 0, end: 1000 }, testIo());
          await stream[Symbol.asyncIterator]().return?.();
        }
        await part(repository, { start: 0, end: 1000 });
      },
    );
    assert.ok(sockets.size <= 2, `${sockets.size} connections`);
  });

  it('asks a storage host for the part without the credentials of the registry', async () => {
    const seen: http.IncomingHttpHeaders[] = [];
    await serving(
      (request, response) => {
        seen.push(request.headers);
        partialAnswer(response, ...bounds(request.headers.range));
      },
      async (storage) => {
        const fake = await startFakeRegistry({
          override: (request, next) => {
            if (!request.path.includes('/blobs/')) return next();
            if (request.headers['authorization'] === undefined) {
              return { status: 401, headers: { 'www-authenticate': 'Basic realm="x"' } };
            }
            return { status: 307, headers: { location: `http://${storage}/store/1?signature=s` } };
          },
        });
        const { connection, transport } = openConnection({
          registry: { registry: fake.host, plainHttp: true },
          found: {
            credential: { kind: 'basic', username: 'alice', password: 'canary-4711' },
            origin: 'x',
            account: 'a',
          },
        });
        try {
          const repository = new Registry(connection, { clock: fakeClock() }).repository('app');
          assert.deepEqual(await part(repository, { start: 7, end: 19 }), blob.subarray(7, 19));
          assert.deepEqual(
            seen.map(({ range, authorization }) => [range, authorization]),
            [['bytes=7-18', undefined]],
          );
        } finally {
          await transport.close();
          await fake.stop();
        }
      },
    );
  });

  it('is asked again after a passing failure', async () => {
    let n = 0;
    await serving(
      (request, response) => {
        if (request.url === '/v2/') response.writeHead(200).end('{}');
        else if (++n === 1) response.writeHead(503).end();
        else if (n === 2) response.writeHead(429, { 'retry-after': '3' }).end();
        else partialAnswer(response, ...bounds(request.headers.range));
      },
      async (host) => {
        const { connection, transport, clock } = openConnection({ registry: { registry: host, plainHttp: true } });
        const repository = new Registry(connection, { clock }).repository('app');
        assert.deepEqual(await part(repository, { start: 7, end: 19 }), blob.subarray(7, 19));
        assert.equal(n, 3);
        assert.equal(clock.waits.at(-1), 3000);
        await transport.close();
      },
    );
  });
});

describe('fetchBlobRange of docker-registry', () => {
  let registry: RunningRegistry | undefined;
  before(async function () {
    needs(this, 'docker-registry');
    registry = await startDockerRegistry();
  });
  after(() => registry?.stop());

  it('reads parts of a real blob', async () => {
    const repository = openRegistry(registry?.host ?? '').repository('parts');
    const bytes = seededBytes(7, 300_000);
    const layer = await putContent(repository, bytes, mediaTypes.layer, testIo());
    for (const [start, end] of [
      [0, 1],
      [123_456, 234_567],
      [299_949, 300_000],
    ] as const) {
      assert.equal(bytes.subarray(start, end).equals(await part(repository, { start, end }, layer)), true);
    }
  });

  it('says that a blob is shorter there than its descriptor says', async () => {
    const repository = openRegistry(registry?.host ?? '').repository('short');
    const layer = await putContent(repository, Buffer.from('0123456789'), mediaTypes.layer, testIo());
    const larger = { ...layer, size: 1000 };
    await assert.rejects(part(repository, { start: 949, end: 1000 }, larger), { code: 'content-mismatch' });
  });

  it('knows of no part of a blob that is not there', async () => {
    const repository = openRegistry(registry?.host ?? '').repository('none');
    const absent = describeBytes(Buffer.from('never pushed'), mediaTypes.layer);
    await assert.rejects(part(repository, { start: 0, end: 5 }, absent), { code: 'not-found' });
  });
});
