import assert from 'node:assert/strict';
import { opens } from '../../src/content/bytes.ts';
import { describe as describeBytes } from '../../src/oci/descriptor.ts';
import { mediaTypes } from '../../src/oci/mediaTypes.ts';
import { type FakeRegistry, startFakeRegistry } from '../support/fakeRegistry.ts';
import { testIo } from '../support/io.ts';
import { openRegistry, serving } from './open.ts';

const blob = Buffer.from('0123456789abcdefghij');
const descriptor = describeBytes(blob, mediaTypes.layer);

describe('sendChunks', () => {
  let fake: FakeRegistry;
  beforeEach(async () => (fake = await startFakeRegistry({ chunkMinLength: 6 })));
  afterEach(() => fake.stop());

  const requests = (): readonly string[] =>
    fake.requests.map(({ method, headers }) => [method, headers['content-range']].filter(Boolean).join(' '));
  const push = (chunkSize = 4): Promise<void> =>
    openRegistry(fake.host, { chunkSize }).repository('app').push(descriptor, opens(blob), testIo());
  const stored = (): string | undefined => fake.repositories.get('app')?.blobs.get(descriptor.digest)?.toString();

  it('107: sends chunks of the size the registry wants at least', async () => {
    await push(4);
    assert.deepEqual(requests(), ['POST', 'PATCH 0-5', 'PATCH 6-11', 'PATCH 12-17', 'PATCH 18-19', 'PUT']);
    assert.equal(stored(), '0123456789abcdefghij');
  });

  it('sends chunks of its own size where that is larger', async () => {
    await push(12);
    assert.deepEqual(requests(), ['POST', 'PATCH 0-11', 'PATCH 12-19', 'PUT']);
  });

  for (const minimum of ['10737418240', 'abc', '-5', '0', '20', '21']) {
    it(`107: sends one piece where the registry wants chunks of ${minimum} bytes`, async () => {
      const other = await startFakeRegistry();
      try {
        other.override = (request, next) => {
          const answer = next();
          return request.method === 'POST'
            ? { ...answer, headers: { ...answer.headers, 'oci-chunk-min-length': minimum } }
            : answer;
        };
        await openRegistry(other.host, { chunkSize: 4 }).repository('app').push(descriptor, opens(blob), testIo());
        assert.deepEqual(
          other.requests.map(({ method }) => method),
          ['POST', 'PUT'],
        );
      } finally {
        await other.stop();
      }
    });
  }

  for (const size of [0, 1, 5, 6, 7, 11, 12, 13]) {
    it(`114: stores ${size} bytes`, async () => {
      const bytes = blob.subarray(0, size);
      const wanted = describeBytes(bytes, mediaTypes.layer);
      const repository = openRegistry(fake.host, { chunkSize: 6 }).repository('app');
      await repository.push(wanted, opens(bytes), testIo());
      assert.equal(fake.repositories.get('app')?.blobs.get(wanted.digest)?.equals(bytes), true);
    });
  }

  /** Does something to the n-th PATCH. */
  function onPatch(nth: number, fault: 'reset' | 'lost ack' | { readonly status: number }): void {
    let patches = 0;
    fake.override = (request, next) => {
      if (request.method !== 'PATCH' || ++patches !== nth) return next();
      if (fault === 'lost ack') next();
      return typeof fault === 'string' ? 'reset' : fault;
    };
  }

  it('102: goes on where the registry says it is after a broken chunk', async () => {
    onPatch(2, 'reset');
    await push();
    assert.deepEqual(requests(), [
      'POST',
      'PATCH 0-5',
      'PATCH 6-11',
      'GET',
      'PATCH 6-11',
      'PATCH 12-17',
      'PATCH 18-19',
      'PUT',
    ]);
    assert.equal(stored(), '0123456789abcdefghij');
  });

  it('102: starts again where the registry may have one byte or none', async () => {
    onPatch(1, 'reset');
    await push();
    assert.deepEqual(requests().slice(0, 7), ['POST', 'PATCH 0-5', 'GET', 'HEAD', 'DELETE', 'POST', 'PATCH 0-5']);
  });

  it('104: does not send a chunk again whose answer was lost', async () => {
    onPatch(2, 'lost ack');
    await push();
    assert.deepEqual(requests(), ['POST', 'PATCH 0-5', 'PATCH 6-11', 'GET', 'PATCH 12-17', 'PATCH 18-19', 'PUT']);
    assert.equal(stored(), '0123456789abcdefghij');
  });

  for (const status of [416, 500, 503]) {
    it(`asks where it is after a ${status}`, async () => {
      onPatch(3, { status });
      await push();
      assert.deepEqual(requests().slice(3, 6), ['PATCH 12-17', 'GET', 'PATCH 12-17']);
      assert.equal(stored(), '0123456789abcdefghij');
    });
  }

  it('102: starts again with a new session where the old one is gone', async () => {
    let gone = false;
    fake.override = (request, next) => {
      if (request.method === 'PATCH' && !gone) {
        gone = true;
        fake.uploads.clear();
        return 'reset';
      }
      return next();
    };
    await push();
    assert.deepEqual(requests().slice(0, 6), ['POST', 'PATCH 0-5', 'GET', 'HEAD', 'DELETE', 'POST']);
    assert.equal(stored(), '0123456789abcdefghij');
  });

  const ranges: readonly (readonly [string, string])[] = [
    ['0-3', 'less than was sent'],
    ['0-99', 'more than was sent'],
    ['5-9', 'something that is no start'],
  ];
  for (const [range, what] of ranges) {
    it(`105: starts again where the registry has ${what}`, async () => {
      let patches = 0;
      fake.override = (request, next) => {
        const answer = next();
        const wrong = (request.method === 'PATCH' && ++patches === 1) || (range === '5-9' && request.method === 'GET');
        return wrong ? { ...answer, headers: { ...answer.headers, range } } : answer;
      };
      await push();
      assert.equal(requests().filter((request) => request === 'POST').length, 2);
      assert.equal(stored(), '0123456789abcdefghij');
    });
  }

  it('asks how much there is where an answer to a chunk leaves it out', async () => {
    await serving(
      (request, response) => {
        const size = Number(request.url?.split('/').at(-1));
        request.resume().once('end', () => {
          const location = `/v2/app/blobs/uploads/${request.method === 'PATCH' ? size + 10 : size || 0}`;
          if (request.method === 'GET') response.writeHead(204, { location, range: `0-${size - 1}` }).end();
          else if (request.method === 'PUT')
            response.writeHead(201, { 'docker-content-digest': descriptor.digest }).end();
          else response.writeHead(202, { location, 'oci-chunk-min-length': '10' }).end();
        });
      },
      (host) => openRegistry(host, { chunkSize: 10 }).repository('app').push(descriptor, opens(blob), testIo()),
    );
  });

  it('opens the content once where nothing fails', async () => {
    let opened = 0;
    const open = (): ReturnType<ReturnType<typeof opens>> => {
      opened++;
      return opens(blob)();
    };
    await openRegistry(fake.host, { chunkSize: 6 }).repository('app').push(descriptor, open, testIo());
    assert.equal(opened, 1);
  });
});
