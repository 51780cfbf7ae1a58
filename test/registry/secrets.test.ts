import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { streamOf } from '../../src/content/bytes.ts';
import type { FoundCredential } from '../../src/credentials/credential.ts';
import type { RegistryOptions } from '../../src/registry/options.ts';
import { needs } from '../support/tools.ts';
import { alice, type Answerer, ask, open, type Opened, type Reply } from './harness.ts';
import { type Internet, startInternet } from './internet.ts';

const registry = 'https://registry.example.com';
const token = 'canary-token';
const proxyLogin = 'canary-proxy';
const identity: FoundCredential = {
  credential: { kind: 'identity-token', token: 'canary-4711' },
  origin: 'a file of the tests',
};
const names = ['registry.example.com', 'auth.example.com', 'cdn.example.com', 'evil.example.net', 'login.example.org'];
const scopes = ['repository:team/app:pull,push'];

/** The canaries in every spelling that a leak could have. */
const spellings = ['canary', 'alice:canary-4711', '<token>:canary-4711', `user:${proxyLogin}`].flatMap((text) => [
  text,
  encodeURIComponent(text),
  Buffer.from(text).toString('base64').replace(/=+$/, ''),
  Buffer.from(text).toString('base64url'),
  Buffer.from(text).toString('hex'),
]);

function leaks(text: string): readonly string[] {
  return spellings.filter((spelling) => text.toLowerCase().includes(spelling.toLowerCase()));
}

const challenge = (realm: string): Reply => ({
  status: 401,
  headers: { 'www-authenticate': `Bearer realm="${realm}",service="s",scope="repository:team/app:pull"` },
  body: '{"errors":[{"code":"UNAUTHORIZED","message":"canary in the words of the registry"}]}',
});
const basic: Reply = { status: 401, headers: { 'www-authenticate': 'Basic realm="s"' } };
const goodToken: Reply = { body: JSON.stringify({ token }) };
const wanting =
  (first: Reply, then: Reply): Answerer =>
  ({ headers }) =>
    headers.authorization === undefined ? first : then;
const redirect = (location: string, status = 307): Reply => ({
  status,
  headers: { location, 'set-cookie': 'canary=1' },
});

interface Case {
  readonly name: string;
  readonly sites: Readonly<Record<string, Answerer>>;
  /** What the request ends with: a status or the code of an error. */
  readonly ends: number | string;
  /** Origins that may see a secret beside the registry. */
  readonly trusted?: readonly string[];
  /** Origins that are asked something. */
  readonly asked?: readonly string[];
  readonly settings?: Partial<RegistryOptions>;
  readonly found?: FoundCredential | null;
  readonly method?: 'PUT';
}

const evil = 'https://evil.example.net';
const auth = 'https://auth.example.com';
const cdn = 'https://cdn.example.com';

