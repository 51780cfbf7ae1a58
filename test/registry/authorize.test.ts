import assert from 'node:assert/strict';
import type { FoundCredential } from '../../src/credentials/credential.ts';
import { alice, ask, failure, open, type Opened, type Site, startSite } from './harness.ts';

const basicAlice = `Basic ${Buffer.from('alice:canary-4711').toString('base64')}`;
const pull = ['repository:team/app:pull'];

describe('authorizing with Basic', () => {
  const basic = { 'www-authenticate': 'Basic realm="reg"' };

  async function withBasic(
    options: { found?: FoundCredential | undefined; accepts: string },
    test: (rig: Opened & { site: Site }) => Promise<void>,
  ): Promise<void> {
    const site = await startSite(({ headers, path }) =>
      path === '/v2/' || headers.authorization === options.accepts ? { body: 'in' } : { status: 401, headers: basic },
    );
    const opened = open({ registry: { registry: site.host, plainHttp: true }, found: options.found });
    try {
      await test({ ...opened, site });
    } finally {
      await opened.transport.close();
      await site.stop();
    }
  }

  it('52: follows the challenge of the real request, even where /v2/ is open, and sends the password ahead from then on', async () => {
    await withBasic({ found: alice, accepts: basicAlice }, async ({ connection, site }) => {
      assert.equal((await ask(connection, 'v2/a', { scopes: pull })).text, 'in');
      assert.equal((await ask(connection, 'v2/b', { scopes: pull })).text, 'in');
      assert.deepEqual(
        site.seen.map(({ headers }) => headers.authorization),
        [undefined, basicAlice, basicAlice],
      );
    });
  });

  it('44: tries a wrong password once, even where many requests start at once', async () => {
    await withBasic({ found: alice, accepts: 'nothing' }, async ({ connection, site }) => {
      const all = Array.from({ length: 20 }, () => failure(ask(connection, 'v2/a', { scopes: pull })));
      for (const error of await Promise.all(all)) {
        assert.match(error.message, /did not accept the user name or password of "alice" \(a file of the tests\)/);
      }
      assert.equal(site.seen.filter(({ headers }) => headers.authorization !== undefined).length, 1);
    });
  });

  it('says that a login is wanted where there is none', async () => {
    await withBasic({ found: undefined, accepts: basicAlice }, async ({ connection, site }) => {
      const error = await failure(ask(connection, 'v2/a', { scopes: pull }));
      assert.equal(error.code, 'unauthorized');
      assert.equal(error.message, `${site.host} wants a login and none was found for it. Sign in to ${site.host}.`);
    });
  });

  it('52: takes the challenge of /v2/ where a 401 has none', async () => {
    const site = await startSite(({ headers, path }) => {
      if (headers.authorization === basicAlice) return { body: 'in' };
      return { status: 401, headers: path === '/v2/' ? basic : {} };
    });
    const { connection, transport } = open({ registry: { registry: site.host, plainHttp: true }, found: alice });
    assert.equal((await ask(connection, 'v2/a', { scopes: pull })).text, 'in');
    assert.equal((await ask(connection, 'v2/a', { scopes: ['repository:b:pull'] })).text, 'in');
    assert.equal(site.seen.filter(({ path }) => path === '/v2/').length, 1);
    await transport.close();
    await site.stop();
  });

  it('chooses Bearer where both are offered', async () => {
    const site: Site = await startSite(({ path, headers }) => {
      if (path.startsWith('/token')) return { body: '{"token":"T"}' };
      const both = ['Basic realm="b"', 'Bearer realm="/token"'];
      return headers.authorization === 'Bearer T'
        ? { body: 'in' }
        : { status: 401, headers: { 'www-authenticate': both } };
    });
    const { connection, transport } = open({ registry: { registry: site.host, plainHttp: true }, found: alice });
    assert.equal((await ask(connection, 'v2/a', { scopes: pull })).text, 'in');
    await transport.close();
    await site.stop();
  });

  it('names a way to sign in that is not known here', async () => {
    const site = await startSite(() => ({ status: 401, headers: { 'www-authenticate': 'Negotiate' } }));
    const { connection, transport } = open({ registry: { registry: site.host, plainHttp: true }, found: alice });
    assert.match(
      (await failure(ask(connection, 'v2/a'))).message,
      /answered 401 without a way to sign in that is known here/,
    );
    await transport.close();
    await site.stop();
  });

  it('48: never sends the credential to another port of the same host, whatever the caller put into the request', async () => {
    const other = await startSite(() => ({ body: 'other' }));
    await withBasic({ found: alice, accepts: basicAlice }, async ({ connection }) => {
      await ask(connection, 'v2/a', { scopes: pull });
      await ask(connection, other.url, { scopes: pull, headers: { authorization: 'Bearer canary' } });
      assert.equal(other.seen[0]?.headers.authorization, undefined);
    });
    await other.stop();
  });
});
