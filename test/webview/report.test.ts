import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';
import type { Browser, Page } from 'playwright-core';
import type { AnalyzeImageResult, FindingKind, ImageReport, SizeNode } from '../../src/api.ts';
import { pageContent } from '../../src/ui/reportPage.ts';
import { findChromium, launchChromium } from '../harness/chromium.ts';
import { root } from '../harness/paths.ts';

/** Names and texts that mean something to a page, an editor or a reader. */
const hostile: readonly string[] = [
  '<img src=x onerror="document.title=\'run\'">',
  '</script><script>document.title="run"</script>',
  '"><svg onload=alert(1)>',
  '\u202egnp.exe',
  'line\nend\u2028',
  'x'.repeat(4000),
  'a\udc80b',
  '\u200bunseen',
  '\u001b[31mred',
  '`${7*7}`',
];

describe('the page of the image report', function () {
  let browser: Browser | undefined;
  let script: string;

  before(async function () {
    if (findChromium() === undefined) this.skip();
    const entryPoints = [path.join(root, 'src/webview/report.ts')];
    const { outputFiles } = await build({
      entryPoints,
      bundle: true,
      write: false,
      format: 'iife',
      target: 'chrome138',
    });
    script = outputFiles[0]?.text ?? '';
    browser = await launchChromium();
  });

  after(async () => browser?.close());

  /** The page as VS Code loads it, with the state it had, once it has drawn the report. */
  async function open(report: ImageReport, state: unknown = null): Promise<Page> {
    assert.ok(browser !== undefined);
    const page = await browser.newPage({ viewport: { width: 900, height: 700 } });
    const style = readFileSync(path.join(root, 'media/report.css'), 'utf8');
    await page.setContent(`<!DOCTYPE html><style>${style}</style><main aria-busy="true"></main>`);
    await page.evaluate(`globalThis.sent = []; globalThis.kept = ${JSON.stringify(state)};
      globalThis.acquireVsCodeApi = () => ({
        postMessage: (message) => sent.push(message), getState: () => kept, setState: (state) => (kept = state) });
      ${script}`);
    await page.evaluate((data) => {
      const page = globalThis as unknown as PageWindow;
      page.dispatchEvent(new MessageEvent('message', { data }));
    }, pageContent(report));
    await page.locator('main:not([aria-busy])').waitFor();
    return page;
  }

  const sent = async (page: Page): Promise<readonly unknown[]> => page.evaluate('sent');

  it('230 shows hostile names and texts as text, and what is not seen as escapes', async () => {
    const page = await open(hostileReport(60));
    assert.equal(await page.title(), '');
    assert.equal(await page.locator('main img, main script, main svg').count(), 0);
    const text = await page.locator('main').innerText();
    assert.doesNotMatch(text, /[\u202e\u200b\u2028\u001b]/);
    for (const shown of [
      '<img src=x onerror=',
      '⟨U+202E⟩gnp.exe',
      'line⟨U+000A⟩end⟨U+2028⟩',
      'a⟨x80⟩b',
      '⟨U+001B⟩[31mred',
    ]) {
      assert.ok(text.includes(shown), shown);
    }
    assert.ok(!text.includes('x'.repeat(700)));
    const { scrollWidth, clientWidth } = await page.evaluate<Widths>(
      '({ scrollWidth: document.body.scrollWidth, clientWidth: document.body.clientWidth })',
    );
    assert.ok(scrollWidth <= clientWidth, `${scrollWidth} pixels wide`);
    await page.close();
  });

  it('shows 20 rows of 10,000, then 1,000, and says how many there are', async () => {
    const page = await open(hostileReport(10_000));
    const rows = page.locator('section[aria-labelledby="s-findings"] tbody tr');
    assert.equal(await rows.count(), 20);
    await page.getByRole('button', { name: 'Show 1,000 of 10,000' }).first().click();
    assert.equal(await rows.count(), 1000);
    assert.equal(await rows.nth(20).locator(':focus').count(), 1);
    await page.getByText('9,000 more are not listed here.').waitFor();
    await page.close();
  });

  it('draws a treemap of 4,000 files while nobody has to wait', async () => {
    const page = await open(hostileReport(1));
    const times = await page.evaluate<readonly number[]>(`[1, 2, 3, 4, 5].map(() => {
      const began = performance.now();
      document.querySelector('.tile').click();
      document.querySelector('.tiles').getBoundingClientRect();
      document.querySelector('.crumbs .link').click();
      document.querySelector('.tiles').getBoundingClientRect();
      return (performance.now() - began) / 2;
    })`);
    const best = Math.min(...times);
    assert.ok(best < 100, `${best} ms`);
    assert.ok((await page.locator('.part').count()) > 1000);
    await page.close();
  });

  it('says which row, path or tile is opened, by numbers alone', async () => {
    const page = await open(hostileReport(3));
    await page.locator('section[aria-labelledby="s-findings"] .link').nth(1).click();
    await page.locator('section[aria-labelledby="s-duplicate-files"] .link').nth(2).click();
    await page.locator('.tile').first().press('Enter');
    await page.locator('.tile').first().press('Enter');
    const open1 = { type: 'open', list: 'findings', at: 1, path: 0 };
    const open2 = { type: 'open', list: 'duplicates', at: 0, path: 2 };
    assert.deepEqual(await sent(page), [{ type: 'ready' }, open1, open2, { type: 'open', list: 'tree', at: 2 }]);
    await page.close();
  });

  it('takes up folder and tables where they were, of the same image only', async () => {
    const state = { image: 'host/app:1', folder: ['dir1'], expanded: ['Files that deserve a look, in any layer'] };
    const page = await open(hostileReport(40), { ...state, scroll: 300 });
    assert.equal(await page.locator('.here').innerText(), 'dir1');
    assert.equal(await page.locator('section[aria-labelledby="s-findings"] tbody tr').count(), 40);
    assert.equal(await page.evaluate('window.scrollY'), 300);
    await page.close();
    for (const other of [
      { ...state, image: 'host/app:2' },
      'state',
      { image: 'host/app:1', folder: [7, 'gone'], scroll: '1' },
    ]) {
      const fresh = await open(hostileReport(40), other);
      assert.equal(await fresh.locator('.here').innerText(), '/');
      await fresh.close();
    }
  });
});

