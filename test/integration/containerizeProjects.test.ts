import assert from 'node:assert/strict';
import { readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { ContainerizeOptions, ContainerizeResult } from '../../src/api.ts';
import { type RunningRegistry, startDockerRegistry } from '../support/dockerRegistry.ts';
import { testIo } from '../support/io.ts';
import { type Run, runBundle, unpackBundle, whyNoChroot } from '../support/runBundle.ts';
import { putIndex, seededBytes } from '../support/seededImage.ts';
import { skipSuite } from '../support/skipSuite.ts';
import { newTempDir, removeTempDir } from '../support/tempDir.ts';
import { needs } from '../support/tools.ts';
import { validateImage } from '../support/validateImage.ts';
import { type HostBase, javaBase, nodeBase, putHostBase, pythonBase, shellBase } from './hostBases.ts';
import { run } from './judges.ts';
import { newLayers, planOf, projectEngine, type ProjectEngine } from './projectEngine.ts';
import { repositoryState } from './registryState.ts';
import { sampleProjects, writeFatJar, writeFiles } from './sampleProjects.ts';

const native = process.arch === 'x64' ? 'amd64' : process.arch;

describe('containerize of projects', function () {
  this.timeout(60_000);
  let folder = '';
  let registry: RunningRegistry | undefined;
  let engine: ProjectEngine;
  let pulls = 0;
  const at = (name: string): string => path.join(folder, name);
  const reference = (name: string): string => `${registry?.host ?? ''}/${name}`;
  const bases = new Set<string>();

  before(async function () {
    needs(this, 'docker-registry', 'skopeo', 'umoci', 'tar', 'ldd');
    if (native !== 'amd64') skipSuite(this, 'the programs of the projects are for linux/amd64');
    folder = await newTempDir();
    registry = await startDockerRegistry();
    engine = projectEngine(folder);
    const store = engine.context.stores.registry(registry.host).repository('bases/index-base');
    await store.tag(await putIndex(store, {}, testIo()), '1', testIo());
  });
  after(async () => {
    if (folder === '') return;
    await engine.close();
    await registry?.stop();
    await removeTempDir(folder);
  });

  /** The reference of a base that is made when it is first asked for; undefined where this machine has nothing to make it of. */
  async function base(name: string): Promise<string | undefined> {
    if (name === 'scratch') return name;
    if (name !== 'index' && !bases.has(name)) {
      const made = hostBase(name);
      if (made === undefined) return undefined;
      const store = engine.context.stores.registry(registry?.host ?? '').repository(`bases/${name}-base`);
      await putHostBase(store, '1', made, testIo(60_000));
      bases.add(name);
    }
    return reference(`bases/${name}-base:1`);
  }

  function hostBase(name: string): HostBase | undefined {
    if (name === 'java') return javaBase(at('java-base'));
    if (name === 'node') return nodeBase();
    return name === 'python' ? pythonBase() : shellBase();
  }

  function pull(image: string): Run & { readonly rootfs: string } {
    const layout = at(`pulled-${++pulls}`);
    const choice = ['--override-os=linux', `--override-arch=${native}`];
    run('skopeo', ...choice, 'copy', '--src-tls-verify=false', `docker://${image}`, `oci:${layout}:it`);
    const bundle = unpackBundle(layout, 'it', at(`bundle-${pulls}`));
    const isRunnable = whyNoChroot() === undefined && bundle.args.length > 0;
    const { args, cwd } = bundle;
    const placed = cwd === '/' ? bundle : { ...bundle, args: ['/usr/bin/env', '-C', cwd, ...args] };
    return { rootfs: bundle.rootfs, ...(isRunnable ? runBundle(placed) : { status: 0, stdout: '', stderr: '' }) };
  }

  async function validate(made: ContainerizeResult): Promise<void> {
    const { store, identifier } = await engine.context.stores.source(made.target, testIo());
    assert.equal((await validateImage(store, identifier, testIo(60_000))).digest, made.digest);
  }

  for (const [number, sample] of sampleProjects.entries()) {
    describe(sample.name, function () {
      const project = (): string => at(`project-${number}`);
      let options: ContainerizeOptions;
      let made: ContainerizeResult | undefined;

      before(async function () {
        needs(this, ...sample.tools);
        const onto = await base(sample.base);
        if (onto === undefined) skipSuite(this, `this machine has nothing to make a base with ${sample.base} of`);
        sample.write(project());
        const target = reference(`${sample.recipe}-${number}/app:1`);
        options = { folder: project(), base: onto, target, ...sample.options };
      });

      it('becomes what its plan says, and runs', async function () {
        const { gantry } = engine;
        const plan = await gantry.containerize({ ...options, dryRun: true });
        const state = repositoryState(registry as RunningRegistry, `${sample.recipe}-${number}/app`);
        assert.equal(await state.tagged('1'), undefined);
        made = await gantry.containerize({ ...options, digest: plan.digest });
        assert.deepEqual(planOf(made), planOf(plan));
        assert.deepEqual(made.platforms, sample.platforms);
        assert.deepEqual(
          made.layers.map(({ name }) => name),
          sample.layers,
        );
        await validate(made);
        const { stdout, stderr, rootfs } = pull(made.target);
        if (sample.prints === undefined) {
          const page = await readFile(path.join(rootfs, 'usr/share/nginx/html/index.html'));
          assert.deepEqual(page, await readFile(path.join(project(), 'dist/index.html')));
        } else if (whyNoChroot() === undefined) assert.equal(stdout, sample.prints, stderr);
        assert.deepEqual(await engine.leftovers(), []);
      });

      it('sends nothing where nothing has changed, in three requests', async function () {
        const before = engine.requests.length;
        const again = await engine.gantry.containerize(options);
        assert.deepEqual([again.digest, again.bytesTransferred, newLayers(again)], [made?.digest, 0, []]);
        const asked = engine.requests.slice(before);
        assert.ok(asked.length <= 3, asked.map(({ method, url }) => `${method} ${url}`).join('\n'));
        if (this.test !== undefined) this.test.title += `: ${asked.length} requests`;
      });

      it(`sends the ${sample.change.layers.join(' and the ')} where that has changed`, async () => {
        sample.change.edit(project());
        const plan = await engine.gantry.containerize({ ...options, dryRun: true });
        const changed = await engine.gantry.containerize({ ...options, build: false, overwrite: true });
        assert.notEqual(changed.digest, made?.digest);
        assert.deepEqual(newLayers(changed), sample.change.layers);
        assert.deepEqual(planOf({ ...changed, builds: plan.builds }), planOf(plan));
      });
    });
  }

  it('runs a JAR that holds all that it needs', async function () {
    needs(this, 'javac', 'jar', 'jlink');
    const file = writeFatJar(at('jar'));
    const made = await engine.gantry.containerize({
      file,
      base: (await base('java')) ?? '',
      target: reference('jar/app:1'),
    });
    await validate(made);
    if (whyNoChroot() === undefined) assert.equal(pull(made.target).stdout, 'jar runs\n');
  });

  it('takes next to no time for a program of 20 MB that has not changed', async function () {
    needs(this, 'go');
    writeFiles(at('large'), {
      'go.mod': 'module example.com/large\n\ngo 1.19\n',
      'main.go':
        'package main\n\nimport (\n\t_ "embed"\n\t"syscall"\n)\n\n//go:embed data\nvar data string\n\n' +
        'func main() { syscall.Write(1, []byte(data[:8])) }\n',
      data: seededBytes(5, 20_000_000),
    });
    const options = { folder: at('large'), base: 'scratch', target: reference('large/app:1') };
    const first = await engine.gantry.containerize(options);
    const before = engine.requests.length;
    const [start, built] = [performance.now(), engine.buildTime()];
    const again = await engine.gantry.containerize(options);
    const beside = performance.now() - start - (engine.buildTime() - built);
    assert.deepEqual([again.digest, again.bytesTransferred], [first.digest, 0]);
    assert.ok(engine.requests.length - before <= 3);
    const { size } = await stat(path.join(at('large'), 'data'));
    if (this.test !== undefined) {
      const built2 = Math.round(engine.buildTime() - built);
      this.test.title += `: ${Math.round(beside)} ms beside ${built2} ms of build, ${Math.round(size / 1e6)} MB, ${engine.requests.length - before} requests`;
    }
  });

  it('makes one image of a project at several calls at once', async function () {
    needs(this, 'go');
    writeFiles(at('twice'), { 'go.mod': 'module example.com/twice\n\ngo 1.19\n' });
    await writeFile(
      at('twice/main.go'),
      'package main\n\nimport "syscall"\n\nfunc main() { syscall.Write(1, []byte("twice\\n")) }\n',
    );
    const options = { folder: at('twice'), base: 'scratch', target: reference('twice/app:1') };
    const all = await Promise.all([1, 2, 3].map(() => engine.gantry.containerize(options)));
    assert.equal(new Set(all.map(({ digest }) => digest)).size, 1);
    for (const made of all) await validate(made);
    assert.deepEqual(await engine.leftovers(), []);
  });
});
