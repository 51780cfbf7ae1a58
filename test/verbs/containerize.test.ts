import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { chmod, mkdir, rename, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { ContainerizeOptions, GantryApi } from '../../src/api.ts';
import { defaultNetwork } from '../../src/registry/options.ts';
import { createGantry } from '../../src/verbs/createGantry.ts';
import { Stores } from '../../src/verbs/stores.ts';
import { elfOf } from '../containerize/elfWriter.ts';
import { type RunningRegistry, startDockerRegistry } from '../support/dockerRegistry.ts';
import { testIo } from '../support/io.ts';
import { testLayers } from '../support/layers.ts';
import { putImage, putIndex } from '../support/seededImage.ts';
import { newTempDir, removeTempDir } from '../support/tempDir.ts';
import { validateImage } from '../support/validateImage.ts';

describe('containerize', () => {
  let folder = '';
  let registry: RunningRegistry;
  let stores: Stores;
  let gantry: GantryApi;
  let requests: { readonly method: string; readonly url: string; readonly sent?: number }[] = [];
  const at = (name: string): string => path.join(folder, name);
  const image = (name: string): string => `${registry.host}/${name}`;

  before(async function () {
    this.timeout(20_000);
    folder = await newTempDir();
    registry = await startDockerRegistry();
    const temporary = at('storage/temporary');
    const credentials = { find: () => Promise.resolve(undefined) };
    stores = new Stores({
      registries: () => [],
      network: () => defaultNetwork,
      credentials,
      temporary,
      log: (record) => requests.push(record),
    });
    const settings = { platforms: () => ['linux/amd64'], compression: () => 'gzip' as const, temporary, epoch: 0 };
    gantry = createGantry({ stores, layers: testLayers(at('cache')), ...settings });
    const base = stores.registry(registry.host).repository('base');
    await base.tag(await putIndex(base, {}, testIo()), 'all', testIo());
    await base.tag(await putImage(base, { seed: 9 }, testIo()), 'one', testIo());
    await writeFile(at('amd64'), elfOf({ type: 2 }));
    await writeFile(at('arm64'), elfOf({ type: 2, machine: 183 }));
  });
  after(async () => {
    await stores.close();
    await registry.stop();
    await removeTempDir(folder);
  });
  beforeEach(() => {
    requests = [];
  });

  it('puts one program for each platform onto the images of an index, as one index', async () => {
    const options = { file: [at('amd64'), at('arm64')], base: image('base:all'), target: image('app:both') };
    const made = await gantry.containerize(options);
    assert.deepEqual(made.platforms, ['linux/amd64', 'linux/arm64']);
    assert.deepEqual(
      made.layers.map(({ platform, reused }) => ({ platform, reused })),
      [
        { platform: 'linux/amd64', reused: false },
        { platform: 'linux/arm64', reused: false },
      ],
    );
    for (const platform of made.platforms) {
      const found = await gantry.inspectImage({ image: made.target, platform });
      assert.deepEqual((found.config?.['config'] as Record<string, unknown>)['Entrypoint'], ['/app/amd64']);
      assert.match(found.layers.at(-1)?.createdBy ?? '', /^gantry program: \/app\/amd64$/);
    }
    const { store, identifier } = await stores.source(made.target, testIo());
    await validateImage(store, identifier, testIo());
  });

  it('plans what it then makes, and writes nothing for a plan', async () => {
    const options: ContainerizeOptions = {
      file: at('amd64'),
      base: image('base:all'),
      target: image('app:planned'),
      config: { user: '65532', env: ['MODE=production'], ports: ['8080'] },
    };
    const plan = await gantry.containerize({ ...options, dryRun: true });
    await assert.rejects(gantry.inspectImage({ image: plan.target }), { code: 'not-found' });
    assert.deepEqual(plan.missingPlatforms, ['linux/arm64']);
    assert.equal(plan.warnings[0]?.code, 'platform-missing');
    assert.deepEqual(
      plan.preflight.map(({ platform, verdict }) => [platform, verdict]),
      [['linux/amd64', 'runs']],
    );
    const changed = new Map(plan.config.map(({ member, after }) => [member, after]));
    assert.equal(changed.get('Entrypoint'), '["/app/amd64"]');
    assert.equal(changed.get('User'), '65532');
    assert.equal(changed.get('Env MODE'), 'production');
    assert.equal(changed.get('ExposedPorts 8080/tcp'), '8080/tcp');
    const made = await gantry.containerize({ ...options, digest: plan.digest });
    assert.equal(made.digest, plan.digest);
    assert.equal(made.bytesTransferred, plan.bytesTransferred);
    assert.deepEqual(JSON.parse(JSON.stringify(made)), made);
  });

  it('writes nothing where the files are others than in the plan', async () => {
    const options = { folder: at('changing'), base: image('base:one'), target: image('app:changed') };
    await mkdir(at('changing'));
    await writeFile(at('changing/page.txt'), 'one');
    const { digest } = await gantry.containerize({ ...options, recipe: 'folder', dryRun: true });
    await writeFile(at('changing/page.txt'), 'two');
    await assert.rejects(gantry.containerize({ ...options, recipe: 'folder', digest }), { code: 'content-mismatch' });
    await assert.rejects(gantry.inspectImage({ image: options.target }), { code: 'not-found' });
  });

  it('needs three requests and no blob where nothing has changed', async () => {
    const options = { file: at('amd64'), base: image('base:all'), target: image('app:warm'), sbom: true };
    const first = await gantry.containerize(options);
    requests = [];
    const again = await gantry.containerize(options);
    assert.equal(again.digest, first.digest);
    assert.equal(again.bytesTransferred, 0);
    assert.deepEqual(
      again.layers.map(({ reused }) => reused),
      [true],
    );
    assert.ok(requests.length <= 3, requests.map(({ method, url }) => `${method} ${url}`).join('\n'));
  });

  it('makes the same image of the same files, whatever their times and wherever they are', async () => {
    const options = { base: image('base:one'), target: image('app:same'), recipe: 'folder' } as const;
    await mkdir(at('here/a'), { recursive: true });
    await writeFile(at('here/a/tool'), 'a', { mode: 0o755 });
    await writeFile(at('here/b.txt'), 'b');
    const one = await gantry.containerize({ ...options, folder: at('here') });
    await rename(at('here'), at('there'));
    await utimes(at('there/b.txt'), 1, 1);
    await chmod(at('there/b.txt'), 0o600);
    const two = await gantry.containerize({ ...options, folder: at('there') });
    assert.equal(two.digest, one.digest);
  });

  it('refuses a program that will not run there, and writes it where forced', async () => {
    const options = {
      file: at('arm64'),
      base: image('base:one'),
      target: image('app:wrong'),
      platforms: ['linux/amd64'],
    };
    await assert.rejects(gantry.containerize(options), {
      code: 'invalid-reference',
      message: /no program for linux\/amd64/,
    });
    await writeFile(at('needs-libc'), elfOf({ type: 2, interpreter: '/lib64/ld-linux-x86-64.so.2' }));
    const dynamic = { file: at('needs-libc'), base: image('base:one'), target: image('app:dynamic') };
    await assert.rejects(gantry.containerize(dynamic), { code: 'will-not-run' });
    await assert.rejects(gantry.inspectImage({ image: dynamic.target }), { code: 'not-found' });
    assert.equal((await gantry.containerize({ ...dynamic, force: true })).preflight[0]?.verdict, 'fails');
  });

  it('says what an image would start that is not in it, or as a user that is not', async () => {
    await mkdir(at('scripts'));
    await writeFile(at('scripts/main.js'), 'hello');
    const options = { folder: at('scripts'), recipe: 'folder', base: image('base:one'), dryRun: true } as const;
    const plan = async (config: ContainerizeOptions['config'] & object) =>
      (await gantry.containerize({ ...options, target: image('app:none'), config })).preflight[0];
    const missing = await plan({ entrypoint: ['node', '/app/main.js'] });
    assert.deepEqual([missing?.program, missing?.verdict, missing?.reasons[0]?.code], ['node', 'fails', 'no-command']);
    const stranger = await plan({ entrypoint: ['/app/main.js'], user: 'node' });
    assert.deepEqual([stranger?.verdict, stranger?.reasons[0]?.code], ['fails', 'no-user']);
    assert.equal(await plan({ entrypoint: ['/app/main.js'], user: '1000' }), undefined);
  });

  it('says what to do with a program of another system', async () => {
    const macho = Buffer.alloc(64);
    macho.writeUInt32LE(0xfeedfacf, 0);
    macho.writeUInt32LE(0x0100000c, 4);
    macho.writeUInt32LE(2, 12);
    await writeFile(at('mac'), macho);
    const options = { file: at('mac'), base: 'scratch', target: image('app:mac') };
    await assert.rejects(gantry.containerize(options), { code: 'will-not-run', message: /Linux/ });
  });

  it('leaves secrets out and says so, or lets them in where told to', async () => {
    await mkdir(at('site'));
    await writeFile(at('site/index.txt'), 'hello');
    await writeFile(at('site/.env'), 'PASSWORD=x');
    const options = {
      folder: at('site'),
      recipe: 'folder',
      base: image('base:one'),
      target: image('app:site'),
    } as const;
    const without = await gantry.containerize(options);
    assert.deepEqual(without.warnings.find(({ code }) => code === 'secret-left-out')?.paths, ['.env']);
    const paths = async (): Promise<readonly string[]> =>
      (await gantry.listFiles({ image: options.target, path: '/app' })).map((entry) => entry.path);
    assert.deepEqual(await paths(), ['/app', '/app/index.txt']);
    const having = await gantry.containerize({ ...options, secrets: true, overwrite: true });
    assert.equal(having.warnings.find(({ code }) => code === 'secret-included')?.paths?.[0], '.env');
    assert.deepEqual(await paths(), ['/app', '/app/.env', '/app/index.txt']);
  });

  it('puts a folder where it is told to, with the owner it is told to, onto every image of the base', async () => {
    await mkdir(at('docs/sub'), { recursive: true });
    await writeFile(at('docs/sub/a.txt'), 'a');
    const options = {
      folder: at('docs'),
      recipe: 'folder',
      base: image('base:all'),
      target: image('app:docs'),
    } as const;
    const made = await gantry.containerize({ ...options, to: '/srv/docs/', owner: '1000:1001' });
    assert.deepEqual(made.platforms, ['linux/amd64', 'linux/arm64']);
    const found = await gantry.listFiles({ image: made.target, path: '/srv/docs' });
    assert.deepEqual(
      found.map(({ path: where, uid, gid }) => [where, uid, gid]),
      [
        ['/srv/docs', 1000, 1001],
        ['/srv/docs/sub', 1000, 1001],
        ['/srv/docs/sub/a.txt', 1000, 1001],
      ],
    );
  });

  it('puts a folder at the root, or where a name has a dollar in it', async () => {
    await mkdir(at('pages'));
    await writeFile(at('pages/a.txt'), 'a');
    const options = { folder: at('pages'), recipe: 'folder', base: 'scratch', overwrite: true } as const;
    for (const [to, file] of [
      ['/', '/a.txt'],
      ['/$&/x', '/$&/x/a.txt'],
    ] as const) {
      const made = await gantry.containerize({ ...options, target: `oci:${at('placed')}:1`, to });
      const found = await gantry.listFiles({ image: made.target });
      assert.deepEqual(
        found.filter(({ type }) => type === 'file').map((entry) => entry.path),
        [file],
      );
    }
  });

  it('refuses more tags for an archive before anything is written', async () => {
    const options = { file: at('amd64'), base: 'scratch', target: `oci-archive:${at('one.tar')}:1`, tags: ['2'] };
    for (const dryRun of [true, false]) {
      await assert.rejects(gantry.containerize({ ...options, dryRun }), {
        code: 'invalid-reference',
        message: /is an archive, which has room for one name/,
      });
    }
    assert.ok(!existsSync(at('one.tar')));
    const same = await gantry.containerize({ ...options, tags: ['1'] });
    assert.deepEqual(same.tags, []);
  });

  it('gives the image more tags, none of which it moves unasked', async () => {
    const options = { file: at('amd64'), base: image('base:one'), target: image('app:first'), tags: ['second'] };
    const made = await gantry.containerize(options);
    assert.equal((await gantry.inspectImage({ image: image('app:second') })).digest, made.digest);
    const other = { ...options, target: image('app:third'), config: { user: '1' } };
    await assert.rejects(gantry.containerize(other), { code: 'already-exists' });
    await assert.rejects(gantry.inspectImage({ image: image('app:third') }), { code: 'not-found' });
  });

  it('writes layouts and archives too', async () => {
    for (const target of [`oci:${at('made')}:1`, `oci-archive:${at('made.tar')}:1`]) {
      const made = await gantry.containerize({ file: at('amd64'), base: 'scratch', target, sbom: true });
      assert.equal((await gantry.inspectImage({ image: target })).digest, made.digest);
    }
  });

  for (const [what, options, message] of [
    ['nothing', {}, /name a file, a folder, a spec, or a dockerfile/],
    ['two things', { file: '/a', folder: '/b' }, /one thing/],
    ['an unknown recipe', { folder: '/a', recipe: 'cobol' }, /must be one of go, rust/],
    ['a relative path', { file: 'a', base: 'scratch', target: 'x.test/a:1' }, /not an absolute path/],
    ['no target', { file: process.execPath, base: 'scratch' }, /name a target/],
    ['no target, before anything is looked at', { folder: '/nowhere' }, /name a target/],
  ] as const) {
    it(`refuses ${what}`, async () => {
      await assert.rejects(gantry.containerize(options as ContainerizeOptions), { code: 'invalid-reference', message });
    });
  }
});
