import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { AnalyzeImageResult, ImageReport, SizeNode } from '../../src/api.ts';
import { chosenFile, pageContent, parsePageMessage, reportPage } from '../../src/ui/reportPage.ts';

const parts = {
  nonce: 'n0nce',
  source: 'https://page.test',
  script: 'https://page.test/r.js',
  style: 'https://page.test/r.css',
};

describe('reportPage', () => {
  it('230 lets one script run and nothing be fetched, framed or styled from elsewhere', () => {
    const policy = /content="(default-src[^"]*)"/.exec(reportPage(parts))?.[1];
    assert.equal(
      policy,
      "default-src 'none'; style-src https://page.test; script-src 'nonce-n0nce'; base-uri 'none'; form-action 'none'",
    );
    assert.equal(reportPage(parts).match(/<script/g)?.length, 1);
    assert.doesNotMatch(reportPage(parts), / on[a-z]+=| style=|unsafe-/);
  });
});

describe('parsePageMessage', () => {
  it('reads what the page sends', () => {
    assert.deepEqual(parsePageMessage({ type: 'ready' }), { type: 'ready' });
    const open = { type: 'open', list: 'duplicates', at: 7, path: 2 };
    assert.deepEqual(parsePageMessage(open), open);
    assert.deepEqual(parsePageMessage({ type: 'open', list: 'tree', at: 7 }), { ...open, list: 'tree', path: 0 });
  });

  it('231 drops everything else: other types, lists, numbers, paths and commands', () => {
    const wrong: readonly unknown[] = [
      null,
      'ready',
      [],
      { type: 'run' },
      { type: 'open' },
      { type: 'open', list: 'tree', at: -1 },
      { type: 'open', list: 'tree', at: 1.5 },
      { type: 'open', list: 'tree', at: '1' },
      { type: 'open', list: 'tree', at: 1, path: '/etc/passwd' },
      { type: 'open', list: 'tree', at: 1, path: -1 },
      { type: 'open', list: '__proto__', at: 1 },
      { type: 'open', path: '/etc/passwd' },
      { type: 'constructor' },
    ];
    for (const value of wrong) assert.equal(parsePageMessage(value), undefined);
    const extra = { type: 'ready', command: 'workbench.action.quit', path: '/etc' };
    assert.deepEqual(parsePageMessage(extra), { type: 'ready' });
  });

  it('231 never throws', () => {
    fc.assert(fc.property(fc.anything(), (value) => void parsePageMessage(value)));
  });
});

const leaf = (path: string): SizeNode => ({
  name: path,
  path,
  bytes: 1,
  files: 1,
  layer: 0,
  kind: 'file',
  children: [],
});
const folder = (path: string, ...children: readonly SizeNode[]): SizeNode => ({
  ...leaf(path),
  kind: 'directory',
  children,
});
const result: AnalyzeImageResult = {
  reference: 'host/app:1',
  digest: 'sha256:0',
  platform: 'linux/amd64',
  sizeBytes: 4,
  userSizeBytes: 2,
  efficiency: 1,
  wastedBytes: 0,
  wastedPercent: 0,
  reclaimableBytes: 0,
  filesystemBytes: 4,
  fileCount: 4,
  inefficientFiles: [{ path: '/x', count: 2, bytes: 2 }],
  duplicates: [{ digest: '', size: 1, paths: ['/d1', '/d2'], wastedBytes: 1 }],
  layers: [{ digest: 'sha256:1', size: 1, sizeBytes: 4, createdBy: 'RUN it' }],
  findings: [{ kind: 'secret', path: '/s', text: 'why', layer: 3, bytes: 0 }],
  problems: ['odd'],
};

describe('chosenFile', () => {
  const report: ImageReport = { result, tree: folder('', folder('a', leaf('a/1'), leaf('a/2')), leaf('b')) };
  const chosen = (list: 'tree' | 'inefficientFiles' | 'duplicates' | 'findings', at: number, path = 0): unknown =>
    chosenFile(report, { type: 'open', list, at, path });

  it('finds the row, tile or path by its number', () => {
    const tiles = [0, 1, 2, 3, 4].map((at) => chosen('tree', at));
    assert.deepEqual(
      tiles,
      ['', 'a', 'a/1', 'a/2', 'b'].map((path) => ({ path })),
    );
    assert.equal(chosen('tree', 5), undefined);
    assert.deepEqual(chosen('inefficientFiles', 0), { path: '/x' });
    assert.deepEqual(chosen('duplicates', 0), { path: '/d1' });
    assert.deepEqual(chosen('duplicates', 0, 1), { path: '/d2' });
    assert.equal(chosen('duplicates', 0, 2), undefined);
    assert.deepEqual(chosen('findings', 0), { path: '/s', layer: 3 });
    assert.equal(chosen('findings', 9), undefined);
  });
});

describe('pageContent', () => {
  it('sends a small report as it is, but for the paths of tiles', () => {
    const content = pageContent({ result, tree: folder('', leaf('b')) });
    assert.deepEqual(content, {
      result,
      tree: { ...folder('', { ...leaf('b'), path: '' }), path: '' },
      totals: { inefficientFiles: 1, duplicates: 1, findings: 1, problems: 1 },
      paths: [2],
      image: 'host/app:1',
    });
  });

  it('sends of long lists and texts what can be shown, and how much there is', () => {
    const long = 'x'.repeat(1 << 20);
    const many = <Item>(item: Item): readonly Item[] => Array.from({ length: 50_000 }, () => item);
    const huge: AnalyzeImageResult = {
      ...result,
      inefficientFiles: many({ path: long, count: 2, bytes: 2 }),
      duplicates: many({ digest: '', size: 1, paths: many(long), wastedBytes: 1 }),
      findings: many({ kind: 'cache', path: long, text: long, layer: 0, bytes: 0 }),
      layers: [{ digest: 'sha256:1', size: 1, sizeBytes: 4, createdBy: long }],
      problems: many(long),
    };
    const content = pageContent({ result: huge, tree: folder('', leaf(long)) });
    assert.deepEqual(content.totals, {
      inefficientFiles: 50_000,
      duplicates: 50_000,
      findings: 50_000,
      problems: 50_000,
    });
    assert.equal(content.result.findings.length, 1000);
    assert.equal(content.paths[999], 50_000);
    const bytes = JSON.stringify(content).length;
    assert.ok(bytes < 16 << 20, `${bytes} bytes`);
  });

  it('copies a tree that is as deep as it has nodes', () => {
    let tree = leaf('f');
    for (let depth = 0; depth < 4000; depth++) tree = folder('d', tree);
    assert.equal(pageContent({ result, tree }).tree.children[0]?.name, 'd');
  });
});
