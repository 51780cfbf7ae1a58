import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Progress, RecommendBasesOptions, RecommendedBase, RunOptions } from '../../src/api.ts';
import { mediaTypes } from '../../src/oci/mediaTypes.ts';
import { defaultNetwork } from '../../src/registry/options.ts';
import { bindVerb } from '../../src/verbs/bindVerb.ts';
import { recommendBasesVerb, recommendBasesWithin } from '../../src/verbs/recommendBases.ts';
import { Stores } from '../../src/verbs/stores.ts';
import type { VerbContext } from '../../src/verbs/verb.ts';
import { type BaseSpec, glibcBase, glibcPath } from '../containerize/bases.ts';
import { elfOf } from '../containerize/elfWriter.ts';
import { type FakeRegistry, startFakeRegistry } from '../support/fakeRegistry.ts';
import { sha256 } from '../support/fakeRoutes.ts';
import { testLayers } from '../support/layers.ts';
import { tarEnd, tarEntry } from '../support/tarWriter.ts';
import { newTempDir, removeTempDir } from '../support/tempDir.ts';

const foo = elfOf({ soname: 'libfoo.so.1' });
const certificates: BaseSpec = {
  '/etc/ssl/certs/ca-certificates.crt': 'PEM',
  '/usr/share/zoneinfo/UTC': 'TZif',
  '/usr/share/zoneinfo/CET': 'TZif',
};
const withFoo: BaseSpec = { ...glibcBase, '/lib/libfoo.so.1': foo };

