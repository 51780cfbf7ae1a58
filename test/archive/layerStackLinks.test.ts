import assert from 'node:assert/strict';
import { sizeOf, statOf } from '../../src/archive/fileNode.ts';
import { digest, directory, file, hardlink, symlink } from '../support/entries.ts';
import { layerOf } from '../support/layers.ts';
import { changesIn, pathsOf, stackOf } from '../support/stacks.ts';

describe('LayerStack.apply of links', () => {
  it('gives a hard link the content of its file, which outlives the first name', async () => {
    const stack = await stackOf(
      layerOf(file('a', 'a', { mode: 0o4755, uid: 3 }), hardlink('b', 'a'), hardlink('c', './b')),
      layerOf({ path: '.wh.a' }, file('b', 'b')),
    );
    const link = stack.get('c');
    assert.ok(link !== undefined);
    assert.deepEqual(link.content, { layer: 0, entry: stack.changes[0]?.[0]?.entry });
    assert.deepEqual(statOf(link), { type: 'file', size: 1, mode: 0o4755, uid: 3, gid: 0, mtime: 0 });
    assert.equal(sizeOf(link), 1);
    assert.equal(stack.get('b')?.content?.entry.digest, digest('b'));
  });

  it('213 keeps a hard link to a file that its own layer hides later, and breaks one made after that', async () => {
    const below = layerOf(file('a'));
    const first = await stackOf(below, layerOf(hardlink('b', 'a'), { path: '.wh.a' }));
    assert.deepEqual(first.get('b')?.content?.layer, 0);
    const second = await stackOf(below, layerOf({ path: '.wh.a' }, hardlink('b', 'a')));
    assert.equal(second.get('b')?.content, undefined);
    assert.deepEqual(second.problems, [
      'Layer #2: "b" is a hard link to "a", which is not there when the link is made.',
    ]);
  });

  it('says that a hard link listed again is unchanged', async () => {
    const layer = layerOf({ path: 'a', size: 5 }, hardlink('b', 'a'));
    const stack = await stackOf(layer, layerOf(hardlink('b', 'a')));
    assert.deepEqual(changesIn(stack), ['unchanged b']);
    assert.deepEqual(stack.changes[1]?.[0]?.content?.layer, 0);
  });

  for (const [name, target, why] of [
    ['what is outside', '../../etc/passwd', 'not there'],
    ['nothing', 'missing', 'not there'],
    ['a later entry', 'z', 'not there'],
    ['a directory', 'd', 'a directory'],
    ['the root', '/', 'a directory'],
    ['itself', 'h', 'not there'],
    ['a broken one', 'broken', 'not there'],
  ] as const) {
    it(`167 shows a hard link to ${name} as broken`, async () => {
      const broken = hardlink('broken', 'nowhere');
      const stack = await stackOf(
        layerOf(file('h'), directory('d'), broken),
        layerOf(hardlink('h', target), file('z')),
      );
      const node = stack.get('h');
      assert.ok(node !== undefined);
      assert.deepEqual([statOf(node).type, sizeOf(node), node.content], ['hardlink', 0, undefined]);
      assert.equal(
        stack.problems.at(-1),
        `Layer #2: "h" is a hard link to ${JSON.stringify(target)}, which is ${why} when the link is made.`,
      );
    });
  }

  it('167 follows links in the parents of a target, never the target itself', async () => {
    const stack = await stackOf(
      layerOf(
        file('etc/x'),
        symlink('up', '../../etc'),
        symlink('s', '/etc/x'),
        hardlink('a', 'up/x'),
        hardlink('b', 's'),
      ),
    );
    assert.equal(stack.get('a')?.content?.entry.path, 'etc/x');
    const other = stack.get('b');
    assert.ok(other !== undefined);
    assert.deepEqual([statOf(other).type, statOf(other).linkname, other.entry?.path], ['symlink', '/etc/x', 'b']);
  });

  it('167 follows a chain of 10,000 hard links in one go', async () => {
    const chain = Array.from({ length: 10_000 }, (_, at) => hardlink(`h${at + 1}`, `h${at}`));
    const stack = await stackOf(layerOf(file('h0'), ...chain));
    assert.equal(stack.get('h10000')?.content?.entry.path, 'h0');
  });

  it('166 writes through links to directories, inside the root only', async () => {
    const stack = await stackOf(
      layerOf(directory('usr/lib'), symlink('lib', 'usr/lib'), symlink('root', '/'), symlink('out', '../../../..')),
      layerOf(file('lib/x'), file('root/etc/y'), file('out/etc/z')),
    );
    assert.deepEqual(changesIn(stack), ['added usr/lib/x', 'added etc/y', 'added etc/z']);
    assert.deepEqual(
      stack.changes[1]?.map(({ entry }) => entry.path),
      ['lib/x', 'root/etc/y', 'out/etc/z'],
    );
    assert.deepEqual(pathsOf(stack), [
      'etc/',
      'etc/y',
      'etc/z',
      'lib -> usr/lib',
      'out -> ../../../..',
      'root -> /',
      'usr/',
      'usr/lib/',
      'usr/lib/x',
    ]);
  });

  it('166 makes the directory that a broken link in the way leads to', async () => {
    const stack = await stackOf(layerOf(symlink('l', 'no/../where/to'), file('l/x')));
    assert.deepEqual(pathsOf(stack), ['l -> no/../where/to', 'where/', 'where/to/', 'where/to/x']);
  });

  it('168 ignores what is behind links without end, and says so', async () => {
    const stack = await stackOf(
      layerOf(symlink('a', 'b'), symlink('b', 'a'), file('a/x'), { path: 'a/.wh.y' }, hardlink('h', 'b/x')),
    );
    assert.deepEqual(pathsOf(stack), ['a -> b', 'b -> a', 'h']);
    assert.equal(stack.problems[0], 'Layer #1: "a/x" leads through symbolic links without end: ignored.');
    assert.equal(stack.problems[1], 'Layer #1: "a/.wh.y" leads through symbolic links without end.');
  });

  it('166 does not let links make paths longer than paths can be', async () => {
    const deep = Array.from({ length: 200 }, () => 'd').join('/');
    const stack = await stackOf(layerOf(directory(deep), symlink('s', deep), file(`s/${deep}/x`)));
    assert.deepEqual(stack.problems, [
      `Layer #1: ${JSON.stringify(`s/${deep}/x`).slice(0, 201)}…" is too deep: ignored.`,
    ]);
  });

  it('166 does not let links make work without end', async () => {
    const links = Array.from({ length: 200 }, (_, at) => symlink(`l${at}`, `${'./'.repeat(2000)}l${at + 1}`));
    const files = Array.from({ length: 20_000 }, (_, at) => [file(`l0/${at}`), file(`other/${at}`)]).flat();
    const started = performance.now();
    const stack = await stackOf(layerOf(...links, ...files));
    assert.ok(performance.now() - started < 10_000);
    assert.equal(stack.problems.length, 101);
    assert.match(stack.problems.at(-1) ?? '', /^Layer #1: 19900 more problems\.$/);
  });

  it('does not make directories without end for paths that no layer lists', async () => {
    const parents = (at: number) => Array.from({ length: 200 }, (_, depth) => `${at}-${depth}`).join('/');
    const stack = await stackOf(layerOf(...Array.from({ length: 3000 }, (_, at) => file(`${parents(at)}/x`))));
    assert.match(stack.problems[0] ?? '', /is in one of too many directories that are not listed: ignored\.$/);
  });
});
