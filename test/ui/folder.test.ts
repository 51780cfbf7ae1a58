import assert from 'node:assert/strict';
import { outPath } from '../harness/paths.ts';
import { runSampleJob, sampleSettings } from '../harness/sampleJob.ts';
import { Workbench } from './driver.ts';

const image = 'hello:1.0 (linux/amd64)';

/** One pass through one window: an image as a folder beside one of this machine, and then as the only one. */
describe('the files of an image as a folder of the window', () => {
  const registry = { directory: outPath('folder-registry') };
  let workbench: Workbench;

  before(async () => {
    const job = await runSampleJob(registry);
    const settings = { ...sampleSettings(registry, job), 'explorer.compactFolders': false };
    workbench = await Workbench.open({ name: 'folder', settings });
  });

  afterEach(async function () {
    const { title = '', state } = this.currentTest ?? {};
    if (state !== 'failed') return;
    await workbench.screenshot(`failed-folder-${title.split(' ')[0] ?? ''}`).catch(() => undefined);
  });

  after(() => workbench.close());

  it('becomes a folder after a question, and stays one when the window is loaded again', async () => {
    assert.match(await openFolder(workbench), /a workspace of several folders/);
    await explorerShows(workbench, ['workspace', 'hello.sh', image, 'srv', 'usr']);
    await workbench.page.reload();
    await explorerShows(workbench, ['workspace', 'hello.sh', image, 'srv', 'usr']);
    assert.deepEqual(await workbench.notifications(), []);
  });

  it('opens its files in the Explorer', async () => {
    await openRow(workbench, 'usr', 'local');
    await openRow(workbench, 'local', 'bin');
    await openRow(workbench, 'bin', 'hello');
    await (await workbench.fileRow('hello')).click();
    await workbench.tab('hello');
    assert.match(await workbench.editorText(), /#!\/bin\/sh/);
    await workbench.screenshots('folder-explorer');
  });

  it('finds a file by a key where one of the image is in front', async () => {
    await workbench.page.locator('.editor-group-container.active .view-lines').first().click();
    await workbench.page.keyboard.press('Control+Alt+P');
    await pickIndex(workbench);
  });

  it('searches text from the menu of a folder, and opens a line that matches', async () => {
    await workbench.fileMenu('usr', 'Search Text in Image…');
    assert.match(await workbench.question('Search Text in'), /^Search Text in \/usr of hello@[0-9a-f]{12} /);
    await workbench.answer('from a container');
    await searchSays(workbench, /^1 line in 1 file for “from a container” in \/usr of hello@/);
    await workbench.row('Search in Image', 'hello');
    const [file, line] = await workbench.rows('Search in Image');
    assert.equal(file, 'hello /usr/local/bin · 1');
    assert.match(line ?? '', /^echo "Hello, .*: from a container image.* \d+$/);
    await workbench.screenshots('folder-search');
    await workbench.tree('Search in Image').locator('.monaco-list-row', { hasText: 'echo' }).click();
    await workbench.tab('hello');
    await workbench.page.locator('.statusbar-item', { hasText: /^Ln \d+, Col \d+ \(16 selected\)$/ }).waitFor();
  });

  it('takes the keys of Go to File and Search where images are all that is open', async () => {
    const url = new URL(workbench.page.url());
    url.searchParams.delete('workspace');
    url.searchParams.set('ew', 'true');
    await workbench.page.goto(url.href);
    assert.doesNotMatch(await openFolder(workbench), /several folders/);
    await explorerShows(workbench, [image, 'srv', 'usr']);
    await workbench.page.keyboard.press('Control+P');
    await pickIndex(workbench);
    await workbench.page.keyboard.press('Control+Shift+F');
    await workbench.question('Search Text in hello@');
    await workbench.page.locator('.quick-input-widget [aria-label^="Use Regular Expression"]').click();
    await workbench.answer('h[a-z]llo.*container');
    await searchSays(workbench, /^\d lines in 2 files for “h\[a-z\]llo\.\*container” in hello@/);
    await workbench.screenshot('folder-search-regexp');
    await workbench.run('Gantry: Close Search');
    await workbench.tree('Search in Image').waitFor({ state: 'detached' });
  });
});

/** Opens the sample image as a folder of the window, which is loaded anew. Returns what was asked before. */
async function openFolder(workbench: Workbench): Promise<string> {
  await workbench.page.locator('.monaco-workbench .activitybar .action-item').first().waitFor();
  await workbench.showContainer('Gantry');
  await workbench.expand('Registries', 'Local registry', 'dev', 'hello');
  await workbench.menu('Registries', '1.0', 'Open Filesystem as Folder…');
  const question = await workbench.dialog();
  await workbench.press('Open Folder');
  await workbench.page.waitForURL(/[?&]workspace=/);
  return question;
}

async function explorerShows(workbench: Workbench, names: readonly string[]): Promise<void> {
  await workbench.page.locator('.monaco-workbench .activitybar .action-item').first().waitFor();
  await workbench.showContainer('Explorer');
  // VS Code in a browser sometimes loads a new workspace without its folders, and then keeps none until it is loaded again.
  const folders = workbench.page.locator('.explorer-folders-view .monaco-list-row');
  await folders
    .first()
    .waitFor({ timeout: 10_000 })
    .catch(() => workbench.page.reload());
  for (const name of names) await workbench.fileRow(name);
}

/** Opens a folder of the Explorer until a row in it is seen: a tree that is drawn again meanwhile forgets clicks. */
async function openRow(workbench: Workbench, name: string, child: string): Promise<void> {
  const row = await workbench.fileRow(name);
  const shown = workbench.page.locator('.explorer-folders-view .monaco-list-row').getByText(child, { exact: true });
  for (let tries = 5; tries > 0 && !(await shown.isVisible()); tries--) {
    if ((await row.getAttribute('aria-expanded')) !== 'true') await row.click();
    await shown.waitFor({ timeout: 3000 }).catch(() => undefined);
  }
  await shown.waitFor();
}

async function pickIndex(workbench: Workbench): Promise<void> {
  await workbench.question('Find File in hello@');
  await workbench.page.locator('.quick-input-widget input.input').first().fill('siteind');
  const best = workbench.page.locator('.quick-input-list .monaco-list-row').first();
  await best.locator('.label-name', { hasText: 'index.html' }).waitFor();
  await workbench.answer();
  await workbench.tab('index.html');
}

async function searchSays(workbench: Workbench, words: RegExp): Promise<void> {
  await workbench.page
    .locator('.pane .message, .tree-explorer-viewlet-tree-view .message', { hasText: words })
    .waitFor();
}
