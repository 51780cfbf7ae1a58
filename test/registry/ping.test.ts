import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import https from 'node:https';
import net from 'node:net';
import { testIo } from '../support/io.ts';
import { listen } from '../support/listen.ts';
import { withTempDir } from '../support/tempDir.ts';
import { selfSigned } from '../support/tls.ts';
import { needs } from '../support/tools.ts';
import { ask, failure, open, startSite } from './harness.ts';

describe('Connection.base', () => {
  it('57: is https for every host that is not on loopback, without asking', async () => {
    const registries = ['docker.io', 'registry.example.com', '10.0.0.1:5000', '192.168.1.1', 'registry:5000'];
    for (const registry of registries) {
      const { connection, log } = open({ registry: { registry }, lookup: () => assert.fail('looked up') });
      const host = registry === 'docker.io' ? 'registry-1.docker.io' : registry;
      assert.equal((await connection.base(testIo())).href, `https://${host}/`);
      assert.deepEqual(log, []);
    }
  });

  it('is what the settings say, without asking', async () => {
    const plain = open({ registry: { registry: 'registry.example.com:5000', plainHttp: true } });
    assert.equal((await plain.connection.base(testIo())).href, 'http://registry.example.com:5000/');
    const insecure = open({ registry: { registry: 'localhost:5000', insecure: true } });
    assert.equal((await insecure.connection.base(testIo())).href, 'https://localhost:5000/');
  });

  it('is http on loopback where http is answered, found out once by however many ask', async () => {
    const site = await startSite(() => ({ status: 401 }));
    const { connection, transport } = open({ registry: { registry: site.host } });
    const all = await Promise.all(Array.from({ length: 10 }, () => connection.base(testIo())));
    assert.deepEqual(new Set(all.map(({ href }) => href)), new Set([`${site.url}/`]));
    assert.equal((await connection.base(testIo())).href, `${site.url}/`);
    assert.deepEqual(
      site.seen.map(({ method, path }) => `${method} ${path}`),
      ['GET /v2/'],
    );
    await transport.close();
    await site.stop();
  });

  it('is https on loopback where that is spoken, and the certificate is checked all the same', async function () {
    needs(this, 'openssl');
    await withTempDir(async (directory) => {
      const files = selfSigned(directory, 'loopback');
      const options = { cert: readFileSync(files.certFile), key: readFileSync(files.keyFile) };
      const server = await listen(https.createServer(options, (_request, response) => response.end('ok')));
      const { connection, transport } = open({ registry: { registry: server.host } });
      assert.equal((await connection.base(testIo())).href, `https://${server.host}/`);
      assert.equal((await failure(ask(connection, 'v2/a'))).code, 'untrusted-origin');
      await transport.close();
      await server.stop();
    });
  });

  it('58: is https on loopback where a server says so in plain HTTP', async () => {
    const site = await startSite(() => ({ status: 400, body: 'Client sent an HTTP request to an HTTPS server.\n' }));
    const { connection, transport } = open({ registry: { registry: site.host } });
    assert.equal((await connection.base(testIo())).href, `https://${site.host}/`);
    await transport.close();
    await site.stop();
  });

  it('is asked again where nobody was there', async () => {
    const first = await startSite(() => ({}));
    await first.stop();
    const { connection, transport, log } = open({ registry: { registry: first.host } });
    assert.equal((await connection.base(testIo())).protocol, 'http:');
    assert.equal((await connection.base(testIo())).protocol, 'http:');
    assert.equal(log.length, 2);
    await transport.close();
  });

  it('is http where loopback speaks neither, so that the request says what is wrong', async () => {
    const server = await listen(net.createServer((socket) => socket.once('data', () => socket.end('SSH-2.0\r\n'))));
    const { connection, transport } = open({ registry: { registry: server.host } });
    const error = await failure(ask(connection, 'v2/a'));
    assert.equal(error.code, 'protocol-violation');
    assert.match(error.message, /does not speak proper HTTP/);
    await transport.close();
    await server.stop();
  });

  it('83: names a web page that answers in the place of a registry', async () => {
    const site = await startSite(() => ({
      headers: { 'content-type': 'text/html' },
      body: '<html><title>Sign in</title>',
    }));
    const { connection, transport } = open({ registry: { registry: site.host } });
    const error = await failure(connection.base(testIo()));
    assert.equal(error.code, 'protocol-violation');
    assert.match(error.message, /got a web page titled "Sign in", not a registry's answer/);
    await transport.close();
    await site.stop();
  });

  it('ends when the user cancels, for the one who cancelled', async () => {
    const server = await listen(net.createServer(() => undefined));
    const { connection, transport } = open({ registry: { registry: server.host }, timeoutSeconds: 0.5 });
    const controller = new AbortController();
    const reason = new Error('cancelled by the user');
    const cancelled = failure(connection.base({ signal: controller.signal }));
    const other = connection.base(testIo());
    controller.abort(reason);
    assert.equal(await cancelled, reason);
    assert.equal((await other).protocol, 'http:');
    await server.stop();
    await transport.close();
  });
});
