import assert from 'node:assert/strict';
import { streamOf } from '../../src/content/bytes.ts';
import type { HttpBody } from '../../src/registry/http.ts';
import { testIo } from '../support/io.ts';
import { ask, failure, open, type Opened, type Reply, type Site, startSite } from './harness.ts';

/** Runs `test` against a registry that gives these answers in turn, the last one from then on. */
async function with_(
  replies: readonly (Reply | undefined)[],
  test: (opened: Opened, site: Site) => Promise<void>,
): Promise<void> {
  let at = 0;
  const site = await startSite(({ path }) => (path === '/v2/' ? {} : replies[Math.min(at++, replies.length - 1)]));
  const opened = open({ registry: { registry: site.host, plainHttp: true } });
  try {
    await test(opened, site);
  } finally {
    await site.stop();
    await opened.transport.close();
  }
}

const ok: Reply = { body: 'ok' };

describe('retrying', () => {
  for (const status of [408, 429, 499, 500, 502, 503, 504, 522, 529]) {
    it(`93: asks again after ${status}`, async () => {
      await with_([{ status }, ok], async ({ connection, clock }, site) => {
        assert.equal((await ask(connection, 'v2/a')).text, 'ok');
        assert.equal(site.seen.length, 2);
        assert.deepEqual(clock.waits, [125]);
      });
    });
  }

  it('93: gives the last answer after 5 tries with doubled pauses', async () => {
    await with_([{ status: 503, body: 'why' }], async ({ connection, clock }, site) => {
      const response = await connection.http({ method: 'GET', url: new URL(site.url) }, testIo());
      assert.equal(response.status, 503);
      assert.equal(response.tries, 5);
      assert.equal(site.seen.length, 5);
      assert.deepEqual(clock.waits, [125, 250, 500, 1000]);
      const chunks: Uint8Array[] = [];
      for await (const chunk of response.body) chunks.push(chunk);
      assert.equal(Buffer.concat(chunks).toString(), 'why');
    });
  });

  it('does not ask again after an answer that is final', async () => {
    for (const status of [400, 403, 404, 405, 501]) {
      await with_([{ status, body: 'x' }], async ({ connection }, site) => {
        assert.deepEqual(await ask(connection, 'v2/a').then(({ status, text }) => [status, text]), [status, 'x']);
        assert.equal(site.seen.length, 1);
      });
    }
  });

  const waits: readonly (readonly [string, number])[] = [
    ['1', 1000],
    ['60', 60_000],
    ['Sat, 21 Nov 2026 10:00:30 GMT', 30_000],
    ['Sat, 21 Nov 2026 09:00:00 GMT', 125],
    ['-5', 125],
    ['abc', 125],
    ['0', 0],
  ];
  for (const [value, expected] of waits) {
    it(`89: waits ${expected} ms after Retry-After: ${value}`, async () => {
      const headers = { 'retry-after': value, date: 'Sat, 21 Nov 2026 10:00:00 GMT' };
      await with_([{ status: 429, headers }, ok], async ({ connection, clock }) => {
        assert.equal((await ask(connection, 'v2/a')).text, 'ok');
        assert.deepEqual(clock.waits, [expected]);
      });
    });
  }

  it('89: stops and says until when where the limit lasts for more than a minute', async () => {
    const body = '{"errors":[{"code":"TOOMANYREQUESTS","message":"slow [down](command:x)"}]}';
    const headers = { 'retry-after': '86400', 'ratelimit-remaining': '0;w=21600' };
    await with_([{ status: 429, headers, body }], async ({ connection, clock }, site) => {
      const error = await failure(ask(connection, 'v2/a?token=canary'));
      assert.equal(error.code, 'rate-limited');
      assert.match(
        error.message,
        /^http:\/\/127\.0\.0\.1:\d+\/v2\/a: the registry limits requests \(it answered 429, "slow \[down\]\(command:x\)", remaining: "0;w=21600"\)\. Wait 24 hours, until \d\d:\d\d, or sign in for a higher limit\.$/,
      );
      assert.equal(site.seen.length, 1);
      assert.deepEqual(clock.waits, []);
    });
  });

  it('90: says so where the limit stays', async () => {
    await with_([{ status: 429 }], async ({ connection }, site) => {
      assert.equal((await failure(ask(connection, 'v2/a'))).code, 'rate-limited');
      assert.equal(site.seen.length, 5);
    });
  });

  it("91: takes GitHub's 403 for too many requests as a rate limit", async () => {
    const limit = { status: 403, body: '{"message":"You have exceeded a secondary rate limit"}' };
    await with_([limit, ok], async ({ connection }) => assert.equal((await ask(connection, 'v2/a')).text, 'ok'));
    await with_([limit], async ({ connection }) => {
      assert.equal((await failure(ask(connection, 'v2/a'))).code, 'rate-limited');
    });
  });

  it('asks again where the connection was lost, and counts the tries in the end', async () => {
    await with_([undefined, undefined, ok], async ({ connection }, site) => {
      assert.equal((await ask(connection, 'v2/a')).text, 'ok');
      assert.equal(site.seen.length, 3);
    });
    await with_([undefined], async ({ connection }, site) => {
      const error = await failure(ask(connection, 'v2/a'));
      assert.equal(error.code, 'unavailable');
      assert.match(error.message, /^No answer from 127\.0\.0\.1:\d+: the connection was lost.*\(after 5 tries\)$/);
      assert.equal(site.seen.length, 5);
    });
  });

  it('268: opens a streamed body anew for each try', async () => {
    let opened = 0;
    const body: HttpBody = { size: 5, open: async () => (opened++, streamOf(Buffer.from('hello'))) };
    await with_([{ status: 502 }, undefined, ok], async ({ connection }, site) => {
      assert.equal((await ask(connection, 'v2/a', { method: 'PUT', body })).text, 'ok');
      assert.deepEqual(
        site.seen.map((seen) => seen.body),
        ['hello', 'hello', 'hello'],
      );
      assert.equal(opened, 3);
    });
  });

  it('does not repeat what may be sent once only: neither after an answer nor after a lost connection', async () => {
    await with_([{ status: 503 }], async ({ connection }, site) => {
      assert.equal((await ask(connection, 'v2/a', { method: 'POST', retry: 'once' })).status, 503);
      assert.equal(site.seen.length, 1);
    });
    await with_([undefined, ok], async ({ connection }, site) => {
      const error = await failure(ask(connection, 'v2/a', { method: 'POST', retry: 'once', body: Buffer.from('x') }));
      assert.equal(error.code, 'unavailable');
      assert.equal(site.seen.length, 1);
    });
  });

  it('repeats even that where nobody was there to get it', async () => {
    const site = await startSite(() => ok);
    await site.stop();
    const { connection, clock } = open({ registry: { registry: site.host, plainHttp: true } });
    const error = await failure(ask(connection, 'v2/a', { method: 'POST', retry: 'once' }));
    assert.equal(error.code, 'unavailable');
    assert.match(error.message, /it refuses connections \(ECONNREFUSED\)\..*\(after 5 tries\)$/);
    assert.equal(clock.waits.length, 4);
  });

  it('does not take a failure of what is sent for one of the server', async () => {
    const reason = new Error('the source broke');
    await with_([ok], async ({ connection, clock }, site) => {
      const body: HttpBody = {
        size: 10,
        open: async () =>
          (async function* () {
            yield Buffer.from('hello');
            throw reason;
          })(),
      };
      assert.equal(await failure(ask(connection, 'v2/a', { method: 'PUT', body })), reason);
      const unopened: HttpBody = { size: 10, open: () => Promise.reject(reason) };
      assert.equal(await failure(ask(connection, 'v2/a', { method: 'PUT', body: unopened })), reason);
      assert.deepEqual([site.seen.length, clock.waits.length], [0, 0]);
    });
  });

  it('ends a pause when the user cancels', async () => {
    await with_([{ status: 503 }], async ({ connection, clock }, site) => {
      const controller = new AbortController();
      const reason = new Error('cancelled by the user');
      clock.sleep = async (_milliseconds, io) => {
        controller.abort(reason);
        io.signal.throwIfAborted();
      };
      const request = connection.http({ method: 'GET', url: new URL(site.url) }, { signal: controller.signal });
      assert.equal(await failure(request), reason);
      assert.equal(site.seen.length, 1);
    });
  });
});
