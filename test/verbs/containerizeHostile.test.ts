import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { ContainerizeOptions } from '../../src/api.ts';
import { OciError } from '../../src/errors.ts';
import { elfOf } from '../containerize/elfWriter.ts';
import { projectEngine, type ProjectEngine } from '../integration/projectEngine.ts';
import { repositoryState } from '../integration/registryState.ts';
import { type RunningRegistry, startDockerRegistry } from '../support/dockerRegistry.ts';
import { testIo } from '../support/io.ts';
import { putImage, seededBytes } from '../support/seededImage.ts';
import { newTempDir, removeTempDir } from '../support/tempDir.ts';

describe('containerize under odd circumstances', function () {
  this.timeout(60_000);
  let folder = '';
  let registry: RunningRegistry;
  let engine: ProjectEngine;
  const at = (name: string): string => path.join(folder, name);
  const image = (name: string): string => `${registry.host}/${name}`;

  before(async () => {
    folder = await newTempDir();
    registry = await startDockerRegistry();
    engine = projectEngine(folder);
    const base = engine.context.stores.registry(registry.host).repository('base');
    await base.tag(await putImage(base, { seed: 9 }, testIo()), 'one', testIo());
    await writeFile(at('program'), elfOf({ type: 2 }));
    await mkdir(at('files'));
    await writeFile(at('files/large'), seededBytes(3, 8_000_000));
  });
  after(async () => {
    await engine.close();
    await registry.stop();
    await removeTempDir(folder);
  });

  const long = 'x'.repeat(100_000);
  for (const [what, options, code] of [
    ['a number for a file', { file: 5 }, 'invalid-reference'],
    ['an object for a folder', { folder: {} }, 'invalid-reference'],
    ['a list with a number', { file: ['/a', 5] }, 'invalid-reference'],
    ['no file in a list', { file: [] }, 'invalid-reference'],
    ['a text for tags', { tags: 'latest' }, 'invalid-reference'],
    ['a tag that is none', { tags: ['a b'] }, 'invalid-reference'],
    ['a very long tag', { tags: [long] }, 'invalid-reference'],
    ['10,000 tags', { tags: Array.from({ length: 10_000 }, (_, number) => `t${number}`) }, 'too-large'],
    ['numbers for annotations', { annotations: { a: 1 } }, 'invalid-reference'],
    ['a list for annotations', { annotations: ['a'] }, 'invalid-reference'],
    ['a list for stages', { stages: ['a'] }, 'invalid-reference'],
    ['numbers for args', { args: { A: 1 } }, 'invalid-reference'],
    ['a text for build', { build: 'no' }, 'invalid-reference'],
    ['a text for sbom', { sbom: 'yes' }, 'invalid-reference'],
    ['a text for overwrite', { overwrite: 'always' }, 'invalid-reference'],
    ['a platform that is none', { platforms: ['linux'] }, undefined],
    ['no platform', { platforms: [] }, 'invalid-reference'],
    ['a platform without a program', { platforms: ['linux/s390x'] }, 'invalid-reference'],
    ['an owner by name', { owner: 'root' }, 'invalid-reference'],
    ['an unknown compression', { compression: 'brotli' }, 'invalid-reference'],
    ['a very long base', { base: long }, 'invalid-reference'],
    ['a very long target', { target: long }, 'invalid-reference'],
    ['a target with a digest', { target: `x.test/a@sha256:${'0'.repeat(64)}` }, 'invalid-reference'],
    ['an entrypoint of numbers', { config: { entrypoint: [1] } }, 'invalid-reference'],
    ['a healthcheck of text', { config: { healthcheck: 'none' } }, 'invalid-reference'],
    ['a place outside of the image', { to: '/../../etc' }, undefined],
    ['a place with a zero byte', { to: '/a\0b' }, undefined],
  ] as const) {
    it(`refuses ${what}, for a plan and in earnest`, async () => {
      const rest = { file: at('program'), base: image('base:one'), target: image('hostile:1') };
      const one = 'folder' in options ? { ...rest, file: undefined, ...options } : { ...rest, ...options };
      for (const dryRun of [true, false]) {
        const refused = engine.gantry.containerize({ ...one, dryRun } as unknown as ContainerizeOptions);
        await assert.rejects(refused, (error: unknown) => {
          assert.ok(error instanceof OciError, String(error));
          if (code !== undefined) assert.equal(error.code, code, error.message);
          assert.ok(error.message.length < 10_000, 'a message that nobody can read');
          return true;
        });
      }
      assert.equal(await repositoryState(registry, 'hostile').tagged('1'), undefined);
      assert.deepEqual(await engine.leftovers(), []);
    });
  }

  it('takes names such as __proto__ for names', async () => {
    const annotations: unknown = JSON.parse('{"__proto__": "a", "constructor": "b"}');
    const labels: unknown = JSON.parse('{"__proto__": "c"}');
    const options = { file: at('program'), base: image('base:one'), target: image('names:1'), annotations };
    const made = await engine.gantry.containerize({ ...options, config: { labels } } as ContainerizeOptions);
    const { annotations: found, config } = await engine.gantry.inspectImage({ image: made.target });
    assert.equal(Object.getOwnPropertyDescriptor(found, 'constructor')?.value, 'b');
    assert.match(JSON.stringify(config), /"Labels":\{"__proto__":"c"\}/);
    assert.equal(({} as Record<string, unknown>)['a'], undefined);
  });

  it('makes nothing on disk for the plan of a layout or an archive', async () => {
    for (const [target, place] of [
      [`oci:${at('planned/layout')}:1`, 'planned'],
      [`oci-archive:${at('planned.tar')}:1`, 'planned.tar'],
    ] as const) {
      const options = { file: at('program'), base: image('base:one'), target };
      const plan = await engine.gantry.containerize({ ...options, dryRun: true });
      assert.ok(!existsSync(at(place)), target);
      const made = await engine.gantry.containerize(options);
      assert.deepEqual([made.digest, made.bytesTransferred], [plan.digest, plan.bytesTransferred]);
    }
    const other = { file: at('program'), base: 'scratch', target: `oci:${at('files')}:1` };
    for (const dryRun of [true, false]) {
      await assert.rejects(engine.gantry.containerize({ ...other, dryRun }), { code: 'already-exists' });
    }
  });

  it('says that the base has no image for a platform', async () => {
    await writeFile(at('arm'), elfOf({ type: 2, machine: 183 }));
    const options = { file: at('arm'), base: image('base:one'), target: image('arm:1') };
    for (const dryRun of [true, false]) {
      await assert.rejects(engine.gantry.containerize({ ...options, dryRun }), (error: unknown) => {
        assert.ok(error instanceof OciError);
        assert.match(error.message, /linux\/arm64/);
        return true;
      });
    }
  });

  it('replaces what the base starts, and keeps its user', async () => {
    const base = engine.context.stores.registry(registry.host).repository('base');
    const config = { entrypoint: ['/bin/old'], cmd: ['--old'], user: '1000:1000', env: ['OLD=1'] };
    const first = { file: at('program'), base: image('base:one'), target: image('base:started'), config };
    await engine.gantry.containerize(first);
    assert.ok(await base.resolve('started', testIo()));
    const options = { file: at('program'), base: image('base:started'), target: image('started:1') };
    const made = await engine.gantry.containerize(options);
    const { config: found } = await engine.gantry.inspectImage({ image: made.target });
    const own = found?.['config'] as Record<string, unknown>;
    assert.deepEqual(own['Entrypoint'], ['/app/program']);
    assert.equal(own['Cmd'], undefined);
    assert.equal(own['User'], '1000:1000');
    const members = new Map(made.config.map(({ member, before, after }) => [member, [before, after]]));
    assert.deepEqual(members.get('Entrypoint'), ['["/bin/old"]', '["/app/program"]']);
    assert.deepEqual(members.get('Cmd'), ['["--old"]', null]);
  });

  for (const stage of ['Packing', 'Pushing', 'Building', 'at once'] as const) {
    it(`leaves neither a tag nor a file where it is cancelled: ${stage}`, async () => {
      const stop = new AbortController();
      const target = image(`cancelled-${stage.toLowerCase().replace(' ', '-')}:1`);
      if (stage === 'at once') stop.abort();
      const onProgress = ({ message }: { readonly message: string }): void => {
        if (message.startsWith(stage)) stop.abort();
      };
      await mkdir(at('made-by-make'), { recursive: true });
      await writeFile(at('made-by-make/Makefile'), 'all:\n\tsleep 20\n');
      await writeFile(at('made-by-make/a.c'), 'int main;\n');
      const one = stage === 'Building' ? at('made-by-make') : at('files');
      const recipe = stage === 'Building' ? 'binary' : 'folder';
      const start = performance.now();
      const options = { folder: one, recipe, base: image('base:one'), target } as const;
      const running = engine.gantry.containerize(options, { signal: stop.signal, onProgress });
      await assert.rejects(running, { name: 'AbortError' });
      assert.ok(performance.now() - start < 10_000);
      const name = target.slice(target.indexOf('/') + 1, target.lastIndexOf(':'));
      assert.equal(await repositoryState(registry, name).tagged('1'), undefined);
      assert.deepEqual(await repositoryState(registry, name).openUploads(), []);
      assert.deepEqual(await engine.leftovers(), []);
      const builds = path.join(engine.context.temporary, '../builds');
      assert.deepEqual(
        (await readdir(builds)).filter((each) => each.endsWith('.lock')),
        [],
      );
    });
  }

  it('makes one image at several calls at once, and lets one that was cancelled go', async () => {
    const options = {
      folder: at('files'),
      recipe: 'folder',
      base: image('base:one'),
      target: image('both:1'),
    } as const;
    const stop = new AbortController();
    const first = engine.gantry.containerize(options);
    const gone = engine.gantry.containerize(options, { signal: stop.signal });
    const second = engine.gantry.containerize(options);
    stop.abort();
    await assert.rejects(gone, { name: 'AbortError' });
    assert.equal((await first).digest, (await second).digest);
  });

  it('lets the editor work while a folder of 5,000 files is packed', async function () {
    await mkdir(at('many'));
    for (let at0 = 0; at0 < 50; at0++) {
      await mkdir(at(`many/${at0}`));
      await Promise.all(
        Array.from({ length: 100 }, (_, one) => writeFile(at(`many/${at0}/${one}.txt`), `${one}`.repeat(500))),
      );
    }
    const delay = monitorEventLoopDelay({ resolution: 1 });
    delay.enable();
    const start = performance.now();
    const options = { folder: at('many'), recipe: 'folder', base: image('base:one'), target: image('many:1') } as const;
    const made = await engine.gantry.containerize({ ...options, sbom: true });
    const took = performance.now() - start;
    delay.disable();
    assert.equal(made.layers[0]?.entries, 5_051);
    const [p95, max] = [delay.percentile(95), delay.max].map((each) => Math.round(each / 1e5) / 10);
    if (this.test !== undefined) this.test.title += `: delay p95 ${p95} ms, at most ${max} ms, ${Math.round(took)} ms`;
  });
});
