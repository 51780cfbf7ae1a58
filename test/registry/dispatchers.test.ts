import assert from 'node:assert/strict';
import http from 'node:http';
import type net from 'node:net';
import { testIo } from '../support/io.ts';
import { listen } from '../support/listen.ts';
import { failure, get, startSite, text, withClient } from './harness.ts';

describe('Transport through a proxy', () => {
  it('61: sends plain requests whole and asks for tunnels, and the login reaches nobody else', async () => {
    const site = await startSite(() => ({ body: 'origin' }));
    const atProxy: (string | undefined)[] = [];
    const server = http.createServer((request, response) => {
      atProxy.push(`${request.method ?? ''} ${request.url ?? ''} ${request.headers['proxy-authorization'] ?? ''}`);
      http.get(`${site.url}/`, (answer) => answer.pipe(response));
    });
    server.on('connect', (request: http.IncomingMessage, socket: net.Socket) => {
      atProxy.push(`CONNECT ${request.url ?? ''} ${request.headers['proxy-authorization'] ?? ''}`);
      socket.end('HTTP/1.1 503 no\r\n\r\n');
    });
    const proxy = await listen(server);
    const login = Buffer.from('user:p@ss').toString('base64');
    await withClient('registry.example.com', { proxyFor: () => `http://user:p%40ss@${proxy.host}` }, async (client) => {
      assert.equal((await text(client, get('registry.example.com'))).text, 'origin');
      const error = await failure(client(get('registry.example.com', 'https'), testIo()));
      assert.match(error.message, new RegExp(`^No answer from registry.example.com via the proxy ${proxy.host}: `));
      assert.doesNotMatch(error.message + String(error.cause), /p@ss|p%40ss/);
    });
    assert.deepEqual(atProxy, [
      `GET http://registry.example.com/v2/ Basic ${login}`,
      `CONNECT registry.example.com:443 Basic ${login}`,
    ]);
    await Promise.all([proxy.stop(), site.stop()]);
  });

  it('54: names the proxy that wants a login, for plain requests and tunnels', async () => {
    const server = http.createServer((_request, response) => response.writeHead(407).end('login'));
    server.on('connect', (_request, socket: net.Socket) => socket.end('HTTP/1.1 407 login\r\n\r\n'));
    const proxy = await listen(server);
    await withClient('registry.example.com', { proxyFor: async () => `http://${proxy.host}` }, async (client) => {
      for (const scheme of ['http', 'https']) {
        const error = await failure(client(get('registry.example.com', scheme), testIo()));
        assert.equal(error.code, 'unavailable');
        assert.match(
          error.message,
          /via the proxy 127\.0\.0\.1:\d+: the HTTP proxy asks for a login\. .*http\.proxyAuthorization/,
        );
      }
    });
    await proxy.stop();
  });

  it('61: says so where the proxy drops the tunnel, is not there, or is no URL', async () => {
    const proxy = await listen(http.createServer().on('connect', (_request, socket: net.Socket) => socket.destroy()));
    const through = async (address: string): Promise<string> => {
      let message = '';
      await withClient('registry.example.com', { proxyFor: () => address }, async (client) => {
        message = (await failure(client(get('registry.example.com', 'https'), testIo(5000)))).message;
      });
      return message;
    };
    assert.match(await through(`http://${proxy.host}`), /via the proxy .*the proxy closed the connection/);
    await proxy.stop();
    assert.match(await through(`http://${proxy.host}`), /via the proxy .*it refuses connections/);
    assert.match(
      await through('user:canary@host:1'),
      /^The proxy in your settings or environment is not an http:\/\/ or https:\/\/ address\./,
    );
  });
});