describe('recommendBases', () => {
  let folder = '';
  let registry: FakeRegistry;
  let stores: Stores;
  let context: VerbContext;
  let layers: string[] = [];
  const at = (name: string): string => path.join(folder, name);
  const base = (name: string): string => `${registry.host}/bases:${name}`;

  beforeEach(async () => {
    folder = await newTempDir();
    registry = await startFakeRegistry();
    layers = [];
    const temporary = at('temporary');
    const credentials = { find: () => Promise.resolve(undefined) };
    stores = new Stores({ registries: () => [], network: () => defaultNetwork, credentials, temporary });
    const settings = { platforms: () => ['linux/amd64'], compression: () => 'gzip' as const, temporary, epoch: 0 };
    context = { stores, layers: testLayers(at('cache')), ...settings };
    await writeFile(at('static'), elfOf({ type: 2 }));
    await writeFile(at('static-arm64'), elfOf({ type: 2, machine: 183 }));
    await writeFile(at('dynamic'), elfOf({ interpreter: glibcPath, needed: ['libfoo.so.1', 'libc.so.6'] }));
    await writeFile(at('script'), '#!/bin/sh\r\necho hello\r\n');
  });
  afterEach(async () => {
    await stores.close();
    await registry.stop();
    await removeTempDir(folder);
  });

  /** Stores a base in the registry. `padding` bytes make it larger than the others. Returns its digest. */
  function put(name: string, files: BaseSpec, padding = 0, more: Readonly<Record<string, unknown>> = {}): string {
    const layer = tarOf({ ...files, '/padding': Buffer.alloc(padding) });
    layers.push(sha256(layer));
    const config = Buffer.from(
      JSON.stringify({
        os: 'linux',
        architecture: 'amd64',
        rootfs: { type: 'layers', diff_ids: [sha256(layer)] },
        ...more,
      }),
    );
    const manifest = {
      schemaVersion: 2,
      mediaType: mediaTypes.manifest,
      config: { mediaType: mediaTypes.config, digest: registry.putBlob('bases', config), size: config.length },
      layers: [{ mediaType: mediaTypes.layer, digest: registry.putBlob('bases', layer), size: layer.length }],
    };
    return registry.putManifest('bases', mediaTypes.manifest, JSON.stringify(manifest), name);
  }

  function tarOf(files: BaseSpec): Buffer {
    const entries = Object.entries(files).map(([name, file]) => {
      const content = typeof file === 'string' || file instanceof Uint8Array ? Buffer.from(file) : Buffer.alloc(0);
      return tarEntry({ name: name.slice(1), mode: 0o755 }, content);
    });
    return Buffer.concat([...entries, tarEnd]);
  }

  async function recommend(
    file: string,
    options: Partial<RecommendBasesOptions> = {},
    run: RunOptions = {},
  ): Promise<readonly RecommendedBase[]> {
    return bindVerb(recommendBasesVerb, context)({ file: at(file), ...options }, run);
  }

  /** How many layers were asked for. */
  function layersRead(): number {
    return registry.requests.filter(({ path: url }) => layers.some((digest) => url.endsWith(digest))).length;
  }

  it('puts what runs first, the smallest of it before the others, and says why', async () => {
    const large = put('large', { ...withFoo, ...certificates }, 90_000);
    const small = put('small', withFoo);
    const without = put('without', glibcBase);
    const found = await recommend('dynamic', {
      bases: ['scratch', base('gone'), base('without'), base('large'), base('small')],
    });
    assert.deepEqual(
      found.map(({ reference, verdict, digest }) => [reference, verdict, digest]),
      [
        [base('small'), 'runs', small],
        [base('large'), 'runs', large],
        ['scratch', 'fails', null],
        [base('without'), 'fails', without],
        [base('gone'), 'unreachable', null],
      ],
    );
    assert.deepEqual(
      found.slice(0, 4).map(({ reason }) => reason),
      [
        'It has the program\'s libraries ("libfoo.so.1", "libc.so.6"), but no certificates and no time zones.',
        'It has the program\'s libraries ("libfoo.so.1", "libc.so.6"), certificates and time zones.',
        '"/lib64/ld-linux-x86-64.so.2", glibc\'s loader, is not in the base: "/app/dynamic" cannot be started.',
        '"libfoo.so.1" is missing in the base: the program needs it.',
      ],
    );
    const [first, second, , , last] = found;
    assert.equal((second?.size ?? 0) - (first?.size ?? 0) > 90_000, true);
    assert.match(last?.reason ?? '', /gone/);
    assert.equal(last?.size, null);
    assert.deepEqual(JSON.parse(JSON.stringify(found)), found);
  });

  it('reads no layer for a static program', async () => {
    put('plain', {});
    put('named', {}, 0, { config: { Env: ['SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt'], User: '65532' } });
    const found = await recommend('static', { bases: [base('plain'), base('named'), 'scratch'] });
    assert.deepEqual(
      found.map(({ reference, verdict, reason }) => [reference, verdict, reason]),
      [
        ['scratch', 'runs', 'The program is static and needs nothing of it; it has no certificates and no time zones.'],
        [base('plain'), 'runs', 'The program is static and needs nothing of it.'],
        [base('named'), 'runs', 'The program is static and needs nothing of it; its config names certificates.'],
      ],
    );
    assert.equal(found[0]?.size, 0);
    assert.equal(layersRead(), 0);
  });

  it('reads the layers where the config names a user that only they know', async () => {
    put('unknown', {}, 0, { config: { User: 'nobody' } });
    put('known', { '/etc/passwd': 'nobody:x:65534:65534::/:/bin/false\n' }, 0, { config: { User: 'nobody' } });
    const found = await recommend('static', { bases: [base('unknown'), base('known')] });
    assert.deepEqual(
      found.map(({ reference, verdict }) => [reference, verdict]),
      [
        [base('known'), 'runs'],
        [base('unknown'), 'fails'],
      ],
    );
    assert.equal(layersRead(), 2);
  });

  it('reads no layer of a base for another platform, or for a file that nothing runs', async () => {
    put('amd64', glibcBase);
    const [wrong] = await recommend('static-arm64', { bases: [base('amd64')] });
    assert.equal(wrong?.verdict, 'fails');
    assert.match(wrong.reason, /The program is for linux\/arm64, and the base for linux\/amd64\./);
    const [asked] = await recommend('static', { bases: [base('amd64')], platform: 'linux/arm64' });
    assert.deepEqual([asked?.verdict, asked?.reason], ['fails', 'The base has no image for linux/arm64.']);
    const [script] = await recommend('script', { bases: [base('amd64')] });
    assert.equal(script?.verdict, 'fails');
    assert.match(script.reason, /ends as Windows ends lines/);
    assert.equal(layersRead(), 0);
  });

  it('fails on scratch where another platform is asked for than the program has', async () => {
    const found = await recommend('static', { bases: ['scratch'], platform: 'linux/arm64' });
    assert.deepEqual(
      found.map(({ verdict, reason }) => [verdict, reason]),
      [['fails', 'The program is for linux/amd64, and the base for linux/arm64.']],
    );
  });

  it('chooses the image of an index that the program is for', async () => {
    const images = ['amd64', 'arm64'].map((architecture) => {
      const digest = put(architecture, {}, 0, { architecture });
      const size = registry.repository('bases').manifests.get(digest)?.body.length ?? 0;
      return { mediaType: mediaTypes.manifest, digest, size, platform: { os: 'linux', architecture } };
    });
    const index = { schemaVersion: 2, mediaType: mediaTypes.index, manifests: images };
    registry.putManifest('bases', mediaTypes.index, JSON.stringify(index), 'all');
    const [own] = await recommend('static-arm64', { bases: [base('all')] });
    assert.deepEqual([own?.verdict, own?.digest], ['runs', images[1]?.digest]);
    const [other] = await recommend('static', { bases: [base('all')], platform: 'linux/s390x' });
    assert.deepEqual([other?.verdict, other?.reason], ['fails', 'The base has no image for linux/s390x.']);
  });

  it('takes what cannot be read for unreachable, and goes on', async () => {
    put('broken', withFoo);
    registry.override = (request, next) => {
      const answer = next();
      const isLayer = request.path.includes('/blobs/') && (answer.body?.length ?? 0) > 2000;
      return isLayer ? { ...answer, body: Buffer.alloc(answer.body?.length ?? 0, 1) } : answer;
    };
    const artifact = Buffer.from('{}');
    const config = {
      mediaType: mediaTypes.empty,
      digest: registry.putBlob('bases', artifact),
      size: artifact.length,
    };
    const manifest = { schemaVersion: 2, mediaType: mediaTypes.manifest, config, layers: [] };
    registry.putManifest('bases', mediaTypes.manifest, JSON.stringify(manifest), 'artifact');
    const bases = ['Not A Reference!', base('broken'), base('artifact'), 'oci:/nowhere/at-all', 'scratch'];
    const found = await recommend('dynamic', { bases });
    assert.deepEqual(
      found.map(({ reference, verdict }) => [reference, verdict]),
      [
        ['scratch', 'fails'],
        ['Not A Reference!', 'unreachable'],
        [base('broken'), 'unreachable'],
        [base('artifact'), 'unreachable'],
        ['oci:/nowhere/at-all', 'unreachable'],
      ],
    );
    for (const { reason } of found) assert.match(reason, /\w+/);
  });

  it('gives up on a base that does not answer in time, not on the others', async () => {
    put('hangs', withFoo);
    put('answers', withFoo);
    registry.override = (request, next) => (request.path.endsWith('/manifests/hangs') ? 'hang' : next());
    const verb = bindVerb(recommendBasesWithin(1500), context);
    const found = await verb({ file: at('dynamic'), bases: [base('hangs'), base('answers')] });
    assert.deepEqual(
      found.map(({ reference, verdict }) => [reference, verdict]),
      [
        [base('answers'), 'runs'],
        [base('hangs'), 'unreachable'],
      ],
    );
    assert.equal(found[1]?.reason, 'It was not read within 1.5 seconds.');
  });

  it('opens at most three bases at a time, and counts them', async () => {
    const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
    names.forEach((name, at) => put(name, withFoo, at));
    let [open, most] = [0, 0];
    registry.override = async (request, next) => {
      if (!request.path.includes('/manifests/')) return next();
      most = Math.max(most, ++open);
      await new Promise((resolve) => setTimeout(resolve, 20));
      open--;
      return next();
    };
    const progress: Progress[] = [];
    const run = { onProgress: (each: Progress) => progress.push(each) };
    const found = await recommend('dynamic', { bases: names.map(base) }, run);
    assert.equal(found.length, 7);
    assert.equal(most, 3);
    assert.equal(progress[0]?.message, 'Reading the base 1 of 7');
    assert.equal(progress.at(-1)?.message, 'Reading the base 7 of 7');
    assert.ok((progress.at(-1)?.bytes ?? 0) > 7000);
  });

  it("puts the settings' bases before the usual ones, each once", async () => {
    put('mine', withFoo);
    context = { ...context, bases: () => [base('mine'), 'scratch', base('mine')] };
    const asked: string[] = [];
    const source = stores.source.bind(stores);
    stores.source = async (reference, io) => {
      asked.push(reference);
      return source(reference.startsWith(registry.host) ? reference : 'oci:/nowhere/at-all', io);
    };
    const found = await recommend('static');
    assert.deepEqual(asked, [base('mine'), 'gcr.io/distroless/static-debian13']);
    assert.deepEqual(found.map(({ reference }) => reference).sort(), [
      base('mine'),
      'gcr.io/distroless/static-debian13',
      'scratch',
    ]);
    assert.deepEqual(await recommend('static', { bases: [] }), []);
  });

  it('refuses options that it cannot use', async () => {
    await assert.rejects(recommend('none'), { code: 'not-found' });
    await assert.rejects(recommend('static', { platform: 'Linux' }), { code: 'invalid-reference' });
    const many = Array.from({ length: 101 }, (_, each) => `a/b:${each}`);
    await assert.rejects(recommend('static', { bases: many }), { code: 'invalid-reference' });
  });

  it('ends when it is cancelled', async () => {
    put('hangs', withFoo);
    registry.override = () => 'hang';
    const controller = new AbortController();
    const run = {
      signal: controller.signal,
      onProgress: () => setTimeout(() => controller.abort(new Error('cancelled')), 50),
    };
    await assert.rejects(recommend('dynamic', { bases: [base('hangs'), 'scratch'] }, run), /cancelled/);
  });
});
