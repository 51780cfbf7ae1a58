import assert from 'node:assert/strict';
import https from 'node:https';
import { readFileSync } from 'node:fs';
import { testIo } from '../support/io.ts';
import { listen, type Listening } from '../support/listen.ts';
import { newTempDir, removeTempDir } from '../support/tempDir.ts';
import { certificateAuthority, type CertificateAuthority, selfSigned } from '../support/tls.ts';
import { needs } from '../support/tools.ts';
import { failure, get, startSite, text, type Use, withClient } from './harness.ts';

describe('Transport over TLS', () => {
  let directory = '';
  let authority: CertificateAuthority;

  before(async function () {
    needs(this, 'openssl');
    directory = await newTempDir();
    authority = certificateAuthority(directory);
  });
  after(() => removeTempDir(directory));

  async function secure(
    certificate: { certFile: string; keyFile: string },
    options: https.ServerOptions = {},
  ): Promise<Listening> {
    const files = { cert: readFileSync(certificate.certFile), key: readFileSync(certificate.keyFile) };
    return listen(https.createServer({ ...files, ...options }, (_request, response) => response.end('secure')));
  }

  async function visit(server: Listening, use: Use): Promise<string> {
    let outcome = '';
    await withClient(server.host, use, async (client) => {
      outcome = await text(client, get(server.host, 'https')).then(
        (answer) => answer.text,
        (error: unknown) => `${(error as { code: string }).code}: ${(error as Error).message}`,
      );
    });
    return outcome;
  }

  it('55: trusts the authority of the settings, or anything where the registry is marked insecure', async () => {
    const server = await secure(authority.issue('good'));
    assert.equal(await visit(server, { registry: { ca: authority.pem } }), 'secure');
    assert.equal(await visit(server, { registry: { insecure: true } }), 'secure');
    await server.stop();
  });

  const day = (days: number): string =>
    new Date(Date.now() + days * 86_400_000).toISOString().replace(/[-:T]/g, '').slice(0, 14) + 'Z';
  const wrong: readonly (readonly [string, () => { certFile: string; keyFile: string }, boolean, RegExp])[] = [
    [
      'self-signed',
      () => selfSigned(directory, 'self'),
      false,
      /its certificate is self-signed \(DEPTH_ZERO_SELF_SIGNED_CERT\)\. Give the certificate authority's PEM file as caFile of this registry, or mark this one registry insecure/,
    ],
    [
      'of an unknown authority',
      () => authority.issue('unknown'),
      false,
      /signed by an authority that is not known here .*caFile.*insecure/,
    ],
    [
      'expired',
      () => authority.issue('expired', { notBefore: day(-9), notAfter: day(-1) }),
      true,
      /its certificate has expired \(CERT_HAS_EXPIRED\).*clock wrong/,
    ],
    [
      'not valid yet',
      () => authority.issue('early', { notBefore: day(1), notAfter: day(9) }),
      true,
      /its certificate is not valid yet \(CERT_NOT_YET_VALID\).*clock wrong/,
    ],
    [
      'of another host',
      () => authority.issue('named', { subjectAltName: 'DNS:other.example.com' }),
      true,
      /its certificate is for another host name \(ERR_TLS_CERT_ALTNAME_INVALID\)/,
    ],
  ];
  for (const [name, issue, known, message] of wrong) {
    it(`55: refuses a certificate that is ${name}, and says how to go on`, async () => {
      const server = await secure(issue());
      const outcome = await visit(server, known ? { registry: { ca: authority.pem } } : {});
      await server.stop();
      assert.match(outcome, /^untrusted-origin: No answer from 127\.0\.0\.1:\d+: /);
      assert.match(outcome, message);
    });
  }

  it('56: is insecure with the registry only, not with other ports of its host', async () => {
    const [own, other] = [await secure(authority.issue('own')), await secure(authority.issue('other'))];
    await withClient(own.host, { registry: { insecure: true } }, async (client) => {
      assert.equal((await text(client, get(own.host, 'https'))).text, 'secure');
      assert.equal((await failure(client(get(other.host, 'https'), testIo()))).code, 'untrusted-origin');
    });
    await Promise.all([own.stop(), other.stop()]);
  });

  it('shows a client certificate to the registry only', async () => {
    const client = authority.issue('client');
    const names: unknown[] = [];
    const files = authority.issue('mutual');
    const start = (): Promise<Listening> => {
      const options = {
        cert: readFileSync(files.certFile),
        key: readFileSync(files.keyFile),
        ca: authority.pem,
        requestCert: true,
        rejectUnauthorized: false,
      };
      const server = https.createServer(options, (_request, response) => response.end());
      server.on('secureConnection', (socket) => names.push(JSON.stringify(socket.getPeerCertificate().subject)));
      return listen(server);
    };
    const [own, other] = [await start(), await start()];
    const use = {
      registry: {
        ca: authority.pem,
        cert: readFileSync(client.certFile, 'utf8'),
        key: readFileSync(client.keyFile, 'utf8'),
      },
    };
    await withClient(own.host, use, async (http) => {
      await text(http, get(own.host, 'https'));
      await text(http, get(other.host, 'https'));
    });
    await Promise.all([own.stop(), other.stop()]);
    assert.deepEqual(names, ['{"CN":"client"}', undefined]);
  });

  it('58: says that a plain server is one', async () => {
    const site = await startSite(() => ({}));
    const outcome = await visit(site, {});
    await site.stop();
    assert.match(
      outcome,
      /^protocol-violation: .*it answers in plain HTTP where TLS was expected.*mark this one registry plainHttp/,
    );
  });

  it('59: refuses TLS 1.1 and names it', async () => {
    const server = await secure(authority.issue('old'), {
      minVersion: 'TLSv1',
      maxVersion: 'TLSv1.1',
      ciphers: 'DEFAULT@SECLEVEL=0',
    });
    const outcome = await visit(server, { registry: { insecure: true } });
    await server.stop();
    assert.match(outcome, /^protocol-violation: .*only old TLS versions \(1\.0 or 1\.1\)/);
  });

  it('says which setting is wrong where a certificate file is none', async () => {
    const error = await visit(await secure(authority.issue('fine')), {
      registry: { cert: 'nonsense', key: 'nonsense' },
    });
    assert.match(error, /^untrusted-origin: The certificate files set for 127\.0\.0\.1:\d+ cannot be used/);
  });
});
