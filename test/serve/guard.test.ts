import assert from 'node:assert/strict';
import net from 'node:net';
import { serveEach } from '../support/servedRegistry.ts';

describe('refuseStrangers', () => {
  const served = serveEach();

  const refused: readonly (readonly [string, () => Record<string, string>, number])[] = [
    ['a name that was rebound to loopback', () => ({ host: `evil.example:${served.port}` }), 421],
    ['loopback without the port', () => ({ host: '127.0.0.1' }), 421],
    ['another port', () => ({ host: '127.0.0.1:1' }), 421],
    ['a name that ends like loopback', () => ({ host: `x.localhost:${served.port}` }), 421],
    ['a name that starts like loopback', () => ({ host: `127.0.0.1.evil.example:${served.port}` }), 421],
    ['a web page', () => ({ origin: 'https://evil.example' }), 403],
    ['a sandboxed page', () => ({ origin: 'null' }), 403],
    ['a picture in a page', () => ({ 'sec-fetch-site': 'cross-site' }), 403],
  ];
  for (const [what, headers, status] of refused) {
    it(`refuses ${what}`, async () => {
      for (const method of ['GET', 'POST', 'OPTIONS']) {
        const answer = await served.ask(method, '/v2/app/blobs/uploads/', { headers: headers() });
        assert.deepEqual([answer.status, answer.code], [status, 'DENIED']);
        assert.equal(answer.headers['access-control-allow-origin'], undefined);
      }
    });
  }

  it('refuses a request without a Host', async () => {
    const answer = await new Promise<string>((resolve, reject) => {
      const socket = net.connect(served.port, '127.0.0.1', () => socket.write('GET /v2/ HTTP/1.0\r\n\r\n'));
      socket.once('data', (data) => resolve(data.toString('latin1')));
      socket.once('error', reject);
    });
    assert.match(answer, /^HTTP\/1\.1 421 /);
  });

  it('answers to every loopback name with its port', async () => {
    for (const name of ['localhost', 'LOCALHOST', '127.0.0.1', '[::1]']) {
      assert.equal((await served.ask('GET', '/v2/', { headers: { host: `${name}:${served.port}` } })).status, 200);
    }
  });

  it('lives on after what is no HTTP', async () => {
    for (const bytes of ['\0\x01\x02', 'GET\r\n\r\n', `GET / HTTP/1.1\r\n${'a: b\r\n'.repeat(9000)}`]) {
      await new Promise((resolve) => {
        const socket = net.connect(served.port, '127.0.0.1', () => socket.write(bytes));
        socket.on('data', () => socket.destroy());
        socket.once('error', () => socket.destroy());
        socket.once('close', resolve);
      });
    }
    assert.equal((await served.ask('GET', '/v2/')).status, 200);
  });
});
