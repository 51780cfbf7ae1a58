import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import type { Frame } from 'playwright-core';
import { LocalRegistry } from '../../src/serve/localRegistry.ts';
import { createEngine } from '../harness/engine.ts';
import { outPath } from '../harness/paths.ts';
import { Workbench } from './driver.ts';
import { buildLookImages } from './lookImages.ts';
import { axeViolations, reportFrame, tile } from './reportFrame.ts';

const themes = ['Light 2026', 'Dark 2026', 'Dark High Contrast', 'Light High Contrast'];

/** One pass through one window: each step goes on where the one before it ended. */
describe('the comparison and the image report', () => {
  const directory = outPath('looks-registry');
  const view = 'Comparison';
  let workbench: Workbench;
  let port: number;

  before(async () => {
    await rm(directory, { recursive: true, force: true });
    const registry = new LocalRegistry({ directory });
    const started = await registry.start();
    port = started.port;
    try {
      await buildLookImages(createEngine(), started.host);
    } finally {
      await registry.close();
    }
    const settings = { 'gantry.localRegistry.directory': directory, 'gantry.localRegistry.port': port };
    workbench = await Workbench.open({ name: 'looks', settings });
  });

  afterEach(async function () {
    const { title = '', state } = this.currentTest ?? {};
    if (state === 'failed') await workbench.screenshot(`failed-${title.split(' ')[0] ?? ''}`).catch(() => undefined);
  });

  after(() => workbench.close());

  it('compares two images that are selected in the tree', async () => {
    // Two views share the height.
    await workbench.page.setViewportSize({ width: 1280, height: 1000 });
    await workbench.showContainer('Gantry');
    await workbench.expand('Registries', 'Local registry', 'look', 'app');
    await workbench.select('Registries', '1.0');
    await (await workbench.row('Registries', '1.1')).click({ modifiers: ['Control'] });
    await workbench.menu('Registries', '1.1', 'Compare Images…');
    await workbench.row(view, 'Files');
    const sides = workbench.page.locator('.pane-body .message', { hasText: '↔' });
    if ((await sides.innerText()).includes('1.1 ↔')) await workbench.run('Gantry: Swap Sides');
    await sides.filter({ hasText: `localhost:${port}/look/app:1.0 ↔ 1.1 (linux/amd64)` }).waitFor();
    assert.deepEqual((await workbench.rows(view)).slice(0, 9), [
      'Config 3',
      'Env.LEVEL 1 → 2',
      'User added: 1000',
      'history.length 7 → 9',
      'Packages 3',
      'curl added: 7.88.1-10 · dpkg',
      'nginx 1.22.1-9 → 1.24.0-2 · dpkg',
      'openssl removed: 3.0.15-1 · dpkg',
      'Files 1 added, 3 removed, 5 changed',
    ]);
    assert.deepEqual(
      [await badge(view, 'curl'), await badge(view, 'openssl'), await badge(view, 'nginx')],
      ['"A"', '"D"', '"M"'],
    );
    await workbench.screenshots('comparison');
  });

  it('opens both versions of a file side by side, and all texts in one editor', async () => {
    await workbench.collapse(view, 'Config');
    await workbench.collapse(view, 'Packages');
    await workbench.expand(view, 'etc');
    assert.equal(await badge(view, 'app.conf'), '"M"');
    const row = await workbench.row(view, 'app.conf');
    assert.equal(await row.getAttribute('aria-label'), 'modified file /etc/app.conf, 24 B → 38 B');
    await row.click();
    await workbench.tab('app.conf (app:1.0 ↔ app:1.1)');
    await workbench.page.locator('.monaco-diff-editor').first().waitFor();
    await workbench.expand(view, 'srv', 'app');
    await workbench.screenshots('comparison-diff');
    await workbench.run('Gantry: Open All Text Changes');
    const editors = workbench.page.locator('.multiDiffEntry');
    await editors.nth(2).waitFor();
    await workbench.screenshots('comparison-texts');
    await workbench.run('View: Close All Editors');
  });

  it('says where images do not differ, and goes away when it is closed', async () => {
    await workbench.select('Registries', '1.0');
    await workbench.menu('Registries', '1.0', 'Select for Compare');
    await workbench.menu('Registries', '1.0', 'Compare with Selected');
    await workbench.page.locator('.pane-body .message', { hasText: 'the same image' }).waitFor();
    assert.deepEqual(await workbench.rows(view), []);
    await workbench.screenshot('comparison-same');
    await workbench.run('Gantry: Close Comparison');
    await workbench.tree(view).waitFor({ state: 'detached' });
  });

  it('reports what an image is made of', async () => {
    await workbench.menu('Registries', '1.1', 'Image Report');
    await workbench.tab('Report: app:1.1');
    const frame = await reportFrame(workbench.page);
    assert.equal(await frame.locator('h1').innerText(), `localhost:${port}/look/app:1.1`);
    assert.deepEqual(await frame.locator('.figure').allInnerTexts(), [
      'All Layers\n10.3 MiB\nfiles of every layer, uncompressed',
      'Filesystem\n8.4 MiB\n19 files',
      'Reclaimable\n2.0 MiB\nin layers, but not in the filesystem',
      'Efficiency\n80.8 %\ndive’s score',
      'Wasted\n3.7 MiB\ndive’s figure: 68.2 % of all but layer 1',
    ]);
    assert.deepEqual(await frame.locator('h2').allInnerTexts(), [
      'Layers',
      'Filesystem',
      'Findings',
      'Wasted Space',
      'Duplicate Files',
    ]);
    assert.equal(await row(frame, 'Findings', 0), 'may be a secret /root/.ssh/id_rsa 4');
    assert.equal(await row(frame, 'Wasted Space', 0), '2.5 MiB 2 /usr/sbin/nginx');
    assert.equal(
      await row(frame, 'Duplicate Files', 0),
      '303 KiB 303 KiB /srv/app/vendor/chart.js /srv/www/vendor/chart.js',
    );
  });

  it('lets the keys go into the folders of the treemap, and open a file', async () => {
    const frame = await reportFrame(workbench.page);
    const { keyboard } = workbench.page;
    await frame.locator('.action').last().focus();
    await keyboard.press('Tab');
    assert.equal(await focused(frame), 'usr');
    await keyboard.press('ArrowRight');
    assert.notEqual(await focused(frame), 'usr');
    await keyboard.press('Home');
    await keyboard.press('Enter');
    await tile(frame, 'bin').waitFor();
    assert.equal(await frame.locator('.here').innerText(), 'usr');
    await tile(frame, 'bin').focus();
    assert.match(
      await frame.locator('.about').innerText(),
      /^\/usr\/bin\s+·.*4 files, folder, most of it from layer 1$/,
    );
    await keyboard.press('Enter');
    await keyboard.press('Escape');
    assert.equal(await focused(frame), 'bin');
    await keyboard.press('Escape');
    assert.equal(await focused(frame), 'usr');
    await tile(frame, 'srv').focus();
    await keyboard.press('Enter');
    await frame.locator('.part', { hasText: 'logo.png' }).hover();
    assert.match(await frame.locator('.about').innerText(), /^\/srv\/app\/static\/logo\.png\s+·.*file of layer 7$/);
    await workbench.screenshot('report-treemap');
  });

  it('opens the files of its rows, and of one that is gone the last version', async () => {
    for (const [path, name, text] of [
      ['/srv/app/server.js', 'server.js', /listen\(9090\)/],
      ['/root/.ssh/id_rsa', 'id_rsa', /not really/],
    ] as const) {
      const frame = await reportFrame(workbench.page);
      await frame.locator('button.link', { hasText: path }).last().click();
      await workbench.tab(name);
      assert.match(await workbench.editorText(), text);
      await workbench.run('View: Close Editor');
    }
    const frame = await reportFrame(workbench.page);
    // What was open before the page was in the background still is.
    assert.equal(await frame.locator('.here').innerText(), 'srv');
    await frame.locator('button.link', { hasText: '/var/cache/apt/archives' }).click();
    await workbench.notified('/var/cache/apt/archives is a folder');
  });

  for (const theme of themes) {
    it(`can be read in the theme ${theme}`, async () => {
      const frame = await reportFrame(workbench.page);
      await workbench.colorTheme(theme);
      await frame.locator(`body[data-vscode-theme-name="${theme}"]`).waitFor();
      await frame.evaluate(() => (globalThis as unknown as { scrollTo(x: number, y: number): void }).scrollTo(0, 0));
      const name = theme.toLowerCase().replaceAll(' ', '-');
      await workbench.screenshot(`report-${name}`);
      await frame.locator('.crumbs').evaluate((element) => (element as unknown as Scrollable).scrollIntoView());
      await workbench.screenshot(`report-${name}-filesystem`);
      await frame
        .locator('h2')
        .last()
        .evaluate((element) => (element as unknown as Scrollable).scrollIntoView());
      await workbench.screenshot(`report-${name}-tables`);
      assert.deepEqual(await axeViolations(frame), []);
      const colours = await frame.locator('.bar').evaluateAll((bars) => {
        const window = globalThis as unknown as StyledWindow;
        return bars.map((bar) => window.getComputedStyle(bar).backgroundColor);
      });
      assert.equal(new Set(colours.slice(0, 7)).size, 7, colours.join());
      assert.ok(!colours.includes('rgba(0, 0, 0, 0)'), colours.join());
    });
  }

  it('is there again, where it was, when the window is opened again', async () => {
    await workbench.page.reload();
    const frame = await reportFrame(workbench.page);
    assert.equal(await frame.locator('h1').innerText(), `localhost:${port}/look/app:1.1`);
    assert.equal(await frame.locator('.here').innerText(), 'srv');
    await workbench.run('View: Close All Editors');
  });

  it('reports on an image of a registry that was typed, and opens its files', async () => {
    await workbench.run('Gantry: Image Report');
    await workbench.question('Image Report');
    await workbench.answer(`127.0.0.1:${port}/look/app:1.0`);
    await workbench.tab('Report: app:1.0');
    const frame = await reportFrame(workbench.page);
    await frame.locator('button.link', { hasText: '/srv/app/static/logo.png' }).first().waitFor();
    await frame
      .locator('.part', { hasText: 'app' })
      .first()
      .click({ position: { x: 20, y: 8 } });
    await frame.locator('.here', { hasText: 'app' }).waitFor();
    await tile(frame, 'server.js').press('Enter');
    await workbench.tab('server.js');
    assert.match(await workbench.editorText(), /listen\(8080\)/);
    await workbench.run('View: Close All Editors');
  });

  it('says what is wrong with images that cannot be read', async () => {
    await workbench.run('Gantry: Image Report');
    await workbench.answer(`localhost:${port}/look/app:none`);
    assert.match(await workbench.notified('Cannot read tag none'), /look\/app: not found/);
    await workbench.run('Gantry: Compare Images');
    await workbench.question('Compare Images: Left Side');
    await workbench.answer(`localhost:${port}/look/app:1.0`);
    await workbench.question(`Compare localhost:${port}/look/app:1.0 with`);
    await workbench.answer(`localhost:${port}/look/none:1`);
    assert.match(await workbench.notified('Cannot read tag 1'), /look\/none: not found/);
  });

  /** The letter of a row. */
  async function badge(of: string, label: string): Promise<string> {
    const found = await workbench.row(of, label);
    return found.locator('.monaco-decoration-badge').evaluate((element) => {
      const window = globalThis as unknown as StyledWindow;
      return window.getComputedStyle(element, '::after').content;
    });
  }
});

/** The first cells of a row of a table. */
async function row(frame: Frame, section: string, at: number): Promise<string> {
  const found = frame
    .locator('section', { has: frame.locator('h2', { hasText: section }) })
    .locator('tbody tr')
    .nth(at);
  const cells = await found.locator('td').allInnerTexts();
  return cells.slice(0, 3).join(' ').replaceAll(/\s+/g, ' ');
}

/** The name of the tile that has the focus. */
async function focused(frame: Frame): Promise<string> {
  const label = (await frame.locator('.tile:focus').getAttribute('aria-label')) ?? '';
  return label.replace(/ .*$/, '');
}

/** What a page's window and elements have, of which Node knows nothing. */
interface StyledWindow {
  getComputedStyle(element: unknown, part?: string): { readonly content: string; readonly backgroundColor: string };
}

interface Scrollable {
  scrollIntoView(): void;
}
