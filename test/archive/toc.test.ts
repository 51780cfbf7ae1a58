import assert from 'node:assert/strict';
import { readTocOrReason } from '../../src/archive/toc.ts';
import { streamOf } from '../../src/content/bytes.ts';
import type { LayerSource } from '../../src/content/store.ts';
import { OciError, type OciErrorCode } from '../../src/errors.ts';
import { estargzOf } from '../support/estargz.ts';
import { testIo } from '../support/io.ts';
import { zstdChunkedOf } from '../support/zstdChunked.ts';
import { readToc, someFiles, storeOf } from './tocContent.ts';

const layers = { eStargz: await estargzOf(someFiles), 'zstd:chunked': zstdChunkedOf(someFiles) };

/** A store whose every range is what `fetchRange` says. */
function ranged(fetchRange: NonNullable<LayerSource['fetchRange']>): LayerSource {
  return { fetch: () => Promise.reject(new Error('the whole layer was asked for')), fetchRange };
}

describe('readTocOrReason', () => {
  for (const [format, layer] of Object.entries(layers)) {
    const { blob, descriptor } = layer;

    it(`finds nothing of ${format} in a store that cannot read parts`, async () => {
      const { source } = await storeOf(layer);
      const whole = { fetch: source.fetch.bind(source) };
      assert.equal(await readTocOrReason(whole, descriptor, testIo()), undefined);
    });

    it(`finds nothing of ${format} where the registry turns out to give whole blobs only`, async () => {
      const source = ranged(() => Promise.reject(new OciError('unsupported-media-type', 'whole blobs only')));
      assert.equal(await readTocOrReason(source, descriptor, testIo()), undefined);
    });

    for (const code of ['unauthorized', 'forbidden', 'not-found', 'unavailable', 'rate-limited'] as const) {
      it(`does not hide from whoever reads ${format} that a registry says ${code}`, async () => {
        const source = ranged(() => Promise.reject(new OciError(code, 'no')));
        await assert.rejects(readToc(source, descriptor, testIo()), { code });
      });
    }

    it(`passes on what breaks in the middle of ${format}`, async () => {
      const failing = (code: OciErrorCode): LayerSource =>
        ranged(async (_, { start, end }) => {
          async function* broken(): AsyncGenerator<Uint8Array, void, undefined> {
            yield blob.subarray(start, end - 20);
            throw new OciError(code, 'the connection broke');
          }
          return end - start > 100 ? broken() : streamOf(blob.subarray(start, end));
        });
      await assert.rejects(readToc(failing('unavailable'), descriptor, testIo()), { code: 'unavailable' });
      assert.equal(
        await readTocOrReason(failing('content-mismatch'), descriptor, testIo()),
        'the table of contents is not used: the connection broke',
      );
    });

    it(`does not use a table of ${format} that ends early`, async () => {
      const source = ranged(async (_, { start, end }) =>
        streamOf(blob.subarray(start, end - (end - start > 100 ? 9 : 0))),
      );
      assert.match(
        String(await readTocOrReason(source, descriptor, testIo()).then((found) => typeof found === 'string' && found)),
        /^the table of contents is not used: /,
      );
    });

    it(`reads ${format} in pieces of one byte`, async () => {
      const source = ranged(async (_, { start, end }) => {
        async function* bytes(): AsyncGenerator<Uint8Array, void, undefined> {
          for (let at = start; at < end; at++) yield blob.subarray(at, at + 1);
        }
        return bytes();
      });
      const { source: whole } = await storeOf(layer);
      assert.deepEqual(await readToc(source, descriptor, testIo()), await readToc(whole, descriptor, testIo()));
    });

    it(`closes every part of ${format} that it opened`, async () => {
      for (const cut of [0, 1000]) {
        let open = 0;
        const source = ranged(async (_, { start, end }) => {
          async function* part(): AsyncGenerator<Uint8Array, void, undefined> {
            open++;
            try {
              yield cut === 0 ? blob.subarray(start, end) : Buffer.alloc(end - start, 'x');
            } finally {
              open--;
            }
          }
          return part();
        });
        await readToc(source, descriptor, testIo());
        assert.equal(open, 0);
      }
    });

    it(`stops with the reason of the signal while ${format} is read`, async () => {
      const controller = new AbortController();
      const reason = new Error('cancelled by the user');
      const source = ranged(async (_, { start, end }) => {
        controller.abort(reason);
        return streamOf(blob.subarray(start, end));
      });
      const io = { signal: controller.signal };
      await assert.rejects(readToc(source, descriptor, io), reason);
      await assert.rejects(readToc(source, descriptor, { signal: AbortSignal.abort(reason) }), reason);
    });
  }
});
