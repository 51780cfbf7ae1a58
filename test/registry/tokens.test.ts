import assert from 'node:assert/strict';
import type { FoundCredential } from '../../src/credentials/credential.ts';
import {
  type Answerer,
  alice,
  ask,
  failure,
  open,
  type Opened,
  type OpenOptions,
  type Reply,
  type Site,
  startSite,
} from './harness.ts';

const basicAlice = `Basic ${Buffer.from('alice:canary-4711').toString('base64')}`;
const pull = ['repository:team/app:pull'];

interface Rig extends Opened {
  readonly registry: Site;
  readonly service: Site;
  /** Changes what later requests find. */
  readonly options: OpenOptions;
}

interface RigOptions {
  readonly found?: FoundCredential;
  /** The token service; default: token `T1`, `T2`, … */
  readonly service?: Answerer;
  /** Tokens that the registry takes. Default: all. */
  readonly takes?: (token: string) => boolean;
  readonly challenge?: string;
}

/** A registry with a token service on another port of the same host. */
async function withTokens(rig: RigOptions, test: (rig: Rig) => Promise<void>): Promise<void> {
  let count = 0;
  const service = await startSite(
    rig.service ?? (() => ({ body: JSON.stringify({ token: `T${++count}`, expires_in: 300 }) })),
  );
  const registry = await startSite(({ headers: { authorization } }) => {
    const token = /^Bearer (.+)$/.exec(authorization ?? '')?.[1];
    if (token !== undefined && (rig.takes ?? (() => true))(token)) return { body: token };
    const usual = `Bearer realm="${service.url}/token",service="reg",scope="repository:team/app:pull"`;
    return { status: 401, headers: { 'www-authenticate': rig.challenge ?? usual } };
  });
  const options: OpenOptions = { registry: { registry: registry.host, plainHttp: true }, found: rig.found };
  const opened = open(options);
  try {
    await test({ ...opened, registry, service, options });
  } finally {
    await opened.transport.close();
    await Promise.all([registry.stop(), service.stop()]);
  }
}

