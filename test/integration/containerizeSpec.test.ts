import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { ContainerizeOptions, ContainerizeResult } from '../../src/api.ts';
import { SpecError } from '../../src/errors.ts';
import { elfOf } from '../containerize/elfWriter.ts';
import { type RunningRegistry, startDockerRegistry } from '../support/dockerRegistry.ts';
import { testIo } from '../support/io.ts';
import { putIndex } from '../support/seededImage.ts';
import { newTempDir, removeTempDir } from '../support/tempDir.ts';
import { needs } from '../support/tools.ts';
import { validateImage } from '../support/validateImage.ts';
import { skopeoRaw } from './judges.ts';
import { planOf, projectEngine, type ProjectEngine } from './projectEngine.ts';
import { writeFiles } from './sampleProjects.ts';

describe('containerize of specs', function () {
  this.timeout(60_000);
  let folder = '';
  let registry: RunningRegistry | undefined;
  let engine: ProjectEngine;
  const at = (name: string): string => path.join(folder, name);
  const reference = (name: string): string => `${registry?.host ?? ''}/${name}`;
  const bases = { both: '', one: '' };

  before(async function () {
    needs(this, 'docker-registry', 'skopeo', 'git');
    folder = await newTempDir();
    registry = await startDockerRegistry();
    engine = projectEngine(folder);
    const store = engine.context.stores.registry(registry.host).repository('bases/nginx');
    await store.tag(await putIndex(store, {}, testIo()), 'both', testIo());
    bases.both = reference('bases/nginx:both');
  });
  after(async () => {
    if (folder === '') return;
    await engine.close();
    await registry?.stop();
    await removeTempDir(folder);
  });

  async function validate(made: ContainerizeResult): Promise<void> {
    const { store, identifier } = await engine.context.stores.source(made.target, testIo());
    assert.equal((await validateImage(store, identifier, testIo())).digest, made.digest);
  }

  /** A folder with a commit in it. Returns the commit. */
  function commit(place: string): string {
    const git = (...args: readonly string[]): string =>
      execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@example.com', '-C', place, ...args], {
        encoding: 'utf8',
      });
    git('init', '-q', '-b', 'main');
    git('add', '-A');
    git('commit', '-q', '-m', 'first');
    git('tag', 'v1.2.3');
    return git('rev-parse', 'HEAD').trim();
  }

  it('makes an index of two platforms with tags that the commit names', async () => {
    writeFiles(at('variables'), {
      'dist/server-amd64!': elfOf({ type: 2 }),
      'dist/server-arm64!': elfOf({ type: 2, machine: 183 }),
      'gantry.yaml':
        `base: ${bases.both}\nplatforms: [linux/amd64, linux/arm64]\nlayers:\n  - name: app\n    files:\n` +
        "      - { from: 'dist/server-${platform.arch}', to: /app/server, mode: '0755' }\nentrypoint: [/app/server]\n" +
        'labels: { commit: "${git.commit}", owner: "${var.OWNER}" }\n' +
        `target: ${reference('variables/app')}:` +
        '${git.shortCommit}\ntags: ["${git.tag}", "stable-${var.OWNER}"]\n',
    });
    const head = commit(at('variables'));
    const options = { spec: at('variables/gantry.yaml'), args: { OWNER: 'me' } };
    const plan = await engine.gantry.containerize({ ...options, dryRun: true });
    const made = await engine.gantry.containerize(options);
    assert.deepEqual(planOf(made), planOf(plan));
    assert.equal(made.target, reference(`variables/app:${head.slice(0, 12)}`));
    assert.deepEqual(
      [made.platforms, made.tags],
      [
        ['linux/amd64', 'linux/arm64'],
        ['v1.2.3', 'stable-me'],
      ],
    );
    await validate(made);
    for (const tag of ['v1.2.3', 'stable-me']) {
      assert.deepEqual(skopeoRaw(reference(`variables/app:${tag}`)), skopeoRaw(made.target));
    }
    const { config } = await engine.gantry.inspectImage({ image: made.target, platform: 'linux/arm64' });
    assert.deepEqual((config?.['config'] as Record<string, unknown>)['Labels'], { commit: head, owner: 'me' });
  });

  it('makes what a jib.yaml describes', async () => {
    writeFiles(at('jib'), {
      'app/a.txt': 'a',
      'app/sub/b.txt': 'b',
      'jib.yaml':
        `apiVersion: jib/v1alpha1\nkind: BuildFile\nfrom:\n  image: ${bases.both}\n  platforms:\n` +
        '    - { os: linux, architecture: amd64 }\n    - { os: linux, architecture: arm64 }\n' +
        'creationTime: 2000\nuser: "1000"\nworkingDirectory: /app\n' +
        'layers:\n  entries:\n    - name: files\n      files:\n        - { src: app, dest: /app }\n',
    });
    const options = { spec: at('jib/jib.yaml'), target: reference('jib/app:1') };
    const plan = await engine.gantry.containerize({ ...options, dryRun: true });
    const made = await engine.gantry.containerize(options);
    assert.deepEqual(planOf(made), planOf(plan));
    await validate(made);
    assert.deepEqual(made.platforms, ['linux/amd64', 'linux/arm64']);
    const { config } = await engine.gantry.inspectImage({ image: made.target, platform: 'linux/amd64' });
    assert.equal((config?.['config'] as Record<string, unknown>)['User'], '1000');
    assert.equal(config?.['created'], '1970-01-01T00:00:02Z');
    const files = await engine.gantry.listFiles({ image: made.target, platform: 'linux/arm64', path: '/app' });
    assert.deepEqual(
      files.map(({ path: where }) => where),
      ['/app', '/app/a.txt', '/app/sub', '/app/sub/b.txt'],
    );
  });

  it('names file and line of what is wrong in a spec, all at once, and writes nothing', async () => {
    writeFiles(at('broken'), {
      'gantry.yaml': `base: ${bases.both}\nentrypoint: 5\nlayers:\n  - name: app\n    files:\n      - { from: nothing, to: relative }\ntarget: ${reference('broken/app:1')}\ncolour: red\n`,
    });
    await assert.rejects(engine.gantry.containerize({ spec: at('broken/gantry.yaml') }), (error: unknown) => {
      assert.ok(error instanceof SpecError);
      const lines = error.problems.map(({ line }) => line);
      assert.deepEqual([...new Set(lines)].sort(), [2, 6, 8]);
      assert.ok(error.problems.every(({ file }) => file === at('broken/gantry.yaml')));
      return true;
    });
    await assert.rejects(engine.gantry.inspectImage({ image: reference('broken/app:1') }), { code: 'not-found' });
  });

  it('says which target is missing, and which spec', async () => {
    writeFiles(at('bare'), { 'gantry.yaml': 'base: scratch\nlayers: []\n' });
    await assert.rejects(engine.gantry.containerize({ spec: at('bare/gantry.yaml') }), { code: 'invalid-reference' });
    await assert.rejects(engine.gantry.containerize({ spec: at('bare/other.yaml') }), { code: 'not-found' });
  });

  describe('that were saved', () => {
    /** Makes an image, saves its spec where its files are, and makes it again by the spec alone. */
    async function again(options: ContainerizeOptions, place: string): Promise<string> {
      const first = await engine.gantry.containerize(options);
      const text = await engine.specText({ ...options, base: first.base.reference }, place);
      writeFileSync(path.join(place, 'gantry.yaml'), text);
      const second = await engine.gantry.containerize({ spec: path.join(place, 'gantry.yaml') });
      assert.deepEqual([second.digest, second.bytesTransferred, second.target], [first.digest, 0, first.target], text);
      assert.deepEqual(second.platforms, first.platforms);
      return text;
    }

    before(() => {
      mkdirSync(at('programs'), { recursive: true });
      writeFileSync(at('programs/server'), elfOf({ type: 2 }), { mode: 0o755 });
      mkdirSync(at('programs/arm'), { recursive: true });
      writeFileSync(at('programs/arm/server'), elfOf({ type: 2, machine: 183 }), { mode: 0o755 });
    });

    it('make the same image of a program', async () => {
      const config = { env: ['A=b c'], user: '1000', ports: ['8080'], labels: { 'a.b': "it's" } };
      const owner = '1000:1001';
      const target = reference('saved/one:1');
      await again({ file: at('programs/server'), base: bases.both, target, config, owner }, at('programs'));
    });

    it('make the same image of two programs', async () => {
      const file = [at('programs/server'), at('programs/arm/server')];
      await again({ file, base: bases.both, target: reference('saved/two:1') }, at('programs'));
    });

    it('make the same image of a folder', async () => {
      writeFiles(at('plain'), { 'a/b.txt': 'b', '.dockerignore': 'left\n', 'left/c.txt': 'c', '.env': 'A=1' });
      const options = { folder: at('plain'), base: bases.both, target: reference('saved/folder:1') };
      await again(options, at('plain'));
      await again({ ...options, target: reference('saved/moved:1'), recipe: 'folder', to: '/srv' }, at('plain'));
    });

    it('make the same image of a static site on every platform of its base', async () => {
      writeFiles(at('site'), { 'dist/index.html': '<h1>hello</h1>\n' });
      const text = await again({ folder: at('site'), base: bases.both, target: reference('saved/site:1') }, at('site'));
      assert.match(text, /^recipe: static-site$/m);
    });

    it('make the same image of a Go project for the platforms that .ko.yaml names', async function () {
      needs(this, 'go');
      writeFiles(at('go'), {
        'go.mod': 'module example.com/hello\n\ngo 1.19\n',
        'main.go': 'package main\n\nfunc main() {}\n',
        '.ko.yaml': 'defaultPlatforms: [linux/amd64, linux/arm64]\n',
      });
      const options = { base: bases.both, target: reference('saved/go:1') };
      const text = await again({ ...options, folder: at('go') }, at('go'));
      assert.match(text, /^recipe: go$/m);
      const ko = await engine.gantry.containerize({ ...options, spec: at('go/.ko.yaml') });
      assert.equal(ko.bytesTransferred, 0);
    });

    it('make the same image with tags, annotations and platforms that were chosen', async () => {
      const options: ContainerizeOptions = {
        folder: at('site'),
        base: bases.both,
        target: reference('saved/chosen:1'),
        tags: ['two', 'three'],
        annotations: { 'org.example.kind': 'a "b"' },
        platforms: ['linux/arm64'],
        compression: 'zstd',
        gitignore: true,
      };
      await again(options, at('site'));
    });
  });
});
