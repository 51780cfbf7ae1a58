import assert from 'node:assert/strict';
import https from 'node:https';
import { readFileSync } from 'node:fs';
import { listen } from './listen.ts';
import { withTempDir } from './tempDir.ts';
import { type Certificate, certificateAuthority } from './tls.ts';
import { needs } from './tools.ts';

async function visit(certificate: Certificate, ca: string): Promise<number | string> {
  const server = https.createServer(
    { cert: readFileSync(certificate.certFile), key: readFileSync(certificate.keyFile) },
    (_request, response) => response.end(),
  );
  const listening = await listen(server);
  try {
    return await new Promise((resolve) => {
      https
        .get({ host: '127.0.0.1', port: listening.port, ca, agent: false }, (response) =>
          resolve(response.resume().statusCode ?? 0),
        )
        .once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? ''));
    });
  } finally {
    await listening.stop();
  }
}

describe('certificateAuthority', () => {
  before(function () {
    needs(this, 'openssl');
  });

  it('issues certificates that Node trusts where it knows the authority, and not expired ones', async () => {
    await withTempDir(async (directory) => {
      const authority = certificateAuthority(directory);
      assert.equal(await visit(authority.issue('good'), authority.pem), 200);
      const dates = { notBefore: '20200101000000Z', notAfter: '20200102000000Z' };
      assert.equal(await visit(authority.issue('old', dates), authority.pem), 'CERT_HAS_EXPIRED');
      const named = authority.issue('named', { subjectAltName: 'DNS:registry.example.com' });
      assert.equal(await visit(named, authority.pem), 'ERR_TLS_CERT_ALTNAME_INVALID');
    });
  });
});