describe('authorizing with tokens', () => {
  it('asks nobody for credentials before the registry wants one', async () => {
    const site = await startSite(() => ({ body: 'open' }));
    const { connection, asked, transport } = open({ registry: { registry: site.host, plainHttp: true }, found: alice });
    assert.equal((await ask(connection, 'v2/a', { scopes: pull })).text, 'open');
    assert.deepEqual([asked, site.seen[0]?.headers.authorization], [[], undefined]);
    await transport.close();
    await site.stop();
  });

  it('gets a token with the password, and sends it ahead from then on', async () => {
    await withTokens({ found: alice }, async ({ connection, registry, service, asked }) => {
      assert.equal((await ask(connection, 'v2/a', { scopes: pull })).text, 'T1');
      assert.equal((await ask(connection, 'v2/b', { scopes: pull })).text, 'T1');
      assert.deepEqual(
        service.seen.map(({ path, headers }) => [path, headers.authorization]),
        [['/token?service=reg&scope=repository%3Ateam%2Fapp%3Apull&client_id=gantry', basicAlice]],
      );
      assert.deepEqual(
        registry.seen.map(({ headers }) => headers.authorization),
        [undefined, 'Bearer T1', 'Bearer T1'],
      );
      assert.deepEqual(asked, [`${registry.host} team/app`]);
    });
  });

  it('gets an anonymous token without a credential', async () => {
    await withTokens({}, async ({ connection, service }) => {
      assert.equal((await ask(connection, 'v2/a', { scopes: pull })).text, 'T1');
      assert.equal(service.seen[0]?.headers.authorization, undefined);
    });
  });

  it('47: asks for the scopes of the request, most important first, together with those of the challenge', async () => {
    const scopes = ['repository:team/new:pull,push', 'repository:team/app:pull'];
    const challenge = (url: string): string => `Bearer realm="${url}/token",scope="repository:team/new:pull,delete"`;
    const service = await startSite(() => ({ body: '{"token":"T"}' }));
    const registry = await startSite(({ headers }) =>
      headers.authorization === undefined
        ? { status: 401, headers: { 'www-authenticate': challenge(service.url) } }
        : {},
    );
    const { connection, transport } = open({ registry: { registry: registry.host, plainHttp: true } });
    await ask(connection, 'v2/a', { scopes });
    const asked = new URL(service.seen[0]?.path ?? '', service.url).searchParams.getAll('scope');
    assert.deepEqual(asked, ['repository:team/new:pull,push,delete', 'repository:team/app:pull']);
    await transport.close();
    await Promise.all([service.stop(), registry.stop()]);
  });

  const answers: readonly (readonly [string, Reply, string, RegExp?])[] = [
    ['token only', { body: '{"token":"A"}' }, 'A'],
    ['access_token only', { body: '{"access_token":"A"}' }, 'A'],
    ['both, of which access_token counts', { body: '{"token":"B","access_token":"A"}' }, 'A'],
    ['neither', { body: '{}' }, 'protocol-violation', /holds no token/],
    ['a token that is no header', { body: '{"token":"a\\r\\nx: y"}' }, 'protocol-violation', /holds no token/],
    ['HTML', { headers: { 'content-type': 'text/html' }, body: '<html>' }, 'protocol-violation', /is a web page/],
    ['nonsense', { body: 'canary-4711' }, 'protocol-violation', /is not a JSON object/],
    ['nothing', { status: 204 }, 'protocol-violation', /is not a JSON object/],
    ['more than 256 KiB', { body: `{"token":"${'a'.repeat(300_000)}"}` }, 'too-large', /limit of 262144 bytes/],
    [
      '403',
      { status: 403 },
      'forbidden',
      /does not give "alice" \(a file of the tests\) access to repository:team\/app:pull/,
    ],
    ['404', { status: 404 }, 'protocol-violation', /answered 404/],
  ];
  for (const [name, reply, expected, message] of answers) {
    it(`41: takes ${name} from the token service`, async () => {
      await withTokens({ found: alice, service: () => reply }, async ({ connection, service }) => {
        if (message === undefined) {
          assert.equal((await ask(connection, 'v2/a', { scopes: pull })).text, expected);
          return;
        }
        const error = await failure(ask(connection, 'v2/a', { scopes: pull }));
        assert.equal(error.code, expected);
        assert.match(error.message, message);
        assert.doesNotMatch(error.message + String(error.cause), /canary/);
        assert.equal(service.seen.length, 1);
      });
    });
  }

  const lives: readonly (readonly [unknown, number])[] = [
    [undefined, 60],
    [0, 60],
    [-5, 60],
    [1e12, 86_400],
    ['300', 60],
    [300, 300],
  ];
  for (const [expires, seconds] of lives) {
    it(`41: uses a token with expires_in ${expires === undefined ? 'missing' : JSON.stringify(expires)} for ${seconds} s, less 10`, async () => {
      const service: Answerer = () => ({ body: JSON.stringify({ token: 'T', expires_in: expires }) });
      await withTokens({ service }, async ({ connection, clock, service: site }) => {
        const again = async (): Promise<number> => (await ask(connection, 'v2/a', { scopes: pull }), site.seen.length);
        assert.equal(await again(), 1);
        clock.time += (seconds - 11) * 1000;
        assert.equal(await again(), 1);
        clock.time += 1000;
        assert.equal(await again(), 2);
      });
    });
  }

  it('42: gets a new token where the registry no longer takes the old one', async () => {
    const expired = new Set<string>();
    await withTokens({ found: alice, takes: (token) => !expired.has(token) }, async ({ connection, service }) => {
      assert.equal((await ask(connection, 'v2/a', { scopes: pull })).text, 'T1');
      expired.add('T1');
      assert.equal((await ask(connection, 'v2/a', { scopes: pull })).text, 'T2');
      assert.equal(service.seen.length, 2);
    });
  });

  it('43: gives up where no token helps, whatever scope is asked for next', async () => {
    await withTokens({ found: alice, takes: () => false }, async ({ connection, registry, service }) => {
      const error = await failure(ask(connection, 'v2/a', { scopes: pull }));
      assert.equal(error.code, 'unauthorized');
      assert.match(error.message, /authentication keeps failing for "alice" \(a file of the tests\)/);
      assert.deepEqual([registry.seen.length, service.seen.length], [2, 1]);
    });
    let count = 0;
    const site: Site = await startSite(({ path }) => {
      if (path.startsWith('/token')) return { body: `{"token":"T${++count}"}` };
      return {
        status: 401,
        headers: { 'www-authenticate': `Bearer realm="/token",scope="repository:r${count}:pull"` },
      };
    });
    const { connection, transport } = open({ registry: { registry: site.host, plainHttp: true } });
    const error = await failure(ask(connection, 'v2/a', { scopes: pull }));
    assert.match(error.message, /authentication keeps failing/);
    assert.equal(site.seen.filter(({ path }) => path === '/v2/a').length, 3);
    await transport.close();
    await site.stop();
  });

  it('44: tries a wrong password once, and says whose it is and where it came from', async () => {
    const service: Answerer = () => ({ status: 401, body: '{"details":"incorrect username or password canary"}' });
    await withTokens({ found: alice, service }, async ({ connection, service: site, clock, registry }) => {
      const all = Array.from({ length: 20 }, () => failure(ask(connection, 'v2/a', { scopes: pull })));
      for (const error of await Promise.all(all)) {
        assert.equal(error.code, 'unauthorized');
        assert.equal(
          error.message,
          `${registry.host} did not accept the user name or password of "alice" (a file of the tests). It was tried once. Sign in again.`,
        );
      }
      assert.equal(site.seen.length, 1);
      assert.deepEqual(clock.waits, []);
    });
  });

  it('45: says both possibilities where the account is known and the scope denied', async () => {
    const denied = (url: string): string =>
      `Bearer realm="${url}/token",scope="repository:team/app:push",error="insufficient_scope"`;
    for (const [found, code, text] of [
      [
        alice,
        'forbidden',
        /does not allow "alice" \(a file of the tests\) push of team\/app: the account may not do it, or it does not exist/,
      ],
      [undefined, 'unauthorized', /does not allow push of team\/app without a login\. It may not exist\. Sign in/],
    ] as const) {
      const service = await startSite(() => ({ body: '{"token":"T"}' }));
      const registry = await startSite(() => ({ status: 401, headers: { 'www-authenticate': denied(service.url) } }));
      const { connection, transport } = open({ registry: { registry: registry.host, plainHttp: true }, found });
      const error = await failure(ask(connection, 'v2/a', { scopes: ['repository:team/app:push'] }));
      assert.equal(error.code, code);
      assert.match(error.message, text);
      await transport.close();
      await Promise.all([service.stop(), registry.stop()]);
    }
  });

  it('49: forgets a token when the user is another one', async () => {
    await withTokens({ found: alice }, async ({ connection, options, service, clock }) => {
      assert.equal((await ask(connection, 'v2/a', { scopes: pull })).text, 'T1');
      options.found = { ...alice, account: 'bob', credential: { kind: 'basic', username: 'bob', password: 'x' } };
      clock.time += 60_000;
      assert.equal((await ask(connection, 'v2/a', { scopes: pull })).text, 'T2');
      options.found = undefined;
      clock.time += 60_000;
      assert.equal((await ask(connection, 'v2/a', { scopes: pull })).text, 'T3');
      assert.equal(service.seen[2]?.headers.authorization, undefined);
    });
  });

  it('51: asks for one token where 50 requests start at once', async () => {
    await withTokens({ found: alice }, async ({ connection, service }) => {
      const all = Array.from({ length: 50 }, () => ask(connection, 'v2/a', { scopes: pull }));
      assert.deepEqual(new Set((await Promise.all(all)).map(({ text }) => text)), new Set(['T1']));
      assert.equal(service.seen.length, 1);
    });
  });

  it('exchanges an identity token by POST', async () => {
    const found: FoundCredential = { credential: { kind: 'identity-token', token: 'canary-id' }, origin: 'tests' };
    await withTokens({ found }, async ({ connection, service }) => {
      assert.equal((await ask(connection, 'v2/a', { scopes: pull })).text, 'T1');
      const { method, path, body, headers } = service.seen[0] ?? { method: '', path: '', body: '', headers: {} };
      assert.deepEqual([method, path, headers.authorization], ['POST', '/token', undefined]);
      assert.deepEqual(Object.fromEntries(new URLSearchParams(body)), {
        grant_type: 'refresh_token',
        client_id: 'gantry',
        refresh_token: 'canary-id',
        service: 'reg',
        scope: 'repository:team/app:pull',
      });
    });
  });

  it('exchanges it by GET where the service does not know POST, and not where the service refuses it', async () => {
    const found: FoundCredential = {
      credential: { kind: 'identity-token', token: 'id' },
      origin: 'tests',
      account: 'bob',
    };
    for (const status of [404, 405, 501]) {
      const service: Answerer = ({ method }) => (method === 'POST' ? { status } : { body: '{"token":"G"}' });
      await withTokens({ found, service }, async ({ connection, service: site }) => {
        assert.equal((await ask(connection, 'v2/a', { scopes: pull })).text, 'G');
        assert.equal(site.seen[1]?.headers.authorization, `Basic ${Buffer.from('bob:id').toString('base64')}`);
      });
    }
    await withTokens({ found, service: () => ({ status: 401 }) }, async ({ connection, service }) => {
      assert.equal((await failure(ask(connection, 'v2/a', { scopes: pull }))).code, 'unauthorized');
      assert.equal(service.seen.length, 1);
    });
  });

  it('sends a registry token as it is', async () => {
    const found: FoundCredential = { credential: { kind: 'registry-token', token: 'RT' }, origin: 'tests' };
    await withTokens({ found }, async ({ connection, service }) => {
      assert.equal((await ask(connection, 'v2/a', { scopes: pull })).text, 'RT');
      assert.equal(service.seen.length, 0);
    });
    await withTokens({ found, takes: () => false }, async ({ connection, registry }) => {
      assert.equal((await failure(ask(connection, 'v2/a', { scopes: pull }))).code, 'unauthorized');
      assert.equal(registry.seen.length, 2);
    });
  });

  it('asks the token service again where it failed for a moment', async () => {
    let asked = 0;
    const service: Answerer = () => (++asked === 1 ? { status: 503 } : { body: '{"token":"T"}' });
    await withTokens({ service }, async ({ connection }) => {
      assert.equal((await ask(connection, 'v2/a', { scopes: pull })).text, 'T');
    });
  });

  it('does not follow the token service to another origin', async () => {
    const evil = await startSite(() => ({ body: '{"token":"E"}' }));
    const service: Answerer = () => ({ status: 307, headers: { location: `${evil.url}/token` } });
    await withTokens({ found: alice, service }, async ({ connection }) => {
      const error = await failure(ask(connection, 'v2/a', { scopes: pull }));
      assert.equal(error.code, 'untrusted-origin');
      assert.equal(evil.seen.length, 0);
    });
    await evil.stop();
  });
});