/** A report with so many findings, of an image of 4,000 files, named by what is hostile. */
function hostileReport(count: number): ImageReport {
  const name = (at: number): string => hostile[at % hostile.length] ?? '';
  const kinds: readonly FindingKind[] = ['secret', 'setuid', 'cache'];
  const result: AnalyzeImageResult = {
    reference: 'host/app:1',
    digest: `sha256:${'0'.repeat(64)}`,
    platform: name(0),
    sizeBytes: 9e12,
    userSizeBytes: 1,
    efficiency: 0.9999,
    wastedBytes: 5,
    wastedPercent: 2,
    reclaimableBytes: 0,
    filesystemBytes: 9e12,
    fileCount: 4000,
    inefficientFiles: hostile.map((path) => ({ path, count: 2, bytes: 5 })),
    duplicates: [{ digest: '', size: 5, paths: hostile, wastedBytes: 45 }],
    layers: hostile.map((createdBy) => ({ digest: 'sha256:0', size: 1, sizeBytes: 2, createdBy })),
    findings: Array.from({ length: count }, (_, at) => ({
      kind: kinds[at % 3] ?? 'cache',
      path: `/${name(at)}`,
      text: name(at + 1),
      layer: 0,
      bytes: 0,
    })),
    problems: hostile,
  };
  const folders = Array.from({ length: 50 }, (_, at) => {
    const files = Array.from({ length: 80 }, (_each, below) => node(`${below} ${name(below)}`, 'file', 9000 - below));
    return node(`dir${at}`, 'directory', 1e6 - at, files);
  });
  return { result, tree: node('', 'directory', 5e7, folders) };
}

function node(name: string, kind: SizeNode['kind'], bytes: number, children: readonly SizeNode[] = []): SizeNode {
  return { name, path: `/${name}`, bytes, files: 1, layer: name.length % 9, kind, children };
}

/** What a page's window and root have, of which Node knows nothing. */
interface PageWindow {
  dispatchEvent(event: unknown): void;
}

interface Widths {
  readonly scrollWidth: number;
  readonly clientWidth: number;
}
