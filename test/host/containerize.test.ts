import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import * as vscode from 'vscode';
import type { ContainerizeResult, GantryApi } from '../../src/api.ts';
import type { TreeNode } from '../../src/browse/nodes.ts';
import { assertTrusted } from '../../src/ui/policy.ts';
import { dropFiles } from '../../src/ui/dropFiles.ts';
import type { Shell } from '../../src/ui/shell.ts';
import { elfOf } from '../containerize/elfWriter.ts';
import { newTempDir, removeTempDir } from '../support/tempDir.ts';
import { type TestRegistry, useLocalRegistry } from './localRegistry.ts';

describe('gantry.containerize', () => {
  let registry: TestRegistry;
  let folder: string;

  before(async () => {
    registry = await useLocalRegistry();
    folder = await newTempDir();
    await writeFile(path.join(folder, 'server'), elfOf({ type: 2 }), { mode: 0o755 });
  });

  after(async () => {
    await registry.dispose();
    await removeTempDir(folder);
  });

  it('returns to a program what the API returns, and asks nothing', async () => {
    const api = await vscode.extensions.getExtension<GantryApi>('gantry-tools.gantry')?.activate();
    assert.ok(api !== undefined);
    const options = { file: path.join(folder, 'server'), base: 'scratch', target: `${registry.host}/host/server:1` };
    const planned = await run({ ...options, dryRun: true });
    assert.deepEqual(planned, await api.containerize({ ...options, dryRun: true }));
    assert.ok(planned.bytesTransferred > 0);
    const done = await run(options);
    assert.equal(done.digest, planned.digest);
    assert.deepEqual(await api.containerize(options), { ...done, ...whenThere(done) });
    const found = await api.inspectImage({ image: options.target });
    assert.equal(found.digest, done.digest);
    assert.deepEqual(found.config?.['config'], { Entrypoint: ['/app/server'] });
  });

  it('rejects with what a program can act on', async () => {
    const target = `${registry.host}/host/none:1`;
    const file = path.join(folder, 'server');
    await assert.rejects(run({ file, folder, target }), { code: 'invalid-reference' });
    await assert.rejects(run({ file: path.join(folder, 'none'), base: 'scratch', target }), { code: 'not-found' });
    await writeFile(path.join(folder, 'dynamic'), elfOf({ interpreter: '/lib64/ld-linux-x86-64.so.2' }));
    const failing = run({ file: path.join(folder, 'dynamic'), base: 'scratch', target });
    await assert.rejects(failing, { code: 'will-not-run' });
  });

  it('is refused while the workspace is not trusted', async function () {
    const own = Object.getOwnPropertyDescriptor(vscode.workspace, 'isTrusted');
    if (own?.configurable !== true) {
      if (this.test !== undefined) this.test.title += ' [skipped: this VS Code lets nobody say that it is not trusted]';
      this.skip();
    }
    Object.defineProperty(vscode.workspace, 'isTrusted', { ...own, get: () => false });
    try {
      assert.throws(() => assertTrusted(), { code: 'forbidden' });
      await assert.rejects(run({ file: '/none', target: `${registry.host}/host/none:1` }), { code: 'forbidden' });
    } finally {
      Object.defineProperty(vscode.workspace, 'isTrusted', own);
    }
  });

  it('leaves the window free while a folder of 2,000 files is packed', async function () {
    const files = path.join(folder, 'many');
    for (let at = 0; at < 2000; at += 1) {
      const directory = path.join(files, `d${at % 40}`);
      if (at < 40) await mkdir(directory, { recursive: true });
      await writeFile(path.join(directory, `f${at}.txt`), `${at}\n`.repeat(400));
    }
    const delay = monitorEventLoopDelay({ resolution: 5 });
    delay.enable();
    const begin = performance.now();
    const done = await run({
      folder: files,
      recipe: 'folder',
      base: 'scratch',
      target: `${registry.host}/host/many:1`,
    });
    delay.disable();
    const ms = (nanoseconds: number): string => (nanoseconds / 1e6).toFixed(1);
    const took = ((performance.now() - begin) / 1000).toFixed(1);
    if (this.test !== undefined) {
      this.test.title += ` (${took} s; delays: p95 ${ms(delay.percentile(95))} ms, most ${ms(delay.max)} ms)`;
    }
    assert.equal(done.layers.reduce((sum, { entries }) => sum + entries, 0) >= 2040, true);
  });
});

describe('dropFiles', () => {
  const repository = { kind: 'repository', registry: 'localhost:1', repository: 'team/app' } as unknown as TreeNode;

  it('starts the gesture on what was dropped, in the repository it was dropped on', async () => {
    const folder = await newTempDir();
    await writeFile(path.join(folder, 'index.html'), '<h1>hello</h1>');
    const { promise, resolve } = Promise.withResolvers<unknown>();
    const detectProjects = async (options: unknown): Promise<readonly never[]> => {
      resolve(options);
      return [];
    };
    const shell = { api: () => ({ detectProjects }) } as unknown as Shell;
    try {
      await drop(shell, `# a comment\r\n${vscode.Uri.file(folder).toString()}\r\n`);
      assert.deepEqual(await promise, { folder: vscode.Uri.file(folder).fsPath });
    } finally {
      await removeTempDir(folder);
    }
  });

  it('says why what is no file on disk is not taken', async () => {
    for (const text of ['https://example.com/app', 'untitled:Untitled-1', 'not an address']) {
      const { promise, resolve } = Promise.withResolvers<unknown>();
      const shell = { notify: { failure: async (error: unknown) => resolve(error) } } as unknown as Shell;
      await drop(shell, text);
      assert.ok((await promise) instanceof Error, text);
    }
  });

  it('takes no part of more than becomes one image', async () => {
    const { promise, resolve } = Promise.withResolvers<unknown>();
    const shell = { notify: { failure: async (error: unknown) => resolve(error) } } as unknown as Shell;
    await drop(shell, `${vscode.Uri.file('/none').toString()}\n`.repeat(101));
    const error = await promise;
    assert.ok(error instanceof Error);
    assert.match(error.message, /^101 things were dropped, and an image is made of 100 at most\. /);
  });

  it('does nothing where nothing was dropped', async () => {
    await drop({} as Shell, '\r\n# nothing\r\n');
  });

  async function drop(shell: Shell, text: string): Promise<void> {
    const transfer = new vscode.DataTransfer();
    transfer.set('text/uri-list', new vscode.DataTransferItem(text));
    const { token } = new vscode.CancellationTokenSource();
    await dropFiles(() => shell).handleDrop?.(repository, transfer, token);
  }
});

async function run(options: object): Promise<ContainerizeResult> {
  return vscode.commands.executeCommand<ContainerizeResult>('gantry.containerize', options);
}

/** What is said of the same image when it is written again. */
function whenThere({ layers }: ContainerizeResult): Partial<ContainerizeResult> {
  return { bytesTransferred: 0, layers: layers.map((layer) => ({ ...layer, reused: true })) };
}
