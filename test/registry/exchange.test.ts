import assert from 'node:assert/strict';
import http from 'node:http';
import { listen } from '../support/listen.ts';
import { get, withClient } from './harness.ts';

describe('Exchange', () => {
  it('115: waits for a late answer after a cancellation, and gives up where it stays out', async () => {
    const reason = new Error('cancelled by the user');
    for (const [lateMilliseconds, answers] of [
      [60_000, true],
      [20, false],
    ] as const) {
      const controller = new AbortController();
      const site = await listen(
        http.createServer((_request, response) => {
          controller.abort(reason);
          if (answers) response.writeHead(202).end();
        }),
      );
      await withClient(site.host, { timeoutSeconds: 60 }, async (client) => {
        const request = { ...get(site.host), lateMilliseconds };
        const outcome = await client(request, { signal: controller.signal }).catch((error: unknown) => error);
        assert.equal(
          outcome instanceof Error ? outcome : (outcome as { status: number }).status,
          answers ? 202 : reason,
        );
      });
      await site.stop();
    }
  });
});
