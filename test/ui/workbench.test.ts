import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { outPath, sampleWorkspace } from '../harness/paths.ts';
import { runSampleJob, type SampleJob, sampleSettings } from '../harness/sampleJob.ts';
import { createEngine } from '../harness/engine.ts';
import { defaultNetwork } from '../../src/registry/options.ts';
import { Stores } from '../../src/verbs/stores.ts';
import { elfOf } from '../containerize/elfWriter.ts';
import { type ImageMembers, putTarImage } from '../support/tarImage.ts';
import { Workbench } from './driver.ts';

/** One pass through one window: each step goes on where the one before it ended. */
describe('the workbench', () => {
  const registry = { directory: outPath('workbench-registry') };
  const view = 'Registries';
  let workbench: Workbench;
  let job: SampleJob;
  let host: string;

  before(async () => {
    job = await runSampleJob(registry);
    host = `localhost:${job.port}`;
    workbench = await Workbench.open({ name: 'workbench', settings: sampleSettings(registry, job) });
  });

  afterEach(async function () {
    const { title = '', state } = this.currentTest ?? {};
    if (state === 'failed') await workbench.screenshot(`failed-${title.split(' ')[0] ?? ''}`).catch(() => undefined);
  });

  after(() => workbench.close());

  it('shows a registry down to the layers of an image', async () => {
    await workbench.showContainer('Gantry');
    await workbench.expand(view, 'Local registry', 'dev', 'hello', '1.0', 'Layers');
    await (await workbench.row(view, '1.0')).locator('.label-description', { hasText: 'linux/amd64' }).waitFor();
    const rows = await workbench.rows(view);
    assert.deepEqual(
      rows.map((row) => row.replace(/ [0-9a-f]{12}$/, ' DIGEST').replace(/[\d.]+ (?:B|KiB)/g, 'SIZE')),
      [
        `Local registry ${host}`,
        'dev 1 repository',
        'hello 1 tag',
        '1.0 linux/amd64 · SIZE',
        'Config SIZE · DIGEST',
        'Layers 1 · SIZE',
        '#1 gantry append /usr/local/bin/hello /srv/site SIZE · DIGEST',
        'Filesystem all layers',
        'Referrers',
        'prod 1 repository',
      ],
    );
    await workbench.screenshots('tree');
  });

  it('opens a manifest as JSON from the context menu', async () => {
    await workbench.menu(view, '1.0', 'Open Manifest');
    const text = await workbench.editorText();
    assert.match(text, /"schemaVersion": 2/);
    assert.ok(text.includes(job.containerized.layers[0]?.digest ?? 'no layer'));
    await workbench.screenshots('manifest');
  });

  it('shows what a layer added, modified and removed, and the files of all layers', async () => {
    await putLookInside(host);
    await workbench.run('Gantry: Refresh');
    await workbench.row(view, 'look');
    await workbench.collapse(view, 'dev');
    await workbench.expand(view, 'look', 'inside', '2.4', 'Layers', '#2 COPY layer-1 /', 'etc');
    const rows = await workbench.rows(view);
    const from = rows.findIndex((row) => row.startsWith('#2 '));
    assert.deepEqual(rows.slice(from + 1, from + 8), [
      'etc',
      'app.json 12 B · rw-r--r--',
      'current → app.json',
      'old.conf removed',
      'opt',
      'Filesystem all layers',
      'Referrers',
    ]);
    // The letters of changes stand beside the names, as Git's do.
    const badge = async (label: string): Promise<string> => {
      const row = await workbench.row(view, label);
      return row.locator('.monaco-decoration-badge').evaluate((element) => {
        const window = globalThis as unknown as StyledWindow;
        return window.getComputedStyle(element, '::after').content;
      });
    };
    assert.deepEqual([await badge('app.json'), await badge('current'), await badge('old.conf')], ['"M"', '"A"', '"D"']);
    await workbench.screenshots('layer-changes');
  });

  it('opens a file of a layer by a click, and the last version of what a layer removed', async () => {
    await workbench.select(view, 'app.json');
    await workbench.tab('app.json');
    assert.match(await workbench.editorText(), /"level": 2/);
    await workbench.select(view, 'old.conf');
    await workbench.tab('old.conf');
    assert.match(await workbench.editorText(), /goes away/);
    await workbench.screenshots('layer-file');
  });

  it('finds a file of an image by pieces of its path, and opens it', async () => {
    await workbench.menu(view, '2.4', 'Find File in Image…');
    assert.equal(await workbench.question('Find File in inside:2.4'), 'Find File in inside:2.4 (linux/amd64)');
    await workbench.page.locator('.quick-input-widget input.input').first().fill('binru');
    const best = workbench.page.locator('.quick-input-list .monaco-list-row').first();
    await best.locator('.label-name', { hasText: 'run' }).waitFor();
    assert.match(await best.innerText(), /run[^]*\/opt\/bin/);
    await workbench.screenshot('find-in-image');
    await workbench.answer();
    await workbench.tab('run');
    assert.match(await workbench.editorText(), /#!\/bin\/sh/);
  });

  it('shows the layers that touched a file, and compares two versions', async () => {
    await workbench.menu(view, 'app.json', 'Show Layers That Touched This…');
    await workbench.question('/etc/app.json in inside:2.4');
    const rows = workbench.page.locator('.quick-input-list .monaco-list-row');
    await rows.nth(1).waitFor();
    assert.match(await rows.nth(0).innerText(), /#2 modified[^]*COPY layer-1/);
    assert.match(await rows.nth(1).innerText(), /#1 added/);
    await workbench.screenshot('path-history');
    await rows.nth(0).hover();
    await rows.nth(0).locator('.codicon-diff').click();
    await workbench.page.locator('.monaco-diff-editor').first().waitFor();
    await workbench.screenshot('path-diff');
  });

  it('reveals a layer\u2019s file in the files of the image', async () => {
    await workbench.menu(view, 'app.json', 'Reveal in Filesystem');
    const selected = workbench.tree(view).locator('.monaco-list-row.selected[aria-level="7"]');
    await selected.locator('.label-name', { hasText: 'app.json' }).waitFor();
    await workbench.screenshots('filesystem');
    await workbench.collapse(view, 'look');
    await workbench.expand(view, 'dev');
  });

  it('copies by the palette, after a plan', async () => {
    await workbench.run('Gantry: Copy or Promote Image');
    await workbench.question('Copy or Promote Image');
    await workbench.answer(`${host}/dev/hello:1.0`);
    assert.equal(
      await workbench.question(`Copy ${host}/dev/hello:1.0`),
      `Copy ${host}/dev/hello:1.0 (${short(job.containerized.digest)})`,
    );
    await workbench.answer(`${host}/stage/hello:1.0`);
    const plan = await workbench.dialog();
    assert.match(plan, new RegExp(`^Copy to ${host}/stage/hello:1\\.0\\?`));
    assert.match(plan, /unchanged/);
    assert.match(plan, /2 blobs: 0 present, 2 mountable, 0 to transfer \(0 B\)/);
    await workbench.screenshot('copy-plan');
    await workbench.press('Copy');
    const done = await workbench.notified('stage/hello:1.0 is');
    assert.match(done, /2 mounted, 0 transferred \(0 B\)/);
    await workbench.row(view, 'stage');
  });

  it('retags by F2, shows what moves, and moves it back by Undo', async () => {
    const engine = createEngine();
    const files = [{ from: path.join(sampleWorkspace, 'README.md'), to: '/README.md' }];
    const moved = await engine.appendLayer({
      base: `${host}/dev/hello:1.0`,
      target: `${host}/dev/hello:latest`,
      files,
    });
    await workbench.run('Gantry: Refresh');
    await workbench.row(view, 'latest');
    await workbench.keyAt(view, '1.0', 'F2', '.quick-input-title');
    await workbench.question(`Retag ${host}/dev/hello:1.0`);
    await workbench.answer('latest 1');
    const dialog = await workbench.dialog();
    assert.ok(dialog.includes(`${host}/dev/hello:latest`), dialog);
    assert.ok(
      dialog.includes(`from ${short(moved.digest)}`) && dialog.includes(`to ${short(job.containerized.digest)}`),
    );
    await workbench.screenshot('retag');
    await workbench.press('Move');
    await workbench.notified('latest, 1 now name', 'Undo');
    assert.match(await workbench.notified('again'), new RegExp(`dev/hello:latest names ${short(moved.digest)} again`));
    await workbench.row(view, '1');
    const latest = await engine.inspectImage({ image: `${host}/dev/hello:latest` });
    assert.equal(latest.digest, moved.digest);
  });

  it('containerizes a program from the Explorer by keys alone', async () => {
    await writeFile(outPath('workbench/workspace/server'), elfOf({ type: 2 }), { mode: 0o755 });
    await workbench.showContainer('Explorer');
    await (await workbench.fileRow('server')).click();
    await workbench.menuByKeys('Containerize This…');
    await workbench.question('Containerize server (1/2)');
    await workbench.screenshot('containerize-base');
    await workbench.answer('scratch');
    await workbench.question('(2/2)');
    await workbench.answer(`${host}/dev/greeter:1`);
    await workbench.question('the plan for');
    const plan = (await workbench.answers()).join('\n');
    assert.match(plan, /^Push, .*dev\/greeter:1, the image will be sha256:[0-9a-f]{12}/m);
    assert.match(plan, /\/app\/server: will run, linux\/amd64/);
    assert.match(plan, /^program, .* B · 2 items · linux\/amd64 · to upload/m);
    await workbench.screenshot('containerize-plan');
    await workbench.answer();
    await workbench.notified('dev/greeter:1 is');
    const made = await createEngine().inspectImage({ image: `${host}/dev/greeter:1` });
    assert.deepEqual(made.config?.['config'], { Entrypoint: ['/app/server'] });
  });

  it('deletes an image after naming every tag that goes with it', async () => {
    await workbench.showContainer('Gantry');
    await workbench.keyAt(view, '1.0', 'Delete', '.monaco-dialog-box');
    const dialog = await workbench.dialog();
    assert.match(dialog, /These tags name it and go with it:\s+dev\/hello:1\s+dev\/hello:1\.0/);
    await workbench.screenshot('delete');
    await workbench.press('Delete');
    await workbench.notified('is deleted');
    assert.deepEqual(await createEngine().listTags({ repository: `${host}/dev/hello` }), ['latest']);
    await workbench.gone(view, '1.0');
    await workbench.screenshots('end');
  });
});

/** What a page's window has, of which Node knows nothing. */
interface StyledWindow {
  getComputedStyle(element: unknown, part: string): { readonly content: string };
}

/** An image of two layers that change each other's files. */
async function putLookInside(host: string): Promise<void> {
  const stores = new Stores({
    registries: () => [],
    network: () => defaultNetwork,
    credentials: { find: () => Promise.resolve(undefined) },
  });
  const image: ImageMembers = [
    [
      { name: 'etc', type: '5' },
      { name: 'etc/app.json', content: '{"level": 1}' },
      { name: 'etc/old.conf', content: 'goes away' },
      { name: 'etc/hosts', content: '127.0.0.1 localhost' },
      { name: 'bin', link: 'opt/bin' },
    ],
    [
      { name: 'etc/app.json', content: '{"level": 2}' },
      { name: 'etc/.wh.old.conf' },
      { name: 'etc/current', link: 'app.json' },
      { name: 'opt/bin/run', content: '#!/bin/sh\nexec true\n' },
    ],
  ];
  try {
    const store = stores.registry(host).repository('look/inside');
    await putTarImage(store, '2.4', image, { signal: AbortSignal.timeout(20_000) });
  } finally {
    await stores.close();
  }
}

function short(digest: string): string {
  return digest.slice(0, 'sha256:'.length + 12);
}
