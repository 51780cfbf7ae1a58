import assert from 'node:assert/strict';
import { bounds, part, partialAnswer } from './blobParts.ts';
import { answering, blob, breakAfter } from './blobServer.ts';

const total = blob.length;

describe('fetchBlobRange over connections that break', () => {
  it('77: goes on where the connection broke', async () => {
    await answering(
      (response, n, range) => {
        const [from, to] = bounds(range);
        if (n > 1) {
          partialAnswer(response, from, to);
          return;
        }
        response.writeHead(206, { 'content-range': `bytes ${from}-${to - 1}/${total}`, 'content-length': to - from });
        breakAfter(response, blob.subarray(from, from + 300_000));
      },
      async (repository, ranges) => {
        const bytes = await part(repository, { start: 1_000_000, end: 2_000_000 });
        assert.equal(blob.subarray(1_000_000, 2_000_000).equals(bytes), true);
        assert.equal(ranges.length, 2);
        assert.match(ranges[1] ?? '', /^bytes=1[0-3]\d{5}-1999999$/);
      },
    );
  });

  it('262: recovers from a break at every byte of a small part, also of a registry that then sends the whole blob', async () => {
    for (const answersWhole of [false, true]) {
      for (let at = 0; at < 12; at++) {
        await answering(
          (response, n, range) => {
            if (n > 1 && answersWhole) response.end(blob);
            else if (n > 1) partialAnswer(response, ...bounds(range));
            else {
              response.writeHead(206, { 'content-range': `bytes 100-111/${total}`, 'content-length': 12 });
              response.flushHeaders();
              breakAfter(response, blob.subarray(100, 100 + at));
            }
          },
          async (repository, ranges) => {
            assert.deepEqual(
              Buffer.from(await part(repository, { start: 100, end: 112 })).toString(),
              blob.toString('latin1', 100, 112),
            );
            assert.deepEqual(ranges, ['bytes=100-111', `bytes=${100 + at}-111`]);
          },
        );
      }
    }
  });

  it('gives up after five answers in a row that stop short', async () => {
    await answering(
      (response, _n, range) => {
        response.useChunkedEncodingByDefault = false;
        const [from, to] = bounds(range);
        response.writeHead(206, { 'content-range': `bytes ${from}-${to - 1}/${total}` }).end();
      },
      async (repository, ranges) => {
        await assert.rejects(part(repository, { start: 100, end: 200 }), {
          code: 'content-mismatch',
          message: /^Cannot read bytes 100 to 200 of blob sha256:.*: the answer ends before them\./,
        });
        assert.equal(ranges.length, 6);
      },
    );
  });
});
