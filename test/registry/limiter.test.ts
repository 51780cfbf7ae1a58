import assert from 'node:assert/strict';
import { Limiter } from '../../src/registry/limiter.ts';
import { limited } from '../../src/registry/limiter.ts';
import type { HttpClient } from '../../src/registry/http.ts';
import { streamOf } from '../../src/content/bytes.ts';
import { testIo } from '../support/io.ts';
import { ask, failure, open, startSite } from './harness.ts';

describe('Limiter', () => {
  it('runs so many at once and the others in order', async () => {
    const limiter = new Limiter(2);
    const started: number[] = [];
    const gates = Array.from({ length: 5 }, () => Promise.withResolvers<undefined>());
    const all = gates.map((gate, at) =>
      limiter.run(async () => {
        started.push(at);
        await gate.promise;
      }, testIo()),
    );
    await Promise.resolve();
    assert.deepEqual(started, [0, 1]);
    gates[1]?.resolve(undefined);
    await all[1];
    await Promise.resolve();
    assert.deepEqual(started, [0, 1, 2]);
    for (const gate of gates) gate.resolve(undefined);
    await Promise.all(all);
    assert.deepEqual(started, [0, 1, 2, 3, 4]);
  });

  it('lets go of one that is cancelled while it waits, and frees the slot of one that fails', async () => {
    const limiter = new Limiter(1);
    const gate = Promise.withResolvers<undefined>();
    const first = limiter.run(() => gate.promise, testIo());
    const controller = new AbortController();
    const second = limiter.run(async () => 'second', { signal: controller.signal });
    const third = limiter.run(async () => 'third', testIo());
    const reason = new Error('cancelled');
    controller.abort(reason);
    assert.equal(await failure(second), reason);
    const broken = new Error('broken');
    gate.reject(broken);
    assert.equal(await failure(first), broken);
    assert.equal(await third, 'third');
  });
});

describe('limited', () => {
  it('265: never waits for itself with a limit of 1: a body that is read, an upload that reads from the same registry', async () => {
    const blob = 'x'.repeat(2 << 20);
    const site = await startSite(({ method }) => ({ body: method === 'GET' ? blob : 'stored' }));
    const { connection, transport } = open({ registry: { registry: site.host, plainHttp: true }, concurrency: 1 });
    try {
      const io = testIo(5000);
      const url = new URL(site.url);
      const unread = await connection.http({ method: 'GET', url }, io);
      const openBlob = async (): Promise<AsyncIterable<Uint8Array>> =>
        (await connection.http({ method: 'GET', url }, io)).body;
      const stored = await ask(connection, 'x', { method: 'PUT', body: { size: blob.length, open: openBlob } });
      assert.equal(stored.text, 'stored');
      assert.equal(site.seen.at(-1)?.body.length, blob.length);
      let size = 0;
      for await (const chunk of unread.body) size += chunk.length;
      assert.equal(size, blob.length);
    } finally {
      await transport.close();
      await site.stop();
    }
  });

  it('sends no more requests at once than it may', async () => {
    let running = 0;
    let most = 0;
    const wire: HttpClient = async (request) => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setImmediate(resolve));
      running--;
      return { status: 200, url: request.url, headers: {}, body: streamOf(new Uint8Array()) };
    };
    const http = limited(3)(wire);
    const url = new URL('http://127.0.0.1/');
    await Promise.all(Array.from({ length: 20 }, () => http({ method: 'GET', url }, testIo())));
    assert.equal(most, 3);
  });
});
