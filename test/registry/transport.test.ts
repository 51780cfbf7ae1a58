import assert from 'node:assert/strict';
import http from 'node:http';
import net from 'node:net';
import zlib from 'node:zlib';
import { defaultNetwork } from '../../src/registry/options.ts';
import { Transport, type TransportOptions } from '../../src/registry/transport.ts';
import { testIo } from '../support/io.ts';
import { listen } from '../support/listen.ts';
import { failure, get, startSite, text, type Use, withClient } from './harness.ts';

/** Sends GET to a server that writes `answer` to every connection as soon as it has got something. */
async function answered(
  answer: string | Buffer,
  end: boolean,
  use: Use = {},
): Promise<Error & { readonly code?: string }> {
  const server = await listen(
    net.createServer((socket) => socket.once('data', () => (end ? socket.end(answer) : socket.write(answer)))),
  );
  try {
    let error: Error | undefined;
    await withClient(server.host, use, async (client) => {
      error = await failure(text(client, { method: 'GET', url: new URL(`http://${server.host}/v2/`) }));
    });
    assert.ok(error);
    return error;
  } finally {
    await server.stop();
  }
}

describe('Transport', () => {
  const broken: readonly (readonly [string, string | Buffer, boolean, string, RegExp])[] = [
    [
      '77: a body shorter than its Content-Length',
      'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhello',
      true,
      'unavailable',
      /the connection broke off after 5 bytes of the answer/,
    ],
    [
      '82: 20 KiB of headers',
      `HTTP/1.1 200 OK\r\nx: ${'a'.repeat(20_000)}\r\n\r\n`,
      true,
      'too-large',
      /it sent more than 16 KiB of headers/,
    ],
    [
      '82: 2500 headers',
      `HTTP/1.1 200 OK\r\n${'x-header: a\r\n'.repeat(2500)}\r\n`,
      true,
      'too-large',
      /16 KiB of headers/,
    ],
    [
      '97: a garbage status line',
      'SSH-2.0-OpenSSH_9.6\r\n',
      false,
      'protocol-violation',
      /it does not speak proper HTTP/,
    ],
    [
      '97: folded headers',
      'HTTP/1.1 200 OK\r\nx: a\r\n b\r\n\x00: c\r\n\r\n',
      true,
      'protocol-violation',
      /it does not speak proper HTTP/,
    ],
    [
      '97: LF-only lines',
      'HTTP/1.1 200 OK\ncontent-length: 0\n\n',
      true,
      'protocol-violation',
      /it does not speak proper HTTP/,
    ],
    [
      '97: 100 Continue without end',
      'HTTP/1.1 100 Continue\r\n\r\n'.repeat(50),
      false,
      'protocol-violation',
      /it does not speak proper HTTP/,
    ],
    [
      '97: two lengths',
      'HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab',
      true,
      'protocol-violation',
      /it does not speak proper HTTP/,
    ],
    ['no answer', '', true, 'unavailable', /the connection was lost/],
    [
      '58: a TLS alert',
      Buffer.from([0x15, 3, 1, 0, 2, 2, 70]),
      true,
      'protocol-violation',
      /it speaks TLS where plain HTTP was expected\. Take plainHttp off/,
    ],
  ];
  for (const [name, answer, end, code, message] of broken) {
    it(`says in plain words what was wrong: ${name}`, async () => {
      const error = await answered(answer, end);
      assert.equal(error.code, code);
      assert.match(error.message, /^No answer from 127\.0\.0\.1:\d+: /);
      assert.match(error.message, message);
    });
  }

  it('97: reads an answer of HTTP/1.0 to its end', async () => {
    const server = await listen(
      net.createServer((socket) => socket.once('data', () => socket.end('HTTP/1.0 200 OK\r\n\r\nold'))),
    );
    await withClient(server.host, {}, async (client) =>
      assert.equal((await text(client, get(server.host))).text, 'old'),
    );
    await server.stop();
  });

  it('259: gives up a server that never answers, and one that stops in the middle', async () => {
    const silent = await answered('', false, { timeoutSeconds: 0.2 });
    assert.deepEqual([silent.code, /nothing came for 0\.2 seconds/.test(silent.message)], ['unavailable', true]);
    const stopped = await answered('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhello', false, { timeoutSeconds: 0.2 });
    assert.deepEqual([stopped.code, /nothing came for 0\.2 seconds/.test(stopped.message)], ['unavailable', true]);
  });

  it('116: gives up a server that never reads', async () => {
    const server = await listen(net.createServer((socket) => void socket.pause()));
    await withClient(server.host, { timeoutSeconds: 0.3 }, async (client) => {
      const chunk = new Uint8Array(1 << 16);
      const body = {
        size: 1 << 30,
        open: async () =>
          (async function* () {
            for (;;) yield chunk;
          })(),
      };
      const error = await failure(client({ ...get(server.host), method: 'PUT', body }, testIo()));
      assert.equal(error.code, 'unavailable');
    });
    await server.stop();
  });

  it('258: says that there is no such host, and that nobody listens', async () => {
    await withClient(
      'registry.invalid',
      { lookup: (_host, _options, callback) => callback(Object.assign(new Error('x'), { code: 'ENOTFOUND' }), '', 4) },
      async (client) => {
        const error = await failure(client(get('registry.invalid'), testIo()));
        assert.equal(error.code, 'unavailable');
        assert.equal(
          error.message,
          'No answer from registry.invalid: there is no such host (ENOTFOUND). Check the spelling, the network and the proxy.',
        );
      },
    );
    const site = await startSite(() => ({}));
    await site.stop();
    await withClient(site.host, {}, async (client) => {
      const error = await failure(client(get(site.host), testIo()));
      assert.match(error.message, /it refuses connections \(ECONNREFUSED\)/);
    });
  });

  it('80: asks for identity and gives the bytes as they are stored, encoded any number of times', async () => {
    const stored = zlib.gzipSync('layer');
    for (const encoding of ['gzip', Array.from({ length: 10 }, () => 'gzip').join(', ')]) {
      const site = await startSite(() => ({ headers: { 'content-encoding': encoding }, body: stored }));
      await withClient(site.host, {}, async (client) => {
        const response = await client(get(site.host), testIo());
        const chunks: Uint8Array[] = [];
        for await (const chunk of response.body) chunks.push(chunk);
        assert.deepEqual(Buffer.concat(chunks), stored);
        assert.equal(site.seen[0]?.headers['accept-encoding'], 'identity');
      });
      await site.stop();
    }
  });

  it('98: asks on a fresh connection where the server has closed the old one', async () => {
    let connections = 0;
    const server = http.createServer((request, response) => response.end('ok', () => request.socket.end()));
    server.on('connection', () => connections++);
    const site = await listen(server);
    await withClient(site.host, {}, async (client) => {
      for (let at = 0; at < 5; at++) assert.equal((await text(client, get(site.host))).text, 'ok');
    });
    assert.equal(connections, 5);
    await site.stop();
  });

  it('keeps connections for later requests, HEAD included', async () => {
    let connections = 0;
    const server = http.createServer((_request, response) => response.end('ok'));
    server.on('connection', () => connections++);
    const site = await listen(server);
    await withClient(site.host, {}, async (client) => {
      for (let at = 0; at < 20; at++) {
        await text(client, { ...get(site.host), method: at % 2 === 0 ? 'HEAD' : 'GET' });
      }
    });
    assert.ok(connections <= 2, `${connections} connections`);
    await site.stop();
  });

  it('joins headers that stand twice', async () => {
    const site = await startSite(() => ({ headers: { link: ['<a>', '<b>'] } }));
    await withClient(site.host, {}, async (client) => {
      assert.equal((await client(get(site.host), testIo())).headers['link'], '<a>, <b>');
    });
    await site.stop();
  });

  it('takes an answer that comes before the body was sent, and lets go of the source', async () => {
    const site = await listen(
      http.createServer((_request, response) => void response.writeHead(413, { 'content-length': 4 }).end('full')),
    );
    await withClient(site.host, {}, async (client) => {
      const closed = Promise.withResolvers<undefined>();
      const body = {
        size: 1 << 30,
        open: async () =>
          (async function* () {
            try {
              for (;;) yield new Uint8Array(1 << 16);
            } finally {
              closed.resolve(undefined);
            }
          })(),
      };
      const answer = await text(client, { ...get(site.host), method: 'PUT', body });
      assert.deepEqual([answer.status, answer.text], [413, 'full']);
      await closed.promise;
    });
    await site.stop();
  });

  it('asks for the content to send once there is a connection, and not where there is none', async () => {
    const site = await startSite(() => ({}));
    await site.stop();
    await withClient(site.host, {}, async (client) => {
      const body = { size: 5, open: () => assert.fail('opened') };
      assert.equal((await failure(client({ ...get(site.host), method: 'PUT', body }, testIo()))).code, 'unavailable');
    });
  });

  it('refuses to send another number of bytes than it announced', async () => {
    const site = await startSite(() => ({}));
    await withClient(site.host, {}, async (client) => {
      for (const length of [4, 6]) {
        const body = {
          size: 5,
          open: async () =>
            (async function* () {
              yield Buffer.alloc(length);
            })(),
        };
        const error = await failure(client({ ...get(site.host), method: 'PUT', body }, testIo()));
        assert.equal(error.code, 'content-mismatch');
      }
    });
    await site.stop();
  });

  it('38: refuses a name that resolves to a private address, but for the registry itself', async () => {
    const site = await startSite(() => ({ body: 'own' }));
    const lookup: TransportOptions['lookup'] = (_host, options, callback) => {
      if (options.all === true) callback(null, [{ address: '127.0.0.1', family: 4 }]);
      else callback(null, '127.0.0.1', 4);
    };
    await withClient('registry.example.com', { lookup, registry: { plainHttp: true } }, async (client) => {
      const error = await failure(client(get(`rebind.example.net:${site.port}`), testIo()));
      assert.equal(error.code, 'untrusted-origin');
      assert.equal(
        error.message,
        'registry.example.com sends us to rebind.example.net, a loopback address, which a registry elsewhere has no business with. ' +
          'Nothing was sent there. Ask whoever runs the registry.',
      );
    });
    const host = `registry.example.com:${site.port}`;
    await withClient(host, { lookup, registry: { plainHttp: true } }, async (client) => {
      assert.equal((await text(client, get(host))).text, 'own');
      assert.equal((await text(client, get(`neighbour.example.net:${site.port}`))).text, 'own');
    });
    await site.stop();
  });

  it('logs one line for each request, without query', async () => {
    const site = await startSite(() => ({ status: 404 }));
    const lines: object[] = [];
    const transport = new Transport(defaultNetwork);
    const client = transport.client({ registry: site.host }, ({ milliseconds, ...line }) => {
      assert.ok(milliseconds >= 0);
      lines.push(line);
    });
    const url = new URL(`${site.url}/v2/a?_state=canary`);
    await text(client, { method: 'PUT', url, body: Buffer.from('12345') });
    await site.stop();
    await failure(client({ method: 'GET', url }, testIo()));
    await transport.close();
    const failed = `No answer from ${site.host}: it refuses connections (ECONNREFUSED). Check the name and port, and that it runs.`;
    assert.deepEqual(lines, [
      { method: 'PUT', url: `${site.url}/v2/a`, bytesSent: 5, status: 404 },
      { method: 'GET', url: `${site.url}/v2/a`, bytesSent: 0, failure: failed },
    ]);
  });
});
