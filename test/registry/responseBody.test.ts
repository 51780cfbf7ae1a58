import assert from 'node:assert/strict';
import http from 'node:http';
import { setImmediate as turnOf } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { testIo } from '../support/io.ts';
import { listen } from '../support/listen.ts';
import { failure, get, withClient } from './harness.ts';

describe('ResponseBody', () => {
  it('throws the reason of the signal, before and in an answer, and closes the connection', async () => {
    const closed = Promise.withResolvers<undefined>();
    const server = await listen(
      http.createServer((_request, response) => {
        response.writeHead(200).write('x');
        response.once('close', () => closed.resolve(undefined));
      }),
    );
    await withClient(server.host, {}, async (client) => {
      const controller = new AbortController();
      const reason = new Error('cancelled by the user');
      const response = await client(get(server.host), { signal: controller.signal });
      const reading = failure(
        (async () => {
          for await (const chunk of response.body) if (chunk.length > 0) controller.abort(reason);
        })(),
      );
      assert.equal(await reading, reason);
      await closed.promise;
      assert.equal(await failure(client(get(server.host), { signal: controller.signal })), reason);
    });
    await server.stop();
  });

  it('closes the connection of an answer that is not read to its end', async () => {
    const closed = Promise.withResolvers<undefined>();
    const server = await listen(
      http.createServer((_request, response) => {
        response.once('close', () => closed.resolve(undefined));
        response.end(Buffer.alloc(8 << 20));
      }),
    );
    await withClient(server.host, {}, async (client) => {
      const response = await client(get(server.host), testIo());
      for await (const chunk of response.body) if (chunk.length > 0) break;
      await closed.promise;
    });
    await server.stop();
  });

  it('267 holds no more of an answer than waits to be read, however slow the reader is', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const size = 192 << 20;
    const piece = Buffer.alloc(1 << 20);
    const server = await listen(
      http.createServer((_request, response) => {
        response.writeHead(200, { 'content-length': size });
        const more = (left: number): void => {
          if (left === 0) response.end();
          else if (response.write(piece)) more(left - piece.length);
          else response.once('drain', () => more(left - piece.length));
        };
        more(size - piece.length);
        response.write(piece);
      }),
    );
    await withClient(server.host, {}, async (client) => {
      collect();
      const before = process.memoryUsage().arrayBuffers;
      const response = await client(get(server.host), testIo(30_000));
      let read = 0;
      let most = 0;
      for await (const chunk of response.body) {
        const at = Math.floor(read / (32 << 20));
        read += chunk.length;
        for (let turn = 0; turn < 3; turn++) await turnOf();
        if (Math.floor(read / (32 << 20)) === at) continue;
        collect();
        most = Math.max(most, process.memoryUsage().arrayBuffers - before);
      }
      assert.equal(read, size);
      assert.ok(most < 40 << 20, `${most} bytes were held`);
    });
    await server.stop();
  }).timeout(30_000);

  it('closes the connection of an answer that nobody reads', async () => {
    const closed = Promise.withResolvers<undefined>();
    const server = await listen(
      http.createServer((_request, response) => {
        response.once('close', () => closed.resolve(undefined));
        response.end(Buffer.alloc(8 << 20));
      }),
    );
    await withClient(server.host, { timeoutSeconds: 0.2 }, async (client) => {
      const response = await client(get(server.host), testIo());
      assert.equal(response.status, 200);
      await closed.promise;
    });
    await server.stop();
  });

  it('267: holds little of an answer whose reader is slow', async () => {
    let written = 0;
    const server = await listen(
      http.createServer((_request, response) => {
        const chunk = Buffer.alloc(1 << 16);
        const more = (): void => {
          while (written < 256 << 20) {
            written += chunk.length;
            if (!response.write(chunk)) return void response.once('drain', more);
          }
          response.end();
        };
        more();
      }),
    );
    await withClient(server.host, {}, async (client) => {
      const response = await client(get(server.host), testIo());
      let read = 0;
      for await (const chunk of response.body) {
        read += chunk.length;
        for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
        assert.ok(written - read < 32 << 20, `${written - read} bytes ahead`);
        if (read > 16 << 20) break;
      }
    });
    await server.stop();
  });
});
