import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { ContainerizeResult, GantryApi } from '../../src/api.ts';
import { LayoutStore } from '../../src/layout/layoutStore.ts';
import { isObject } from '../../src/oci/json.ts';
import { createGantry } from '../../src/verbs/createGantry.ts';
import { type DebianRoots, debianBases, putDebianBases, unpackDebian } from '../support/debianBases.ts';
import { noPackages, PackagesUnavailable } from '../support/debianPackages.ts';
import { type RunningRegistry, startDockerRegistry } from '../support/dockerRegistry.ts';
import { checkSchemas, needsSchemaValidator } from '../support/imageSpecSchema.ts';
import { testIo } from '../support/io.ts';
import { compilersFor, type NativeProgram, nativePrograms } from '../support/nativePrograms.ts';
import { type Bundle, type Run, runBundle, unpackBundle, whyNoChroot } from '../support/runBundle.ts';
import { skipSuite } from '../support/skipSuite.ts';
import { newTempDir, removeTempDir } from '../support/tempDir.ts';
import { findTool, needs } from '../support/tools.ts';
import { validateImage } from '../support/validateImage.ts';
import { testContext } from '../support/verbContext.ts';
import { run } from './judges.ts';

const native = process.arch === 'x64' ? 'amd64' : process.arch;
const emulator = findTool('qemu-aarch64-static');

