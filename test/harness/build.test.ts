import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import http from 'node:http';
import { createRequire } from 'node:module';
import path from 'node:path';
import { listen } from '../support/listen.ts';
import { withTempDir } from '../support/tempDir.ts';
import { buildExtension } from './build.ts';
import { root } from './paths.ts';

const program = `
  import { readAll } from ${JSON.stringify(path.join(root, 'src/content/bytes.ts'))};
  import { defaultNetwork } from ${JSON.stringify(path.join(root, 'src/registry/options.ts'))};
  import { Transport } from ${JSON.stringify(path.join(root, 'src/registry/transport.ts'))};
  export async function get(address: string, signal: AbortSignal): Promise<string> {
    const url = new URL(address);
    const transport = new Transport(defaultNetwork);
    const response = await transport.client({ registry: url.host })({ method: 'GET', url }, { signal });
    const text = Buffer.from(await readAll(response.body, 1000, 'the answer')).toString();
    await transport.close();
    return text;
  }`;

interface Program {
  readonly get: (address: string, signal: AbortSignal) => Promise<string>;
}

describe('buildExtension', () => {
  it('makes a bundle that speaks HTTP with one of each parser', () =>
    withTempDir(async (directory) => {
      const entry = path.join(directory, 'program.ts');
      const outfile = path.join(directory, 'dist/program.cjs');
      writeFileSync(entry, program);
      const { total: size } = await buildExtension({ entry, outfile });
      assert.ok(size < 400_000, `${size} bytes: a parser is in it twice`);
      const server = http.createServer((request, response) => response.end(`hello ${request.url ?? ''}`));
      const listening = await listen(server);
      const { get } = createRequire(import.meta.url)(outfile) as Program;
      assert.equal(
        await get(`http://${listening.host}/v2/`, AbortSignal.timeout(5000)).finally(() => listening.stop()),
        'hello /v2/',
      );
    }));

  it('ships the licence of every library in the bundle, and no source map', () =>
    withTempDir(async (directory) => {
      const entry = path.join(directory, 'program.ts');
      writeFileSync(entry, program);
      const outfile = path.join(directory, 'dist/program.cjs');
      await buildExtension({ entry, outfile });
      assert.match(await readFile(path.join(directory, 'dist/licenses.txt'), 'utf8'), /^undici\n\nMIT License/m);
      assert.equal(existsSync(`${outfile}.map`), false);
    }));

  it('says which file is missing', async () => {
    await assert.rejects(buildExtension({ entry: path.join(root, 'src/nothing.ts') }), /no src.nothing\.ts to build/);
  });
});
