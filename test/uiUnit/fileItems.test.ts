import assert from 'node:assert/strict';
import type { FileEntry } from '../../src/api.ts';
import type { FolderItem } from '../../src/browse/folderItem.ts';
import type { PathNode } from '../../src/browse/nodes.ts';
import { lastSegment } from '../../src/browse/pathTree.ts';
import type { Facts } from '../../src/ui/itemParts.ts';
import { type ItemView, viewOf } from '../../src/ui/treeItems.ts';

const digest = `sha256:${'0123456789ab'.padEnd(64, '0')}` as const;
const manifest = { mediaType: 'a/b', digest, size: 1 };
const facts: Facts = { writable: true, now: 0 };

function nodeOf(
  entry: Partial<FileEntry> & { path: string },
  more: Partial<FolderItem> & { inLayer?: number } = {},
): PathNode {
  const { inLayer, ...item } = more;
  const whole: FileEntry = {
    type: 'file',
    size: 0,
    mode: 0o644,
    uid: 0,
    gid: 0,
    mtime: 0,
    layer: inLayer ?? 0,
    ...entry,
  };
  return {
    kind: 'path',
    id: 'p',
    registry: 'r.example',
    repository: 'app',
    manifest,
    ...(inLayer === undefined ? {} : { layer: inLayer }),
    item: { name: lastSegment(entry.path), entry: whole, expands: false, ...item },
  };
}

function view(...args: Parameters<typeof nodeOf>): ItemView {
  return viewOf(nodeOf(...args), facts);
}

describe('fileParts', () => {
  it('shows a file with its size and mode, and opens it at a click', () => {
    const { label, description, icon, expands, command, spoken } = view({ path: '/etc/passwd', size: 2048 });
    assert.deepEqual([label, description, icon, expands], ['passwd', '2.0 KiB · rw-r--r--', 'file', false]);
    assert.deepEqual([command, spoken], ['gantry.openFile', 'file, passwd, 2.0 KiB · rw-r--r--']);
  });

  const rows: readonly (readonly [string, Parameters<typeof nodeOf>, readonly [string, string, string | undefined]])[] =
    [
      [
        'a folder',
        [{ path: '/etc', type: 'directory', mode: 0o755 }, { expands: true }],
        ['folder', 'rwxr-xr-x', undefined],
      ],
      [
        'who owns what is not of root',
        [{ path: '/home/app', type: 'directory', mode: 0o700, uid: 1000, gid: 100 }],
        ['folder', 'rwx------ · 1000:100', undefined],
      ],
      [
        'a setuid program',
        [{ path: '/bin/su', size: 10, mode: 0o4755 }],
        ['file', '10 B · rwsr-xr-x', 'gantry.openFile'],
      ],
      [
        'a link that leads to a file',
        [{ path: '/bin/sh', type: 'symlink', mode: 0o777, linkname: 'dash' }, { leadsTo: 'file' }],
        ['file-symlink-file', '→ dash', 'gantry.openFile'],
      ],
      [
        'a link that leads to a folder',
        [{ path: '/lib', type: 'symlink', mode: 0o777, linkname: 'usr/lib' }, { leadsTo: 'directory' }],
        ['file-symlink-directory', '→ usr/lib', undefined],
      ],
      [
        'a link that leads nowhere',
        [{ path: '/x', type: 'symlink', mode: 0o777, linkname: '/none' }],
        ['file-symlink-file', '→ /none', undefined],
      ],
      ['a device', [{ path: '/dev/null', type: 'char', mode: 0o666 }], ['circuit-board', 'rw-rw-rw-', undefined]],
      [
        'a file that a layer removed, as its last version',
        [
          { path: '/a', size: 5, change: 'removed' },
          { inLayer: 2, removedFrom: 1 },
        ],
        ['file', 'removed', 'gantry.openFile'],
      ],
      [
        'a folder that a layer removed',
        [
          { path: '/d', type: 'directory', change: 'removed' },
          { inLayer: 2, removedFrom: 1 },
        ],
        ['folder', 'removed', undefined],
      ],
      [
        'a file that a layer brings again',
        [{ path: '/a', size: 5, change: 'unchanged' }, { inLayer: 2 }],
        ['file', '5 B · rw-r--r-- · unchanged', 'gantry.openFile'],
      ],
      [
        'a name of a layer that is still read',
        [{ path: '/a' }, { inLayer: 2, nameOnly: true }],
        ['file', '', undefined],
      ],
    ];
  for (const [what, args, [icon, description, command]] of rows) {
    it(`shows ${what}`, () => {
      const found = view(...args);
      assert.deepEqual([found.icon, found.description ?? '', found.command], [icon, description, command]);
    });
  }

  it('says in words what a layer did to a file, for who does not see letters and colours', () => {
    const spoken = view({ path: '/a', size: 5, change: 'modified' }, { inLayer: 0 }).spoken;
    assert.equal(spoken, 'modified file, a, 5 B · rw-r--r--');
    const { tooltip } = view({ path: '/a', size: 5, change: 'removed' }, { inLayer: 4, removedFrom: 1 });
    assert.deepEqual(tooltip, ['/a', 'Removed by this layer', 'Its last version is in layer #2']);
  });

  it('says everything about a file in its tooltip', () => {
    assert.deepEqual(
      view({ path: '/usr/bin/su', size: 55_528, mode: 0o4755, mtime: 1_700_000_000, layer: 3 }).tooltip,
      [
        '/usr/bin/su',
        'From layer #4',
        '54.2 KiB (55528 bytes)',
        'rwsr-xr-x (4755), owner 0:0',
        'Modified 2023-11-14T22:13:20.000Z',
      ],
    );
  });

  it('193 offers what can be done with it, and no more', () => {
    const tokens = (...args: Parameters<typeof nodeOf>): string => view(...args).context.join(' ');
    assert.equal(tokens({ path: '/a' }), 'path leaf readable downloadable merged present');
    assert.equal(tokens({ path: '/d', type: 'directory' }, { inLayer: 0 }), 'path folder inlayer present');
    assert.equal(
      tokens({ path: '/a', change: 'removed' }, { inLayer: 1, removedFrom: 0 }),
      'path leaf readable downloadable inlayer removed',
    );
    assert.equal(tokens({ path: '/f', type: 'fifo' }), 'path leaf merged present');
  });

  it('188 shows names of bytes, controls and bidi marks as visible text', () => {
    for (const [name, label] of [
      ['caf\udce9', 'caf⟨E9⟩'],
      ['gpj.\u202eexe', 'gpj.⟨U+202E⟩exe'],
      ['a\u001b[31m\nb', 'a⟨U+001B⟩[31m⟨U+000A⟩b'],
    ] as const) {
      const found = view({ path: `/${name}`, linkname: name, type: 'symlink' });
      assert.equal(found.label, label);
      for (const text of [found.description ?? '', found.spoken, ...found.tooltip]) {
        assert.doesNotMatch(text, /[\p{Cc}\p{Cf}\p{Cs}]/u);
      }
    }
  });
});
