import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { MemoryStore } from '../../src/content/memoryStore.ts';
import { opens } from '../../src/content/bytes.ts';
import { isOciError, type OciError, type OciErrorCode } from '../../src/errors.ts';
import { describe as describeBytes, type Descriptor } from '../../src/oci/descriptor.ts';
import { copyImage } from '../../src/operations/copy.ts';
import { htpasswdUser, type RunningRegistry, startDockerRegistry } from '../support/dockerRegistry.ts';
import { startFaultProxy } from '../support/faultProxy.ts';
import { testIo } from '../support/io.ts';
import { putImage, seededBytes } from '../support/seededImage.ts';
import { newTempDir, removeTempDir } from '../support/tempDir.ts';
import { certificateAuthority, selfSigned } from '../support/tls.ts';
import { startTokenServer, type TokenServer } from '../support/tokenServer.ts';
import { needs } from '../support/tools.ts';
import { validateImage } from '../support/validateImage.ts';
import { login, testClient, type TestClient, type TestClientOptions } from './client.ts';

const secret = 'c4nary:pa55';

describe('authentication against a real registry', function () {
  this.timeout(30_000);
  let directory = '';
  const cleanUp: (() => Promise<void>)[] = [];
  before(async function () {
    needs(this, 'docker-registry', 'openssl');
    directory = await newTempDir();
  });
  afterEach(async () => {
    for (const action of cleanUp.splice(0).reverse()) await action();
  });
  after(async () => {
    if (directory !== '') await removeTempDir(directory);
  });

  async function registryWith(options: Parameters<typeof startDockerRegistry>[0]): Promise<RunningRegistry> {
    const registry = await startDockerRegistry(options);
    cleanUp.push(() => registry.stop());
    return registry;
  }

  async function tokenService(options: Partial<Parameters<typeof startTokenServer>[0]> = {}): Promise<TokenServer> {
    const tokens = await startTokenServer({ directory, users: { alice: secret }, ...options });
    cleanUp.push(() => tokens.stop());
    return tokens;
  }

  function clientOf(host: string, options: TestClientOptions = {}): TestClient {
    const client = testClient(host, options);
    cleanUp.push(() => client.close());
    return client;
  }

  /** Pushes an image to `team/app:v1` and reads it back whole. */
  async function pushAndPull(client: TestClient): Promise<void> {
    const memory = new MemoryStore();
    const { digest } = await putImage(memory, { seed: 7 }, testIo());
    const target = client.registry.repository('team/app');
    await copyImage(memory, digest, target, { tag: 'v1', overwrite: false }, testIo());
    assert.equal((await validateImage(target, 'v1', testIo())).digest, digest);
  }

  /** The error of an action, of the right code and without the password in it or in the log. */
  async function failure(client: TestClient, code: OciErrorCode, action = pushAndPull(client)): Promise<OciError> {
    const error: unknown = await action.then(
      () => assert.fail('it worked'),
      (reason: unknown) => reason,
    );
    assert.ok(isOciError(error, code), String(error));
    const encoded = Buffer.from(`alice:${secret}`).toString('base64');
    const texts = `${error.stack} ${JSON.stringify(client.log)}`;
    for (const leak of [secret, encoded, encodeURIComponent(secret)]) assert.ok(!texts.includes(leak), leak);
    return error;
  }

  describe('Basic', () => {
    it('52: pushes and pulls with the right password', async () => {
      const { host } = await registryWith({ auth: 'htpasswd' });
      await pushAndPull(clientOf(host, { credentials: login(htpasswdUser.username, htpasswdUser.password) }));
    });

    it('44: names whose password is wrong, and tries it once', async () => {
      const { host } = await registryWith({ auth: 'htpasswd' });
      const client = clientOf(host, { credentials: login('alice', secret) });
      const resolving = client.registry.repository('team/app').resolve('v1', testIo());
      const error = await failure(
        client,
        'unauthorized',
        resolving.then(() => undefined),
      );
      assert.match(error.message, /the test/);
      assert.ok(client.log.length <= 3, `${client.log.length} requests`);
    });

    it('says that a login is needed where there is none', async () => {
      const { host } = await registryWith({ auth: 'htpasswd' });
      assert.match((await failure(clientOf(host), 'unauthorized')).message, /sign in|log ?in/i);
    });
  });

  describe('tokens', () => {
    it('51: pushes and pulls, with few requests to the token service', async () => {
      const tokens = await tokenService();
      const { host } = await registryWith({ auth: tokens });
      await pushAndPull(clientOf(host, { credentials: login('alice', secret) }));
      assert.ok(tokens.requests.length <= 3, JSON.stringify(tokens.requests));
      assert.deepEqual(new Set(tokens.requests.map(({ user }) => user)), new Set(['alice']));
    });

    it('18: exchanges an identity token', async () => {
      const tokens = await tokenService({ refreshTokens: { 'refresh-me': 'alice' } });
      const { host } = await registryWith({ auth: tokens });
      const found = { credential: { kind: 'identity-token', token: 'refresh-me' }, origin: 'the test' } as const;
      await pushAndPull(clientOf(host, { credentials: { find: () => Promise.resolve(found) } }));
      assert.deepEqual(
        new Set(tokens.requests.map(({ method, user }) => `${method} ${user ?? ''}`)),
        new Set(['POST alice']),
      );
    });

    it('44: names whose password is wrong, and asks the token service once', async () => {
      const tokens = await tokenService({ users: { alice: 'another' } });
      const { host } = await registryWith({ auth: tokens });
      const client = clientOf(host, { credentials: login('alice', secret) });
      const resolving = client.registry.repository('team/app').resolve('v1', testIo());
      assert.match(
        (
          await failure(
            client,
            'unauthorized',
            resolving.then(() => undefined),
          )
        ).message,
        /the test/,
      );
      assert.equal(tokens.requests.length, 1);
    });

    it('45: says that a user may not push', async () => {
      const tokens = await tokenService();
      const { host } = await registryWith({ auth: tokens });
      const client = clientOf(host, { credentials: login('alice', secret) });
      await pushAndPull(client);
      tokens.denied.add('repository:team/other:push');
      const source = client.registry.repository('team/app');
      const copying = copyImage(
        source,
        'v1',
        client.registry.repository('team/other'),
        { tag: 'v1', overwrite: false },
        testIo(),
      );
      const error = await failure(
        client,
        'forbidden',
        copying.then(() => undefined),
      );
      assert.match(error.message, /team\/other/);
      assert.ok(tokens.requests.length < 10, `${tokens.requests.length} token requests`);
    });

    it('lets anonymous users pull but not push', async () => {
      const tokens = await tokenService({ anonymous: 'pull' });
      const { host } = await registryWith({ auth: tokens });
      await pushAndPull(clientOf(host, { credentials: login('alice', secret) }));
      const anonymous = clientOf(host);
      await validateImage(anonymous.registry.repository('team/app'), 'v1', testIo());
      await failure(
        anonymous,
        'unauthorized',
        copyImage(
          anonymous.registry.repository('team/app'),
          'v1',
          anonymous.registry.repository('team/other'),
          { tag: 'v1', overwrite: false },
          testIo(),
        ).then(() => undefined),
      );
    });

    /** Content that starts to flow, and flows on when every token made so far has expired. */
    function slowContent(tokens: TokenServer): {
      readonly descriptor: Descriptor;
      readonly open: () => Promise<AsyncGenerator<Uint8Array>>;
    } {
      const bytes = seededBytes(11, 30_000);
      let waited = false;
      async function* slow(): AsyncGenerator<Uint8Array> {
        yield bytes.subarray(0, 15_000);
        if (!waited) await delay((tokens.lifetimeSeconds + 1) * 1000);
        waited = true;
        tokens.lifetimeSeconds = 300;
        yield bytes.subarray(15_000);
      }
      return { descriptor: describeBytes(bytes, 'application/octet-stream'), open: async () => slow() };
    }

    it('42: goes on with a new token where one expires between the chunks of an upload', async () => {
      const tokens = await tokenService();
      const { host } = await registryWith({ auth: tokens });
      // What makes the client send chunks.
      const proxy = await startFaultProxy(host, [{ method: 'PUT', pathClass: 'upload', kind: 's413' }]);
      cleanUp.push(() => proxy.stop());
      const client = clientOf(proxy.host, { credentials: login('alice', secret), chunkSize: 10_000 });
      tokens.lifetimeSeconds = 1;
      const { descriptor, open } = slowContent(tokens);
      const target = client.registry.repository('team/app');
      await target.push(descriptor, open, testIo());
      assert.equal(await target.has(descriptor, testIo()), true);
      assert.ok(proxy.trace.some(({ method, status }) => method === 'PATCH' && status === 202));
      assert.ok(proxy.trace.some(({ status }) => status === 401));
      assert.ok(tokens.requests.length >= 2);
    });

    it('42: goes on with a new token where one expires in the middle of an upload in one piece', async () => {
      const tokens = await tokenService();
      const { host } = await registryWith({ auth: tokens });
      const client = clientOf(host, { credentials: login('alice', secret) });
      tokens.lifetimeSeconds = 1;
      const { descriptor, open } = slowContent(tokens);
      const target = client.registry.repository('team/app');
      await target.push(descriptor, open, testIo());
      await target.push(
        describeBytes(seededBytes(12, 10), 'application/octet-stream'),
        opens(seededBytes(12, 10)),
        testIo(),
      );
      assert.equal(await target.has(descriptor, testIo()), true);
      assert.ok(tokens.requests.length >= 2);
    });
  });

  describe('TLS', () => {
    it('55: trusts a private authority that it is told of', async () => {
      const authority = certificateAuthority(directory);
      const { host } = await registryWith({ tls: authority.issue('server') });
      await pushAndPull(clientOf(host, { registry: { ca: authority.pem } }));
      await pushAndPull(clientOf(host, { registry: { insecure: true } }));
      await pushAndPull(clientOf(host, { network: { ca: [authority.pem] } }));
    });

    const untrusted: readonly (readonly [string, () => { certFile: string; keyFile: string }, RegExp])[] = [
      ['an unknown authority', () => certificateAuthority(directory).issue('unknown'), /authority|issuer|verify/i],
      ['a self-signed certificate', () => selfSigned(directory, 'self'), /self-signed/i],
    ];
    for (const [what, certificate, reason] of untrusted) {
      it(`55: refuses ${what}, with the reason and both ways out`, async () => {
        const { host } = await registryWith({ tls: certificate() });
        const { message } = await failure(clientOf(host, { network: { retries: 0 } }), 'untrusted-origin');
        assert.match(message, reason);
        assert.match(message, /\bCA\b|authority|caFile/i);
        assert.match(message, /insecure/i);
      });
    }

    const wrong: readonly (readonly [
      string,
      Parameters<ReturnType<typeof certificateAuthority>['issue']>[1],
      RegExp,
    ])[] = [
      ['an expired certificate', { notBefore: '20200101000000Z', notAfter: '20200102000000Z' }, /expired/i],
      [
        'a certificate that is not valid yet',
        { notBefore: '20400101000000Z', notAfter: '20400102000000Z' },
        /not (?:yet )?valid/i,
      ],
      ['a certificate for another name', { subjectAltName: 'DNS:registry.example.com' }, /name|host/i],
    ];
    for (const [what, options, reason] of wrong) {
      it(`55: refuses ${what}, with the reason`, async () => {
        const authority = certificateAuthority(directory);
        const { host } = await registryWith({ tls: authority.issue('wrong', options) });
        const client = clientOf(host, { registry: { ca: authority.pem }, network: { retries: 0 } });
        assert.match((await failure(client, 'untrusted-origin')).message, reason);
      });
    }

    it('39: gives no password to a token service without TLS', async () => {
      const authority = certificateAuthority(directory);
      const tokens = await tokenService();
      const { host } = await registryWith({ tls: authority.issue('server'), auth: tokens });
      const client = clientOf(host, { registry: { ca: authority.pem }, credentials: login('alice', secret) });
      await failure(client, 'untrusted-origin');
      assert.deepEqual(tokens.requests, []);
    });
  });
});
