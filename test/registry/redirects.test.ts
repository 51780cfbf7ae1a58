import assert from 'node:assert/strict';
import { streamOf } from '../../src/content/bytes.ts';
import { ask, alice, failure, open, type Opened, type Reply, type Site, startSite } from './harness.ts';

interface Pair {
  readonly registry: Site;
  readonly other: Site;
  readonly opened: Opened;
}

/** A registry that wants Basic, and another server on another port. */
async function pair(
  location: (to: { registry: string; other: string }) => Reply,
  test: (pair: Pair) => Promise<void>,
): Promise<void> {
  const other = await startSite(({ method, body }) => ({ body: `other ${method} ${body}` }));
  const registry: Site = await startSite(({ headers, path, method, body }) => {
    if (headers.authorization === undefined) return { status: 401, headers: { 'www-authenticate': 'Basic realm="x"' } };
    return path === '/v2/end'
      ? { body: `registry ${method} ${body}` }
      : location({ registry: registry.url, other: other.url });
  });
  const opened = open({ registry: { registry: registry.host, plainHttp: true }, found: alice });
  try {
    await test({ registry, other, opened });
  } finally {
    await opened.transport.close();
    await registry.stop();
    await other.stop();
  }
}

const headers = {
  accept: 'a/b',
  range: 'bytes=0-1',
  cookie: 'canary',
  'x-registry-auth': 'canary',
  'if-match': 'canary',
};

describe('redirects', () => {
  for (const status of [301, 302, 303, 307, 308]) {
    it(`64: follows a ${status} to another port with nothing of the registry`, async () => {
      await pair(
        ({ other }) => ({ status, headers: { location: `${other}/x?signature=1` } }),
        async ({ opened, other }) => {
          const answer = await ask(opened.connection, 'v2/a', { headers });
          assert.equal(answer.text, 'other GET ');
          assert.equal(answer.url.href, `${other.url}/x?signature=1`);
          const sent = { ...other.seen[0]?.headers };
          delete sent.host;
          assert.deepEqual(sent, {
            accept: 'a/b',
            range: 'bytes=0-1',
            'accept-encoding': 'identity',
            'user-agent': 'gantry',
            connection: 'keep-alive',
          });
        },
      );
    });
  }

  it('keeps the credential on the same origin, relative addresses included', async () => {
    await pair(
      () => ({ status: 307, headers: { location: '../v2/end' } }),
      async ({ opened, registry }) => {
        assert.equal((await ask(opened.connection, 'v2/a', { headers })).text, 'registry GET ');
        assert.equal(registry.seen.at(-1)?.headers.cookie, 'canary');
      },
    );
  });

  it('does not give the credential back on the way home', async () => {
    const registry = await startSite(({ path, headers: { authorization } }) => {
      if (path === '/v2/home') return { body: `came back with ${authorization ?? 'nothing'}` };
      if (authorization === undefined) return { status: 401, headers: { 'www-authenticate': 'Basic realm="x"' } };
      return { status: 307, headers: { location: `${other.url}/x` } };
    });
    const other = await startSite(() => ({ status: 307, headers: { location: `${registry.url}/v2/home` } }));
    const { connection, transport } = open({ registry: { registry: registry.host, plainHttp: true }, found: alice });
    assert.equal((await ask(connection, 'v2/a')).text, 'came back with nothing');
    await transport.close();
    await Promise.all([registry.stop(), other.stop()]);
  });

  it('268: sends a body again where method and body stay, and drops it after a 303', async () => {
    const body = { size: 5, open: async () => streamOf(Buffer.from('hello')) };
    for (const [status, expected] of [
      [307, 'other PUT hello'],
      [308, 'other PUT hello'],
      [303, 'other GET '],
    ] as const) {
      await pair(
        ({ other }) => ({ status, headers: { location: other } }),
        async ({ opened, other }) => {
          const answer = await ask(opened.connection, 'v2/a', {
            method: 'PUT',
            body,
            headers: { 'content-type': 'a/b' },
          });
          assert.equal(answer.text, expected);
          assert.equal(other.seen[0]?.headers['content-type'], status === 303 ? undefined : 'a/b');
        },
      );
    }
  });

  it('66: leaves a 401 of another origin unanswered', async () => {
    const other = await startSite(() => ({ status: 401, headers: { 'www-authenticate': 'Basic realm="give"' } }));
    await pair(
      () => ({ status: 307, headers: { location: other.url } }),
      async ({ opened }) => {
        assert.equal((await ask(opened.connection, 'v2/a')).status, 401);
        assert.equal(other.seen.length, 1);
        assert.equal(other.seen[0]?.headers.authorization, undefined);
      },
    );
    await other.stop();
  });

  it('70: stops after 5 redirects of the API and 10 of a blob', async () => {
    const digest = `sha256:${'a'.repeat(64)}`;
    for (const [path, limit] of [
      ['v2/a/manifests/latest', 5],
      [`v2/a/blobs/${digest}`, 10],
    ] as const) {
      await pair(
        ({ registry }) => ({ status: 302, headers: { location: `${registry}/${path}` } }),
        async ({ opened, registry }) => {
          await ask(opened.connection, 'v2/end');
          const before = registry.seen.length;
          const error = await failure(ask(opened.connection, path));
          assert.equal(error.code, 'protocol-violation');
          assert.match(
            error.message,
            new RegExp(`^too many redirects \\(${limit}\\) from http://127.0.0.1:\\d+/${path}\\.`),
          );
          assert.equal(registry.seen.length - before, limit + 1);
        },
      );
    }
  });

  const wrong: readonly (readonly [string | undefined, string, RegExp])[] = [
    [undefined, 'protocol-violation', /answered 307 without saying where to go/],
    ['file:///etc/passwd', 'untrusted-origin', /it is not an https address/],
    ['data:text/plain,x', 'untrusted-origin', /it is not an https address/],
    ['ftp://example.com/', 'untrusted-origin', /it is not an https address/],
    ['http://user:canary@example.com/', 'untrusted-origin', /its address holds a user name/],
    ['http://[', 'protocol-violation', /redirects to something that is not a URL: "http:\/\/\["/],
    ['http://x:canary@[?canary', 'protocol-violation', /not a URL: "http:\/\/\["/],
    [`http://example.com/${'a'.repeat(9000)}`, 'protocol-violation', /not a URL/],
  ];
  for (const [location, code, message] of wrong) {
    it(`69: refuses a redirect to ${location?.slice(0, 40) ?? 'nowhere'}`, async () => {
      await pair(
        () => ({ status: 307, headers: location === undefined ? {} : { location } }),
        async ({ opened }) => {
          const error = await failure(ask(opened.connection, 'v2/a'));
          assert.equal(error.code, code);
          assert.match(error.message, message);
          assert.doesNotMatch(error.message, /canary/);
        },
      );
    });
  }

  it('67: refuses a private address in any spelling from a registry elsewhere', async () => {
    for (const host of ['169.254.169.254', '[::ffff:a9fe:a9fe]', '10.0.0.1', '0xa9fea9fe', '0.0.0.0', '[fd00::1]']) {
      await pair(
        () => ({ status: 307, headers: { location: `http://${host}/latest/meta-data` } }),
        async ({ opened }) => {
          const error = await failure(ask(opened.connection, 'v2/a'));
          assert.equal(error.code, 'untrusted-origin', host);
          assert.match(error.message, /Nothing was sent there/);
        },
      );
    }
  });
});
