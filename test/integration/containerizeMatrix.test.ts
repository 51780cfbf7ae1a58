import assert from 'node:assert/strict';
import path from 'node:path';
import type { GantryApi } from '../../src/api.ts';
import { LayoutStore } from '../../src/layout/layoutStore.ts';
import { createGantry } from '../../src/verbs/createGantry.ts';
import { type DebianRoots, debianBases, putDebianBases, unpackDebian } from '../support/debianBases.ts';
import { noPackages, PackagesUnavailable } from '../support/debianPackages.ts';
import { testIo } from '../support/io.ts';
import { compilersFor, type NativeProgram, nativePrograms } from '../support/nativePrograms.ts';
import { removeBundle, runBundle, startsForeign, unpackBundle, whyNoChroot } from '../support/runBundle.ts';
import { skipSuite } from '../support/skipSuite.ts';
import { newTempDir, removeTempDir } from '../support/tempDir.ts';
import { findTool, needs } from '../support/tools.ts';
import { testContext } from '../support/verbContext.ts';

const architectures = ['amd64', 'arm64'] as const;
type Architecture = (typeof architectures)[number];
const native: string = process.arch === 'x64' ? 'amd64' : process.arch;
const emulators: Readonly<Record<Architecture, string>> = { amd64: 'qemu-x86_64-static', arm64: 'qemu-aarch64-static' };
const bases = ['scratch', ...debianBases] as const;

/** What runs where: all else must fail. Of the files of an image, the program and its base are all there is. */
const expected: Readonly<Record<(typeof bases)[number], readonly string[]>> = {
  scratch: ['c-static', 'c-static-pie', 'go-static'],
  static: ['c-static', 'c-static-pie', 'go-static'],
  base: ['c-dynamic', 'c-static', 'c-static-pie', 'go-static'],
  cc: ['c++', 'c++-openssl', 'c-dynamic', 'c-static', 'c-static-pie', 'go-static'],
  shell: ['c-static', 'c-static-pie', 'env-script', 'go-static', 'musl-dynamic', 'sh-script'],
};

describe('preflight against what runs in an unpacked image', function () {
  this.timeout(170_000);
  let folder = '';
  const programs = new Map<Architecture, readonly NativeProgram[]>();
  const context = testContext();
  let gantry: GantryApi;

  before(async function () {
    needs(this, 'apt-get', 'dpkg-deb', 'umoci', 'chroot', 'tar', ...compilersFor(native));
    const why = whyNoChroot();
    if (why !== undefined) skipSuite(this, why);
    folder = await newTempDir();
    await context.open(folder);
    gantry = createGantry(context.value);
    const all: DebianRoots[] = [];
    for (const architecture of architectures) {
      const roots = await unpacked(architecture);
      if (roots === undefined && architecture === native) skipSuite(this, noPackages);
      if (roots === undefined) continue;
      all.push(roots);
      programs.set(architecture, await nativePrograms(roots, folder));
    }
    const store = await LayoutStore.open(path.join(folder, 'bases'), testIo(60_000), { create: true });
    await putDebianBases(store, all, testIo(60_000));
  });
  after(async () => {
    await context.close();
    if (folder !== '') await removeTempDir(folder);
  });

  /** Undefined where the tools or the mirrors of this machine have nothing for an architecture. */
  async function unpacked(architecture: Architecture): Promise<DebianRoots | undefined> {
    const tools = [...compilersFor(architecture), ...(architecture === native ? [] : [emulators[architecture]])];
    if (tools.some((tool) => findTool(tool) === undefined)) return undefined;
    try {
      return await unpackDebian(architecture, folder);
    } catch (error) {
      if (error instanceof PackagesUnavailable) return undefined;
      throw error;
    }
  }

  /** Those for an architecture, and one for another. */
  function programsOn(architecture: Architecture): readonly NativeProgram[] {
    const own = programs.get(architecture) ?? [];
    const isEmulated = architecture !== native;
    const foreign = architectures
      .filter((other) => other !== architecture && !startsForeign(other))
      .flatMap((other) => programs.get(other)?.find(({ name }) => name === 'c-static') ?? [])
      .map((program) => ({ ...program, name: 'other-platform' }));
    return [...own.filter(({ startsOthers }) => !isEmulated || startsOthers === undefined), ...foreign];
  }

  for (const architecture of architectures) {
    for (const base of bases) {
      it(`agrees on ${base} for ${architecture}`, async function () {
        const all = programsOn(architecture);
        if (all.length === 0) {
          const tools = [...compilersFor(architecture), emulators[architecture]].join(', ');
          if (this.test !== undefined) this.test.title += ` [skipped: needs packages for ${architecture}, ${tools}]`;
          this.skip();
        }
        const cells = [];
        for (const program of all) cells.push(await compare(program, base, architecture));
        if (this.test !== undefined) this.test.title += `: ${cells.length} programs compared`;
        assert.deepEqual(
          cells.filter(({ verdicts, ran }) => verdicts.join() !== (ran ? 'runs,runs' : 'fails,fails')),
          [],
        );
        const names = all.map(({ name }) => name);
        assert.deepEqual(
          cells
            .filter(({ ran }) => ran)
            .map(({ program }) => program)
            .sort(),
          expected[base].filter((name) => names.includes(name)),
        );
      });
    }
  }

  interface Cell {
    readonly program: string;
    /** Of containerize, and of recommendBases. */
    readonly verdicts: readonly string[];
    readonly ran: boolean;
    /** What was said and printed. */
    readonly why: readonly string[];
  }

  async function compare(program: NativeProgram, base: string, architecture: Architecture): Promise<Cell> {
    const tag = `${base}-${architecture}-${program.name.replaceAll('+', 'x')}`;
    const platform = `linux/${architecture}`;
    const reference = base === 'scratch' ? base : `oci:${path.join(folder, 'bases')}:${base}`;
    const target = `oci:${path.join(folder, 'images')}:${tag}`;
    const [recommended] = await gantry.recommendBases({ file: program.file, platform, bases: [reference] });
    const made = await make(program, { base: reference, target, platforms: [platform] });
    const bundle = unpackBundle(path.join(folder, 'images'), tag, path.join(folder, 'bundle'));
    const { stdout, stderr } = runBundle(bundle, emulatorOf(architecture));
    removeBundle(bundle);
    const ran = program.prints.test(stdout);
    const verdicts = [made, recommended?.verdict ?? ''];
    return { program: program.name, verdicts, ran, why: [recommended?.reason ?? '', stdout, stderr] };
  }

  /** Makes the image whatever is said of it. Returns the verdict; what containerize refuses to make is made without it. */
  async function make(
    { name, file }: NativeProgram,
    options: { readonly base: string; readonly target: string; readonly platforms: readonly string[] },
  ): Promise<string> {
    if (name !== 'other-platform') {
      const { preflight } = await gantry.containerize({ ...options, file, force: true });
      return preflight.map(({ verdict }) => verdict).join();
    }
    await assert.rejects(gantry.containerize({ ...options, file, force: true }), { code: 'invalid-reference' });
    const files = [{ from: file, to: '/app/program', mode: '0755' }];
    await gantry.appendLayer({ ...options, files, config: { entrypoint: ['/app/program'] } });
    return 'fails';
  }
});

function emulatorOf(architecture: Architecture): string | undefined {
  return architecture === native ? undefined : findTool(emulators[architecture]);
}
