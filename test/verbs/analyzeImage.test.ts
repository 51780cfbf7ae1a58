import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { GantryApi, Progress } from '../../src/api.ts';
import { reportMarkdown } from '../../src/operations/reportText.ts';
import { defaultNetwork } from '../../src/registry/options.ts';
import { LocalRegistry } from '../../src/serve/localRegistry.ts';
import { createGantry } from '../../src/verbs/createGantry.ts';
import { Stores } from '../../src/verbs/stores.ts';
import { testLayers } from '../support/layers.ts';

describe('analyzeImage', () => {
  let folder: string;
  let registry: LocalRegistry;
  let stores: Stores;
  let gantry: GantryApi;
  let image: string;

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'gantry-analyze-'));
    registry = new LocalRegistry({ directory: path.join(folder, 'registry') });
    const { host } = await registry.start();
    const credentials = { find: () => Promise.resolve(undefined) };
    stores = new Stores({ registries: () => [], network: () => defaultNetwork, credentials });
    const temporary = path.join(folder, 'temporary');
    const layers = testLayers(path.join(folder, 'cache'));
    const settings = { platforms: () => ['linux/amd64'], compression: () => 'gzip' as const, temporary, epoch: 0 };
    gantry = createGantry({ stores, layers, ...settings });
    // Layer 0: /app/data 100, /app/copy 100 (the same content), /app/.env 20. Layer 1: /app/data 300, /app/su 50.
    await writeIn('lower', { data: 'x'.repeat(100), copy: 'x'.repeat(100), '.env': 'p'.repeat(20) });
    await writeIn('upper', { data: 'y'.repeat(300), su: 's'.repeat(50) });
    await chmod(path.join(folder, 'upper/su'), 0o755);
    const from = (name: string) => [{ from: path.join(folder, name), to: '/app' }];
    await gantry.appendLayer({ base: 'scratch', target: `${host}/a/b:1`, files: from('lower') });
    image = `${host}/a/b:2`;
    await gantry.appendLayer({ base: `${host}/a/b:1`, target: image, files: from('upper') });
  });

  after(async () => {
    await stores.close();
    await registry.close();
    await rm(folder, { recursive: true, force: true });
  });

  async function writeIn(name: string, files: Readonly<Record<string, string>>): Promise<void> {
    await mkdir(path.join(folder, name));
    for (const [file, text] of Object.entries(files)) await writeFile(path.join(folder, name, file), text);
  }

  it("gives dive's figures, the true ones, duplicates and findings, and reports the bytes it reads", async () => {
    const seen: Progress[] = [];
    const result = await gantry.analyzeImage({ image }, { onProgress: (progress) => seen.push(progress) });
    const inspected = await gantry.inspectImage({ image });
    const { duplicates, findings, layers, ...figures } = result;
    assert.deepEqual(figures, {
      reference: image,
      digest: inspected.digest,
      platform: 'linux/amd64',
      // 100 + 100 + 20, and 300 + 50.
      sizeBytes: 570,
      userSizeBytes: 350,
      // /app/data: min 100, bytes 400. (100 + 100 + 20 + 50) / (400 + 100 + 20 + 50) = 270 / 570.
      efficiency: 270 / 570,
      wastedBytes: 400,
      wastedPercent: 400 / 350,
      // The 100 bytes of the first /app/data.
      reclaimableBytes: 100,
      filesystemBytes: 470,
      fileCount: 4,
      inefficientFiles: [{ path: '/app/data', count: 2, bytes: 400 }],
      problems: [],
    });
    assert.deepEqual(duplicates, []);
    assert.deepEqual(
      findings.map(({ kind, path: at, layer, bytes }) => [kind, at, layer, bytes]),
      [['secret', '/app/.env', 0, 20]],
    );
    assert.deepEqual(
      layers.map(({ digest, size, sizeBytes }) => [digest, size, sizeBytes]),
      inspected.layers.map(({ digest, size }, at) => [digest, size, at === 0 ? 220 : 350]),
    );
    const total = inspected.layers.reduce((sum, { size }) => sum + size, 0);
    assert.deepEqual([seen.at(-1)?.bytes, seen.at(-1)?.total], [total, total]);
    assert.match(reportMarkdown(result), /\| 400 B \| 2 \| `\/app\/data` \|/);
  });

  it('finds duplicates by content', async () => {
    const first = image.replace(/2$/, '1');
    const { duplicates } = await gantry.analyzeImage({ image: first });
    assert.deepEqual(
      duplicates.map(({ size, paths, wastedBytes }) => [size, paths, wastedBytes]),
      [[100, ['/app/copy', '/app/data'], 100]],
    );
  });

  it('checks rules', async () => {
    const rules = { lowestEfficiency: 0.9, highestWastedBytes: '1kB', highestUserWastedPercent: 'off' };
    const { rules: results } = await gantry.analyzeImage({ image, rules });
    assert.deepEqual(results, [
      { rule: 'highestWastedBytes', passed: true, value: 400, threshold: 1000 },
      { rule: 'lowestEfficiency', passed: false, value: 270 / 570, threshold: 0.9 },
    ]);
  });

  it('has a result that is plain JSON, the same each time', async () => {
    const result = await gantry.analyzeImage({ image });
    assert.deepEqual(JSON.parse(JSON.stringify(result)), result);
    assert.deepEqual(await gantry.analyzeImage({ image }), result);
  });

  const wrong: readonly (readonly [string, object, RegExp])[] = [
    ['no image', {}, /image must be text/],
    ['rules that are a list', { image: 'a', rules: [] }, /object of rules/],
    ['a rule out of range', { image: 'a', rules: { lowestEfficiency: 2 } }, /rule lowestEfficiency/],
    ['an unknown rule', { image: 'a', rules: { efficiency: 1 } }, /no rule "efficiency"/],
  ];
  for (const [what, options, message] of wrong) {
    it(`244 refuses ${what} before it reads anything`, () =>
      assert.rejects(gantry.analyzeImage(options as never), { code: 'invalid-reference', message }));
  }

  it('stops when it is cancelled', async () => {
    const run = { signal: AbortSignal.abort(new Error('stop')) };
    await assert.rejects(gantry.analyzeImage({ image }, run), { message: 'stop' });
  });
});
