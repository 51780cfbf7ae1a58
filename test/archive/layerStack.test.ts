import assert from 'node:assert/strict';
import { statOf } from '../../src/archive/fileNode.ts';
import { LayerStack } from '../../src/archive/layerStack.ts';
import { digest, directory, file, symlink } from '../support/entries.ts';
import { testIo } from '../support/io.ts';
import { layerOf } from '../support/layers.ts';
import { changesIn, pathsOf, stackOf } from '../support/stacks.ts';

describe('LayerStack.apply', () => {
  it('shows one layer as it is, with the directories that it only implies', async () => {
    const stack = await stackOf(layerOf(file('b/c/x'), directory('a'), symlink('l', 'a')));
    assert.deepEqual(pathsOf(stack), ['a/', 'b/', 'b/c/', 'b/c/x', 'l -> a']);
    assert.deepEqual(changesIn(stack), ['added b/c/x', 'added a', 'added l']);
    const implied = stack.get('b/c');
    assert.ok(implied !== undefined && implied.entry === undefined);
    assert.deepEqual(statOf(implied), { type: 'directory', size: 0, mode: 0o755, uid: 0, gid: 0, mtime: 0 });
  });

  it('puts a later file over an earlier one, and says which layer it is of', async () => {
    const stack = await stackOf(layerOf(file('x', 'a'), file('y', 'a')), layerOf(file('x', 'b')));
    assert.deepEqual(stack.get('x')?.content?.entry.digest, digest('b'));
    assert.deepEqual([stack.get('x')?.layer, stack.get('y')?.layer], [1, 0]);
    assert.equal(stack.changes[1]?.[0]?.before?.content?.entry.digest, digest('a'));
  });

  const below = [directory('d', { mode: 0o700 }), file('d/x'), file('f'), symlink('l', 'f')];
  for (const [name, entry, change] of [
    ['the same file at another time', file('f', 'a', { mtime: 9 }), 'unchanged f'],
    ['the same directory', directory('d', { mode: 0o700 }), 'unchanged d'],
    ['the same link', symlink('l', 'f'), 'unchanged l'],
    ['other content', file('f', 'b'), 'modified f'],
    ['another size', file('f', 'a', { size: 2 }), 'modified f'],
    ['another mode', file('f', 'a', { mode: 0o4755 }), 'modified f'],
    ['another owner', file('f', 'a', { uid: 1 }), 'modified f'],
    ['another group', directory('d', { mode: 0o700, gid: 1 }), 'modified d'],
    ['another target', symlink('l', 'd'), 'modified l'],
    ['other extended attributes', file('f', 'a', { xattrs: { 'security.capability': '01' } }), 'modified f'],
    ['content that nobody knows', { path: 'f', size: 1 }, 'modified f'],
    ['a link in place of a file', symlink('f', 'd'), 'modified f'],
    ['a new file', file('n'), 'added n'],
  ] as const) {
    it(`calls ${name} ${change.split(' ')[0]}`, async () => {
      assert.deepEqual(changesIn(await stackOf(layerOf(...below), layerOf(entry))), [change]);
    });
  }

  it('calls empty files the same without a digest', async () => {
    assert.deepEqual(changesIn(await stackOf(layerOf({ path: 'e' }), layerOf({ path: 'e' }))), ['unchanged e']);
  });

  it('compares extended attributes by name and value, and devices by number', async () => {
    const device = (major: number) => ({ path: 'dev', type: 'char' as const, device: { major, minor: 3 } });
    const stack = await stackOf(
      layerOf(file('f', 'a', { xattrs: { 'user.a': '01', 'user.b': '02' } }), file('g', 'a'), device(1)),
      layerOf(
        file('f', 'a', { xattrs: { 'user.b': '02', 'user.a': '01' } }),
        file('g', 'a', { xattrs: {} }),
        device(1),
      ),
      layerOf(file('f', 'a', { xattrs: { 'user.a': '01' } }), file('g', 'a', { xattrs: { 'user.a': '' } }), device(2)),
      layerOf(file('f', 'a', { xattrs: { 'user.b': '01' } }), file('g', 'a'), device(2)),
    );
    assert.deepEqual(
      stack.changes.slice(1).map((layer) => layer.map(({ change }) => change)),
      [
        ['unchanged', 'unchanged', 'unchanged'],
        ['modified', 'modified', 'modified'],
        ['modified', 'modified', 'unchanged'],
      ],
    );
  });

  it('keeps what is in a directory that a layer lists again, with its new mode', async () => {
    const stack = await stackOf(layerOf(...below), layerOf(directory('d', { mode: 0o755 }), file('d/y')));
    assert.deepEqual([...(stack.get('d')?.children?.keys() ?? [])], ['x', 'y']);
    assert.equal(stack.get('d')?.entry?.mode, 0o755);
    const [change] = stack.changes[1] ?? [];
    assert.equal(change?.before?.entry?.mode, 0o700);
  });

  it('186 lets the last of several entries of a path win: a, a/, then a link', async () => {
    const stack = await stackOf(
      layerOf(file('a', 'a'), directory('a'), file('a/x'), symlink('a', 'b'), file('b', 'c')),
    );
    assert.deepEqual(pathsOf(stack), ['a -> b', 'b']);
    assert.deepEqual(changesIn(stack), ['added a', 'added b']);
  });

  it('186 counts two versions of a file in one layer as one change', async () => {
    const stack = await stackOf(layerOf(file('a', 'a')), layerOf(file('a', 'b'), file('a', 'a')));
    assert.deepEqual(changesIn(stack), ['unchanged a']);
  });

  it('lists the root where a layer lists it, and refuses to make it anything else', async () => {
    const stack = await stackOf(layerOf(file('x'), directory('', { mode: 0o711 }), symlink('', '/etc')));
    assert.equal(statOf(stack.root).mode, 0o711);
    assert.deepEqual(pathsOf(stack), ['x']);
    assert.deepEqual(stack.problems, ['Layer #1: an entry would make the root no directory: ignored.']);
    assert.deepEqual(changesIn(stack), ['added x', 'modified ']);
  });

  it('replaces a file that a path needs as a directory, and says so', async () => {
    const stack = await stackOf(layerOf(file('a')), layerOf(file('a/b/c')));
    assert.deepEqual(pathsOf(stack), ['a/', 'a/b/', 'a/b/c']);
    assert.deepEqual(stack.problems, ['Layer #2: "a/b/c" is in what is no directory, which it replaces.']);
  });

  it('215 tells names apart byte by byte: case, composed and decomposed letters', async () => {
    const names = ['A', 'a', '\u00e4', 'a\u0308', '\udce4'];
    const stack = await stackOf(layerOf(...names.map((name) => file(name))), layerOf({ path: '.wh.\u00e4' }));
    assert.deepEqual(pathsOf(stack), ['A', 'a', 'a\u0308', '\udce4']);
  });

  it('is not cancelled once begun, and not begun once cancelled', async () => {
    const stack = new LayerStack();
    const many = Array.from({ length: 5000 }, (_, at) => file(`f${at}`));
    const abort = new AbortController();
    const applied = stack.apply(layerOf(...many), { signal: abort.signal });
    abort.abort(new Error('enough'));
    assert.equal((await applied).length, 5000);
    await assert.rejects(stack.apply(layerOf(file('x')), { signal: abort.signal }), { message: 'enough' });
    assert.equal(stack.get('x'), undefined);
    assert.equal(stack.changes.length, 1);
  });

  it('lets others run while it applies a large layer', async () => {
    const many = Array.from({ length: 20_000 }, (_, at) => file(`d${at % 100}/f${at}`));
    let turns = 0;
    const timer = setInterval(() => turns++, 0);
    await new LayerStack().apply(layerOf(...many), testIo());
    clearInterval(timer);
    assert.ok(turns >= 3, `${turns} turns`);
  });
});

