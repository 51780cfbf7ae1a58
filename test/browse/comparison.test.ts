import assert from 'node:assert/strict';
import type { CompareImagesResult, FileEntry } from '../../src/api.ts';
import { type ComparisonNode, comparisonTree, contentChanges } from '../../src/browse/comparison.ts';
import { testIo } from '../support/io.ts';

const side = { reference: 'r', digest: 'sha256:0', platform: null };
const empty: CompareImagesResult = {
  left: side,
  right: side,
  added: [],
  removed: [],
  changed: [],
  config: [],
  packages: [],
  problems: [],
};

function file(path: string, size = 1): FileEntry {
  return { path, type: 'file', size, mode: 0o644, uid: 0, gid: 0, mtime: 0, layer: 0 };
}

/** The tree in lines: what a person reads. */
function lines(nodes: readonly ComparisonNode[], indent = ''): readonly string[] {
  return nodes.flatMap((node) => {
    if (node.kind === 'note') return [`${indent}${node.label}: ${node.description}`];
    if (node.kind === 'file') return [`${indent}${node.verdict} ${node.name}`];
    const text =
      node.kind === 'group'
        ? `${node.label} (${node.description})`
        : `${node.name}/ +${node.counts.added} -${node.counts.removed} ~${node.counts.modified}${node.own === undefined ? '' : ` ${node.own.verdict}`}`;
    return [`${indent}${text}`, ...lines(node.children, `${indent}  `)];
  });
}

describe('comparisonTree', () => {
  it('shows nothing of images that are the same', async () => {
    assert.deepEqual(await comparisonTree(empty, testIo()), []);
  });

  it('shows config, packages and files in their folders, folders first', async () => {
    const result: CompareImagesResult = {
      ...empty,
      config: [
        { name: 'Env.PATH', before: '/bin', after: '/usr/bin' },
        { name: 'User', before: null, after: '1000' },
      ],
      packages: [{ name: 'openssl', manager: 'dpkg', before: '3.0.1', after: null }],
      added: [
        { path: '/app', type: 'directory', size: 0 },
        { path: '/app/run', type: 'file', size: 5 },
      ],
      problems: ['Layer #1: it is odd'],
      removed: [{ path: '/etc/old', type: 'file', size: 1 }],
      changed: [
        { path: '/etc/passwd', before: file('/etc/passwd'), after: file('/etc/passwd', 2), differences: ['content'] },
        { path: '/zz', before: file('/zz'), after: file('/zz'), differences: ['mode'] },
      ],
    };
    assert.deepEqual(lines(await comparisonTree(result, testIo())), [
      'Problems (1)',
      '  Layer #1: it is odd: ',
      'Config (2)',
      '  Env.PATH: /bin → /usr/bin',
      '  User: added: 1000',
      'Packages (1)',
      '  openssl: removed: 3.0.1 · dpkg',
      'Files (2 added, 1 removed, 2 changed)',
      '  app/ +2 -0 ~0 added',
      '    added run',
      '  etc/ +0 -1 ~1',
      '    removed old',
      '    modified passwd',
      '  modified zz',
    ]);
  });

  it('gives every node an id of its own, whatever the names are', async () => {
    const names = ['/a', '/a/b', '/a/b/c', '/files', '/folders/a', '/config/0'];
    const added = names.map((path) => ({ path, type: 'file' as const, size: 0 }));
    const ids: string[] = [];
    const collect = (nodes: readonly ComparisonNode[]): void => {
      for (const node of nodes) {
        ids.push(node.id);
        if ('children' in node) collect(node.children);
      }
    };
    const config = [{ name: 'x', before: null, after: 'y' }];
    collect(await comparisonTree({ ...empty, added, config, problems: ['p'] }, testIo()));
    assert.equal(new Set(ids).size, ids.length);
    assert.ok(ids.length >= 8);
  });

  it('makes the rows of a folder when it is opened, and the same ones again', async () => {
    const added = Array.from({ length: 20_000 }, (_, at) => file(`/usr/lib/${at % 200}/${at}`));
    const [files] = await comparisonTree({ ...empty, added }, testIo());
    assert.ok(files?.kind === 'group');
    const [usr] = files.children;
    assert.ok(usr?.kind === 'folder');
    assert.deepEqual([usr.name, usr.counts], ['usr', { added: 20_000, removed: 0, modified: 0 }]);
    const [lib] = usr.children;
    assert.ok(lib?.kind === 'folder');
    assert.equal(lib.children.length, 200);
    assert.equal(lib.children[7], lib.children[7]);
  });

  it('188 shows a path of very many folders without one row for each', async () => {
    const path = `/${'a/'.repeat(100_000)}end`;
    let [at]: readonly (ComparisonNode | undefined)[] = await comparisonTree(
      { ...empty, added: [file(path)] },
      testIo(),
    );
    let depth = 0;
    for (; at !== undefined && 'children' in at; depth++) at = at.children[0];
    assert.equal(depth, 201);
    assert.ok(at?.kind === 'file' && at.path === path && at.name.endsWith('/a/end'));
  });

  it('gives other work its turn while it sorts very many files into folders', async () => {
    const added = Array.from({ length: 200_000 }, (_, at) => file(`/opt/${at % 500}/${at % 7}/${at}`));
    let [turns, done] = [0, false];
    const count = (): void => {
      turns++;
      if (!done) setImmediate(count);
    };
    count();
    await comparisonTree({ ...empty, added }, testIo());
    done = true;
    assert.ok(turns > 8, `${turns} turns`);
  });
});

describe('contentChanges', () => {
  it('names the changed files that have two contents', () => {
    const link: FileEntry = { ...file('/l'), type: 'symlink' };
    const changed: CompareImagesResult['changed'] = [
      { path: '/a', before: file('/a'), after: file('/a', 2), differences: ['content'] },
      { path: '/m', before: file('/m'), after: file('/m'), differences: ['mode'] },
      { path: '/l', before: link, after: file('/l'), differences: ['type', 'content'] },
    ];
    assert.deepEqual(
      contentChanges({ ...empty, changed }).map(({ path }) => path),
      ['/a'],
    );
  });
});
