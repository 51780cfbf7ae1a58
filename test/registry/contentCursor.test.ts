import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { ByteStream, OpenContent } from '../../src/content/store.ts';
import { describe as describeBytes } from '../../src/oci/descriptor.ts';
import { mediaTypes } from '../../src/oci/mediaTypes.ts';
import { ContentCursor } from '../../src/registry/contentCursor.ts';
import type { HttpBody } from '../../src/registry/http.ts';

const content = Buffer.from('0123456789abcdefghij');
const descriptor = describeBytes(content, mediaTypes.layer);

/** Opens the content in pieces of `size` bytes and counts how often. */
function source(bytes: Uint8Array, size: number): { readonly open: OpenContent; opened: number } {
  const counted = { opened: 0, open: async () => stream(bytes, size, counted) };
  return counted;
}

async function* stream(
  bytes: Uint8Array,
  size: number,
  counted: { opened: number },
): AsyncGenerator<Uint8Array, void, undefined> {
  counted.opened++;
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function read(body: HttpBody, most = Infinity): Promise<string> {
  if (body instanceof Uint8Array) return Buffer.from(body).toString();
  const chunks: Uint8Array[] = [];
  const opened: ByteStream = await body.open();
  for await (const chunk of opened) if (chunks.push(chunk) >= most) break;
  return Buffer.concat(chunks).toString();
}

describe('ContentCursor', () => {
  it('gives piece after piece of content that is opened once', async () => {
    const counted = source(content, 3);
    const cursor = new ContentCursor(counted.open, descriptor);
    assert.equal(await read(cursor.body(0, 7)), '0123456');
    assert.equal(cursor.finished, false);
    assert.equal(await read(cursor.body(7, 7)), '789abcd');
    assert.equal(await read(cursor.body(14, 6)), 'efghij');
    assert.equal(cursor.finished, true);
    assert.equal(counted.opened, 1);
  });

  it('268: opens the content anew for a piece that is sent again', async () => {
    const counted = source(content, 3);
    const cursor = new ContentCursor(counted.open, descriptor);
    const body = cursor.body(0, 20);
    assert.equal(await read(body, 2), '012345');
    assert.equal(cursor.finished, false);
    assert.equal(await read(body), '0123456789abcdefghij');
    assert.equal(cursor.finished, true);
    assert.equal(await read(cursor.body(5, 3)), '567');
    assert.equal(counted.opened, 3);
  });

  const wrong: readonly (readonly [string, string])[] = [
    ['shorter', '0123456789'],
    ['longer', '0123456789abcdefghijk'],
    ['empty', ''],
  ];
  for (const [what, text] of wrong) {
    it(`282: never gives the last byte of content that is ${what} than its descriptor says`, async () => {
      const cursor = new ContentCursor(source(Buffer.from(text), 4).open, descriptor);
      const body = cursor.body(0, 20);
      assert.ok(!(body instanceof Uint8Array));
      const got: Uint8Array[] = [];
      const reading = (async () => {
        for await (const chunk of await body.open()) got.push(chunk);
      })();
      await assert.rejects(reading, { code: 'content-mismatch', message: /changed while it was read/ });
      assert.ok(Buffer.concat(got).length < 20);
      assert.equal(cursor.finished, false);
      assert.ok(cursor.failure instanceof Error);
    });
  }

  it('keeps what the content failed with until the next piece', async () => {
    const failure = new Error('the disk broke');
    const cursor = new ContentCursor(() => Promise.reject(failure), descriptor);
    await assert.rejects(read(cursor.body(0, 20)), failure);
    assert.equal(cursor.failure, failure);
    cursor.body(0, 0);
    assert.equal(cursor.failure, undefined);
  });

  it('stops a piece that is not the latest, also where it waits for its source', async () => {
    const gate = Promise.withResolvers<Uint8Array>();
    const entered = Promise.withResolvers<undefined>();
    let opened = 0;
    async function* gated(): AsyncGenerator<Uint8Array, void, undefined> {
      entered.resolve(undefined);
      yield await gate.promise;
    }
    const open = async (): Promise<ByteStream> => (++opened === 1 ? gated() : source(content, 2).open());
    const cursor = new ContentCursor(open, descriptor);
    const body = cursor.body(0, 20);
    assert.ok(!(body instanceof Uint8Array));
    const stale = (await body.open())[Symbol.asyncIterator]().next();
    await entered.promise;
    const first = cursor.body(0, 10);
    assert.ok(!(first instanceof Uint8Array));
    const latest = (await first.open())[Symbol.asyncIterator]();
    assert.equal(Buffer.from((await latest.next()).value ?? '').toString(), '01');
    gate.resolve(content);
    assert.equal((await stale).done, true);
    assert.equal(Buffer.from((await latest.next()).value ?? '').toString(), '23');
    assert.equal(cursor.finished, false);
  });

  it('lets go of content that opens after it was closed', async () => {
    const gate = Promise.withResolvers<ByteStream>();
    const ended = Promise.withResolvers<string>();
    const done: IteratorResult<Uint8Array> = { done: true, value: undefined };
    const next = async (): Promise<IteratorResult<Uint8Array>> => done;
    const end = async (): Promise<IteratorResult<Uint8Array>> => {
      ended.resolve('ended');
      return done;
    };
    const cursor = new ContentCursor(() => gate.promise, descriptor);
    const body = cursor.body(0, 20);
    assert.ok(!(body instanceof Uint8Array));
    const reading = (await body.open())[Symbol.asyncIterator]().next();
    cursor.close();
    gate.resolve({ [Symbol.asyncIterator]: () => ({ next, return: end }) });
    assert.equal(await ended.promise, 'ended');
    assert.equal((await reading).done, true);
    assert.equal(cursor.failure, undefined);
  });

  it('does not take the failure of a piece that is not the latest for its own', async () => {
    const gate = Promise.withResolvers<never>();
    let opened = 0;
    const open = (): Promise<ByteStream> => (++opened === 1 ? gate.promise : source(content, 2).open());
    const cursor = new ContentCursor(open, descriptor);
    const stale = read(cursor.body(0, 20));
    assert.equal(await read(cursor.body(0, 20)), '0123456789abcdefghij');
    gate.reject(new Error('too late'));
    assert.equal(await stale, '');
    assert.equal(cursor.failure, undefined);
    assert.equal(cursor.finished, true);
  });

  it('gives any pieces in any order of content in pieces of any size', async () => {
    const part = fc.tuple(fc.nat(20), fc.nat(20), fc.integer({ min: 1, max: 20 }));
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 21 }), fc.array(part, { maxLength: 8 }), async (size, parts) => {
        const cursor = new ContentCursor(source(content, size).open, descriptor);
        for (const [from, length, most] of parts) {
          const wanted = Math.min(length, 20 - from);
          const got = await read(cursor.body(from, wanted), most);
          const whole = content.subarray(from, from + wanted).toString();
          assert.equal(whole.startsWith(got), true);
          if (most >= wanted) assert.equal(got, whole);
        }
      }),
      { seed: 20261121, numRuns: 300 },
    );
  });
});