describe('containerize onto bases of Debian packages', function () {
  this.timeout(120_000);
  let folder = '';
  let registry: RunningRegistry | undefined;
  let gantry: GantryApi;
  let programs: readonly NativeProgram[] = [];
  let foreign: readonly NativeProgram[] = [];
  let pulls = 0;
  const context = testContext();
  const reference = (name: string): string => `${registry?.host ?? ''}/${name}`;
  const program = (name: string, all = programs): string => all.find((each) => each.name === name)?.file ?? name;

  before(async function () {
    needs(this, 'apt-get', 'dpkg-deb', 'docker-registry', 'skopeo', 'umoci', 'chroot', 'tar', ...compilersFor(native));
    const why = whyNoChroot();
    if (why !== undefined) skipSuite(this, why);
    folder = await newTempDir();
    registry = await startDockerRegistry();
    await context.open(folder);
    gantry = createGantry(context.value);
    const own = await unpacked(native);
    if (own === undefined) skipSuite(this, noPackages);
    const others = await unpackForeign();
    programs = await nativePrograms(own, folder);
    foreign = others === undefined ? [] : await nativePrograms(others, folder);
    const layout = path.join(folder, 'bases');
    const store = await LayoutStore.open(layout, testIo(60_000), { create: true });
    await putDebianBases(store, others === undefined ? [own] : [own, others], testIo(60_000));
    for (const base of debianBases) {
      await gantry.copyImage({ source: `oci:${layout}:${base}`, target: reference(`bases/${base}:1`) });
    }
  });
  after(async () => {
    await context.close();
    await registry?.stop();
    if (folder !== '') await removeTempDir(folder);
  });

  /** arm64, where this machine has compilers, packages and an emulator for it. */
  async function unpackForeign(): Promise<DebianRoots | undefined> {
    const isThere = emulator !== undefined && compilersFor('arm64').every((tool) => findTool(tool) !== undefined);
    if (native === 'arm64' || !isThere) return undefined;
    return unpacked('arm64');
  }

  /** Undefined where no mirror has packages for the architecture, or none can be reached. */
  async function unpacked(architecture: string): Promise<DebianRoots | undefined> {
    try {
      return await unpackDebian(architecture, folder);
    } catch (error) {
      if (error instanceof PackagesUnavailable) return undefined;
      throw error;
    }
  }

  /** What skopeo copies of an image in the registry to a layout of its own, and umoci unpacks. */
  function pull(image: string, architecture = native): Bundle & { readonly layout: string } {
    const layout = path.join(folder, `pulled-${++pulls}`);
    const choice = ['--override-os=linux', `--override-arch=${architecture}`];
    run('skopeo', ...choice, 'copy', '--src-tls-verify=false', `docker://${image}`, `oci:${layout}:it`);
    return { layout, ...unpackBundle(layout, 'it', path.join(folder, `bundle-${pulls}`)) };
  }

  function start(image: string, architecture = native): Run {
    return runBundle(pull(image, architecture), architecture === native ? undefined : emulator);
  }

  async function validate(made: ContainerizeResult): Promise<void> {
    const { store, identifier } = await context.value.stores.source(made.target, testIo());
    const { digest } = await validateImage(store, identifier, testIo(60_000));
    assert.equal(digest, made.digest);
  }

  it('runs a static Go program on every platform it was built for', async function () {
    const file = [program('go-static'), ...(foreign.length === 0 ? [] : [program('go-static', foreign)])];
    const base = reference('bases/static:1');
    const made = await gantry.containerize({ file, base, target: reference('apps/go:1.0') });
    const architectures = foreign.length === 0 ? [native] : [native, 'arm64'];
    assert.deepEqual(
      made.platforms,
      architectures.map((architecture) => `linux/${architecture}`),
    );
    await validate(made);
    for (const architecture of architectures) {
      const inspected: unknown = JSON.parse(
        run(
          'skopeo',
          'inspect',
          '--config',
          '--tls-verify=false',
          `--override-arch=${architecture}`,
          `docker://${made.target}`,
        ),
      );
      assert.ok(isObject(inspected) && isObject(inspected['config']));
      assert.equal(inspected['architecture'], architecture);
      assert.deepEqual(inspected['config']['Entrypoint'], ['/app/go-static']);
      assert.equal(inspected['config']['User'], '65532:65532');
      const { stdout, status } = start(made.target, architecture);
      assert.deepEqual([stdout, status], ['go runs\n', 0]);
    }
    if (this.test !== undefined) this.test.title += ` (${architectures.join(', ')})`;
  });

  it('runs a C++ program with OpenSSL on the base that is recommended', async () => {
    const file = program('c++-openssl');
    const bases = debianBases.map((base) => reference(`bases/${base}:1`));
    const recommended = await gantry.recommendBases({ file, bases });
    assert.deepEqual(
      recommended.map(({ reference: base, verdict }) => [base.slice(base.indexOf('/')), verdict]),
      [
        ['/bases/cc:1', 'runs'],
        ['/bases/static:1', 'fails'],
        ['/bases/base:1', 'fails'],
        ['/bases/shell:1', 'fails'],
      ],
    );
    assert.match(recommended[0]?.reason ?? '', /It has the program's libraries \("libcrypto\.so\.3", .*certificates/);
    const base = recommended[0]?.reference ?? '';
    const made = await gantry.containerize({ file, base, target: reference('apps/ssl:1.0') });
    assert.deepEqual(
      made.preflight.map(({ verdict }) => verdict),
      ['runs'],
    );
    await validate(made);
    const { stdout, status, stderr } = start(made.target);
    assert.match(stdout, /^c\+\+ runs with OpenSSL 3\.\d+\.\d+/, stderr);
    assert.equal(status, 0);
  });

  it('writes nothing where the program will not run; by force what was written fails as was said', async () => {
    const options = {
      file: program('c++-openssl'),
      base: reference('bases/base:1'),
      target: reference('apps/bad:1.0'),
    };
    await assert.rejects(gantry.containerize(options), (error: unknown) => {
      assert.ok(error instanceof Error && 'code' in error);
      assert.equal(error.code, 'will-not-run');
      assert.match(error.message, /libstdc\+\+\.so\.6/);
      return true;
    });
    assert.throws(() => run('skopeo', 'inspect', '--tls-verify=false', `docker://${options.target}`));
    const forced = await gantry.containerize({ ...options, force: true });
    await validate(forced);
    const { stdout, stderr, status } = start(forced.target);
    assert.equal(stdout, '');
    assert.notEqual(status, 0);
    assert.match(stderr, /libstdc\+\+\.so\.6: cannot open shared object file/);
  });

  it('starts a script with the arguments, the environment and the user of the config', async () => {
    const file = path.join(folder, 'greet.sh');
    await writeFile(file, '#!/bin/sh\necho "$GREETING, $1 $2. I am $(busybox id -u):$(busybox id -g)."\n');
    const made = await gantry.containerize({
      file,
      base: reference('bases/shell:1'),
      target: reference('apps/greet:1.0'),
      platforms: [`linux/${native}`],
      config: { cmd: ['wide', 'world'], env: ['GREETING=Hello'], user: '1234:2345', labels: { kind: 'test' } },
    });
    await validate(made);
    const { stdout, stderr } = start(made.target);
    assert.equal(stdout, 'Hello, wide world. I am 1234:2345.\n', stderr);
  });

  it('makes the same image again, and transfers nothing', async () => {
    const options = {
      file: program('c-static'),
      base: reference('bases/static:1'),
      target: reference('apps/same:1.0'),
    };
    const first = await gantry.containerize(options);
    const plan = await gantry.containerize({ ...options, dryRun: true });
    const second = await gantry.containerize(options);
    assert.deepEqual([plan.digest, second.digest], [first.digest, first.digest]);
    assert.equal(second.bytesTransferred, 0);
  });

  it("fits the image specification's own schemas", async function () {
    needsSchemaValidator(this);
    const layout = path.join(folder, 'made');
    const options = { platforms: [`linux/${native}`], annotations: { 'org.example.kind': 'test' } };
    for (const [name, base] of [
      ['c-static', 'scratch'],
      ['c-dynamic', reference('bases/base:1')],
      ['sh-script', reference('bases/shell:1')],
    ] as const) {
      await gantry.containerize({ ...options, file: program(name), base, target: `oci:${layout}:${name}` });
    }
    const config = {
      cmd: ['a'],
      env: ['A=1'],
      workdir: '/srv',
      user: '1',
      labels: { a: 'b' },
      ports: ['8080', '53/udp'],
      volumes: ['/data'],
      stopSignal: 'SIGTERM',
      author: 'me',
    };
    const healthcheck = { test: ['CMD', '/app/go-static'], interval: 1e9, retries: 3 };
    await gantry.containerize({
      ...options,
      file: program('go-static'),
      base: reference('bases/static:1'),
      target: `oci:${layout}:everything`,
      config: { ...config, healthcheck, shell: ['/bin/sh', '-c'] },
    });
    const pulled = pull(reference('apps/go:1.0')).layout;
    const { documents, problems } = checkSchemas(layout, pulled);
    assert.deepEqual(problems, []);
    assert.ok(documents >= 14, String(documents));
    if (this.test !== undefined) this.test.title += `: ${documents} documents`;
  });
});
