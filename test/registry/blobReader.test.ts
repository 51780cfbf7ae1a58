import assert from 'node:assert/strict';
import type http from 'node:http';
import { describe as describeBytes } from '../../src/oci/descriptor.ts';
import { mediaTypes } from '../../src/oci/mediaTypes.ts';
import { Registry } from '../../src/registry/registry.ts';
import { answering, blob, breakAfter, endEarly, partial, read, startOf, trickle } from './blobServer.ts';
import { connection, quickClock, serving } from './open.ts';

describe('BlobReader', () => {
  it('77: goes on where the connection broke', async () => {
    await answering(
      (response, n, range) => {
        if (n === 2) partial(response, startOf(range));
        else {
          response.setHeader('content-length', blob.length);
          breakAfter(response, blob.subarray(0, 1_000_000));
        }
      },
      async (repository, ranges) => {
        assert.equal(blob.equals(await read(repository)), true);
        assert.equal(ranges.length, 2);
        assert.match(ranges[1] ?? '', /^bytes=[1-9]\d*-$/);
      },
    );
  });

  it('78: goes on where an answer without a length ended early', async () => {
    await answering(
      (response, n, range) => {
        if (n === 2) partial(response, startOf(range));
        else endEarly(response);
      },
      async (repository, ranges) => {
        assert.equal(blob.equals(await read(repository)), true);
        assert.deepEqual(ranges, [undefined, 'bytes=1000000-']);
      },
    );
  });

  const awkward: readonly (readonly [string, (response: http.ServerResponse, n: number) => void])[] = [
    ['answers with the whole blob', (response) => response.end(blob)],
    ['starts at another byte', (response, n) => (n === 2 ? partial(response, 17) : response.end(blob))],
    [
      'speaks of a blob of another size',
      (response, n) => (n === 2 ? partial(response, 1_000_000, 99) : response.end(blob)),
    ],
    ['answers 416', (response, n) => (n === 2 ? response.writeHead(416).end() : response.end(blob))],
    ['sends no Content-Range', (response, n) => (n === 2 ? response.writeHead(206).end(blob) : response.end(blob))],
  ];
  for (const [what, second] of awkward) {
    it(`77: gives the right bytes where a registry asked to go on ${what}`, async () => {
      await answering(
        (response, n) => {
          if (n > 1) second(response, n);
          else endEarly(response);
        },
        async (repository, ranges) => {
          assert.equal(blob.equals(await read(repository)), true);
          // What does not fit is given up for the whole blob.
          assert.equal(ranges.length, what === 'answers with the whole blob' ? 2 : 3);
        },
      );
    });
  }

  it('262: recovers from a break at every byte of a small blob', async () => {
    const small = Buffer.from('a small layer');
    const wanted = describeBytes(small, mediaTypes.layer);
    for (let at = 0; at < small.length; at++) {
      await answering(
        (response, n, range) => {
          if (n > 1 && range === `bytes=${at}-`) {
            response.writeHead(206, { 'content-range': `bytes ${at}-${small.length - 1}/${small.length}` });
            response.end(small.subarray(at));
          } else if (n > 1) response.end(small);
          else {
            response.setHeader('content-length', small.length);
            response.flushHeaders();
            breakAfter(response, small.subarray(0, at));
          }
        },
        async (repository) => assert.equal(Buffer.from(await read(repository, wanted)).toString(), 'a small layer'),
      );
    }
  });

  it('77: gives up after five breaks in a row without progress', async () => {
    await answering(
      (response, n) => {
        if (n === 1) response.setHeader('content-length', blob.length);
        else response.writeHead(206, { 'content-range': `bytes 0-${blob.length - 1}/${blob.length}` });
        response.flushHeaders();
        setImmediate(() => response.destroy());
      },
      async (repository, ranges) => {
        await assert.rejects(read(repository), { code: 'unavailable' });
        assert.equal(ranges.length, 6);
      },
    );
  });

  it('260: asks anew for the rest of a blob that only trickles, and gives up where it stays so', async () => {
    for (const mends of [true, false]) {
      const ranges: (string | undefined)[] = [];
      await serving(
        (request, response) => {
          ranges.push(request.headers.range);
          const from = startOf(request.headers.range) || 0;
          if (mends && ranges.length === 2) partial(response, from);
          else trickle(response, from);
        },
        async (host) => {
          let time = 0;
          // Every look at the clock comes five seconds after the one before.
          const http = connection(host, { clock: { now: () => (time += 5000) } });
          const reading = read(new Registry(http, { clock: quickClock() }).repository('app'));
          if (mends) assert.equal(blob.equals(await reading), true);
          else
            await assert.rejects(reading, { code: 'unavailable', message: /less than 1 KiB a second for a minute\./ });
        },
      );
      assert.equal(ranges.length, mends ? 2 : 6);
      assert.match(ranges[1] ?? '', /^bytes=[1-9]\d*-$/);
    }
  });

  it('says that a blob went away while it was read', async () => {
    await answering(
      (response, n) => {
        if (n > 1) response.writeHead(404).end();
        else endEarly(response);
      },
      async (repository) => {
        await assert.rejects(read(repository), { code: 'not-found', message: /go on reading blob sha256:/ });
      },
    );
  });
});