describe('LayerStack.get', () => {
  it('follows no link, and cleans paths that never leave the root', async () => {
    const stack = await stackOf(layerOf(file('a/x'), symlink('l', 'a')));
    for (const path of ['a/x', '/a/x', '//a///x/', './a/./x', '../../a/b/../x', 'no/../a/x']) {
      assert.equal(stack.get(path)?.path, 'a/x', path);
    }
    assert.equal(stack.get('l')?.entry?.type, 'symlink');
    for (const path of ['l/x', 'a/x/y', 'no', '__proto__', 'constructor'])
      assert.equal(stack.get(path), undefined, path);
    for (const path of ['', '/', '.', '..', 'a/..']) assert.equal(stack.get(path), stack.root, path);
  });
});

describe('LayerStack.resolve', () => {
  it('166 follows links inside the image only, in the middle and at the end', async () => {
    const stack = await stackOf(
      layerOf(
        file('etc/passwd'),
        symlink('a', '/'),
        symlink('b', '../../..'),
        symlink('a2', 'a/b'),
        symlink('p', 'etc/passwd'),
      ),
    );
    for (const path of ['etc/passwd', 'a/etc/passwd', '/b/etc/passwd', 'a2/b/a/etc/passwd', 'p', '../../etc/passwd']) {
      assert.equal(stack.resolve(path).path, 'etc/passwd', path);
    }
    for (const path of ['', '/', 'a', 'b', 'a2', '..']) assert.equal(stack.resolve(path), stack.root, path);
  });

  it('166 takes .. behind a link for the parent of where it leads', async () => {
    const stack = await stackOf(
      layerOf(file('deep/er/x'), file('deep/y'), symlink('l', 'deep/er'), symlink('up', 'l/../y')),
    );
    assert.equal(stack.resolve('up').path, 'deep/y');
  });

  it('168 gives up after 40 links, and says that they are a loop', async () => {
    const chain = Array.from({ length: 1000 }, (_, at) => symlink(`c${at + 1}`, `c${at}`));
    const stack = await stackOf(
      layerOf(file('c0'), ...chain, symlink('a', 'b'), symlink('b', 'a'), symlink('s', 's/x')),
    );
    assert.equal(stack.resolve('c40').path, 'c0');
    for (const path of ['c41', 'c1000', 'a', 'b', 's', 'a/x']) {
      assert.throws(() => stack.resolve(path), {
        code: 'invalid-reference',
        message: `"/${path}" is a link loop: more than 40 symbolic links.`,
      });
    }
  });

  it('names the part that is not there', async () => {
    const stack = await stackOf(layerOf(file('a/x'), symlink('l', 'a/no/b'), symlink('out', '../gone')));
    const wrong = {
      no: '"/no" is not in the image: there is no "no" in "/".',
      'a/y/z': '"/a/y/z" is not in the image: there is no "y" in "/a".',
      'a/x/z': '"/a/x/z" is not in the image: no directory is at "/a/x".',
      l: '"/l" is not in the image: there is no "no" in "/a".',
      out: '"/out" is not in the image: there is no "gone" in "/".',
      'a\u202e\u001b': '"/a\\u202e\\u001b" is not in the image: there is no "a\\u202e\\u001b" in "/".',
    };
    for (const [path, message] of Object.entries(wrong)) {
      assert.throws(() => stack.resolve(path), { code: 'not-found', message });
    }
  });
});

describe('LayerStack.walk', () => {
  it('goes depth first, in the order of names', async () => {
    const stack = await stackOf(layerOf(file('b'), file('a.b'), file('a/z'), file('a/B'), file('A'), directory('c/d')));
    assert.deepEqual(pathsOf(stack), ['A', 'a/', 'a/B', 'a/z', 'a.b', 'b', 'c/', 'c/d/']);
    assert.equal([...new LayerStack().walk()].length, 1);
  });

  it('goes through directories as deep as links can make them', async () => {
    const deep = Array.from({ length: 250 }, () => 'd').join('/');
    const stack = await stackOf(layerOf(directory(deep)));
    assert.equal([...stack.walk()].length, 251);
  });
});
