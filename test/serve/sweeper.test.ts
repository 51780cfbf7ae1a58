import assert from 'node:assert/strict';
import { readdir, utimes } from 'node:fs/promises';
import path from 'node:path';
import { LocalRegistry } from '../../src/serve/localRegistry.ts';
import { digest, image, serveEach } from '../support/servedRegistry.ts';
import { send } from '../support/send.ts';

describe('Sweeper', () => {
  const served = serveEach();

  it('frees the disk when the server starts, and after a deletion', async () => {
    await served.pushImage('app', 'v1');
    await served.pushBlob('app', 'of no image');
    await served.registry.close();
    const then = new Date(Date.now() - 2 * 3_600_000);
    for (const name of await readdir(served.directory, { recursive: true })) {
      if (/sha256[-/]/.test(name)) await utimes(path.join(served.directory, name), then, then);
    }
    let told = Promise.withResolvers<string>();
    const log = (line: string): void => {
      if (line.includes('unused')) told.resolve(line);
    };
    const registry = new LocalRegistry({ directory: served.directory, log });
    try {
      const { host } = await registry.start();
      assert.equal(await told.promise, 'removed 1 unused blobs, 11 bytes');
      told = Promise.withResolvers();
      assert.equal((await send(host, 'DELETE', `/v2/app/manifests/${digest}`)).status, 202);
      const bytes = image.layer.length + image.config.length + image.manifest.length;
      assert.equal(await told.promise, `removed 3 unused blobs, ${bytes} bytes`);
    } finally {
      await registry.close();
    }
  });
});