const cases: readonly Case[] = [
  {
    name: '37: a token service of the same site gets the password',
    sites: { [registry]: wanting(challenge(`${auth}/token`), {}), [auth]: () => goodToken },
    ends: 200,
    trusted: [auth],
    asked: [auth],
  },
  {
    name: '37: a token service elsewhere gets nothing',
    sites: { [registry]: wanting(challenge(`${evil}/token`), {}), [evil]: () => goodToken },
    ends: 'untrusted-origin',
  },
  {
    name: '37: a token service elsewhere gets no refresh token either',
    sites: { [registry]: wanting(challenge(`${evil}/token`), {}), [evil]: () => goodToken },
    ends: 'untrusted-origin',
    found: identity,
  },
  {
    name: '37: a token service elsewhere gets an anonymous request where there is nothing to lose',
    sites: { [registry]: wanting(challenge(`${evil}/token`), {}), [evil]: () => goodToken },
    ends: 200,
    asked: [evil],
    found: null,
  },
  {
    name: '37: a token service elsewhere gets the password where the user listed it',
    sites: {
      [registry]: wanting(challenge('https://login.example.org/token'), {}),
      'https://login.example.org': () => goodToken,
    },
    ends: 200,
    trusted: ['https://login.example.org'],
    asked: ['https://login.example.org'],
    settings: { tokenRealms: ['https://login.example.org'] },
  },
  ...[
    'http://auth.example.com/token',
    'http://127.0.0.1:5997/token',
    'https://x:y@auth.example.com/',
    'file:///etc/passwd',
  ].map((realm): Case => ({
    name: `39: the token service ${realm}`,
    sites: { [registry]: wanting(challenge(realm), {}), 'http://auth.example.com': () => goodToken },
    ends: 'untrusted-origin',
  })),
  ...[
    'https://127.0.0.1/',
    'https://0x7f.1/',
    'https://2130706433/',
    'https://[::ffff:169.254.169.254]/',
    'https://169.254.169.254./',
    'https://localhost/',
  ].map((realm): Case => ({
    name: `38: an anonymous token of ${realm}`,
    sites: { [registry]: wanting(challenge(realm), {}) },
    ends: 'untrusted-origin',
    found: null,
  })),
  {
    name: 'a token service that redirects the login away',
    sites: {
      [registry]: wanting(challenge(`${auth}/token`), {}),
      [auth]: () => redirect(`${evil}/token`),
      [evil]: () => goodToken,
    },
    ends: 'untrusted-origin',
    trusted: [auth],
    asked: [auth],
  },
  {
    name: 'a token service that redirects the refresh token away',
    sites: {
      [registry]: wanting(challenge(`${auth}/token`), {}),
      [auth]: () => redirect(`${evil}/token`, 308),
      [evil]: () => goodToken,
    },
    ends: 'untrusted-origin',
    trusted: [auth],
    asked: [auth],
    found: identity,
  },
  {
    name: 'a token service that echoes the login in its error',
    sites: {
      [registry]: wanting(challenge(`${auth}/token`), {}),
      [auth]: ({ headers }) => ({
        status: 401,
        body: JSON.stringify({ details: `canary-4711 ${headers.authorization ?? ''}` }),
      }),
    },
    ends: 'unauthorized',
    trusted: [auth],
    asked: [auth],
  },
  {
    name: 'a token service that answers nonsense with a token in it',
    sites: { [registry]: wanting(challenge(`${auth}/token`), {}), [auth]: () => ({ body: `{"token": ${token}}` }) },
    ends: 'protocol-violation',
    trusted: [auth],
    asked: [auth],
  },
  ...[cdn, evil].map((to): Case => ({
    name: `63: a redirect to ${to}`,
    sites: { [registry]: wanting(basic, redirect(`${to}/blob?X-Amz-Signature=1`)), [to]: () => ({ body: 'blob' }) },
    ends: 200,
    asked: [to],
  })),
  {
    name: '64: a redirect to another port',
    sites: {
      [registry]: wanting(basic, redirect(`${registry}:8443/blob`)),
      [`${registry}:8443`]: () => ({ body: 'blob' }),
    },
    ends: 200,
    asked: [`${registry}:8443`],
  },
  {
    name: '66: a redirect to a server that asks for Basic',
    sites: { [registry]: wanting(basic, redirect(`${evil}/blob`)), [evil]: () => basic },
    ends: 401,
    asked: [evil],
  },
  {
    name: '66: a redirect to a server that asks for Bearer',
    sites: {
      [registry]: wanting(basic, redirect(`${evil}/blob`)),
      [evil]: () => challenge(`${auth}/token`),
      [auth]: () => goodToken,
    },
    ends: 401,
    asked: [evil],
  },
  {
    name: '68: a redirect to plain http',
    sites: {
      [registry]: wanting(basic, redirect('http://registry.example.com/v2/x')),
      'http://registry.example.com': () => ({}),
    },
    ends: 'untrusted-origin',
  },
  ...[
    'https://169.254.169.254/',
    'https://127.0.0.1/',
    'https://10.0.0.1/',
    'https://[::1]/',
    'https://localhost./',
  ].map((to): Case => ({
    name: `67: a redirect to ${to}`,
    sites: { [registry]: wanting(basic, redirect(to)) },
    ends: 'untrusted-origin',
  })),
  {
    name: '71: an upload that is redirected away',
    sites: { [registry]: wanting(basic, redirect(`${evil}/upload`)), [evil]: () => ({ status: 201 }) },
    ends: 201,
    asked: [evil],
    method: 'PUT',
  },
  {
    name: '44: a wrong password',
    sites: { [registry]: () => basic },
    ends: 'unauthorized',
  },
  {
    name: '89: a rate limit with the token in its text',
    sites: { [registry]: wanting(basic, { status: 429, headers: { 'retry-after': '9999' } }) },
    ends: 'rate-limited',
  },
  { name: 'a registry that fails', sites: { [registry]: wanting(basic, { status: 503 }) }, ends: 503 },
];

describe('the password, the tokens and the proxy login', () => {
  let internet: Internet;

  before(async function () {
    needs(this, 'openssl');
    internet = await startInternet(names);
  });
  after(() => internet.stop());

  function start(row: Case): Opened {
    internet.sites.clear();
    internet.seen.length = 0;
    for (const [host, answer] of Object.entries(row.sites)) internet.sites.set(host, answer);
    return open({
      registry: { registry: 'registry.example.com', ca: internet.ca, ...row.settings },
      proxyFor: () => internet.proxy.replace('//', `//user:${proxyLogin}@`),
      found: row.found === null ? undefined : (row.found ?? alice),
      lookup: (host) => assert.fail(`looked up ${host}`),
    });
  }

  for (const row of cases) {
    it(`reach no one else: ${row.name}`, async () => {
      const { connection, transport, log, warnings } = start(row);
      const body = { size: 5, open: async () => streamOf(Buffer.from('hello')) };
      const headers = { cookie: 'canary', 'proxy-authorization-x': 'canary' };
      const request = { scopes, headers, ...(row.method === undefined ? {} : { method: row.method, body }) };
      let end: unknown;
      let told = '';
      try {
        end = (await ask(connection, 'v2/team/app/blobs/sha256:0?_state=canary', request)).status;
      } catch (error) {
        end = (error as { code?: string }).code;
        told = inspect(error, { depth: 5 });
      }
      await transport.close();
      assert.equal(end, row.ends, told);
      const trusted = new Set([registry, ...(row.trusted ?? [])]);
      for (const seen of internet.seen) {
        if (!trusted.has(seen.host))
          assert.deepEqual(leaks(inspect(seen, { maxStringLength: null })), [], `sent to ${seen.host}`);
        assert.equal(seen.headers['proxy-authorization'], undefined);
      }
      assert.deepEqual(new Set(internet.seen.map(({ host }) => host)), new Set([registry, ...(row.asked ?? [])]));
      assert.deepEqual(leaks(inspect([log, warnings], { depth: 5 })), [], 'in the log');
      assert.deepEqual(leaks(told), [], 'in the error');
    });
  }
});
