import assert from 'node:assert/strict';
import { checkSize, gibibytes } from '../../src/archive/layerSize.ts';
import type { TreeEntry } from '../../src/archive/treeEntry.ts';

function file(path: string, size: number): TreeEntry {
  const source = { size, name: path, open: () => assert.fail('nothing is to be read') };
  return { path, kind: 'file', mode: 0o644, uid: 0, gid: 0, source };
}

describe('checkSize', () => {
  it('285: takes what a layer may have, and names the largest files of more', () => {
    const half = 32 * 2 ** 30;
    checkSize([file('a', half), file('b', half)]);
    assert.throws(() => checkSize([file('a', half), file('c', 1), file('b', half)]), {
      code: 'too-large',
      message:
        'the files have 64 GiB, a layer may have 64 GiB. The largest: "/a" (32 GiB), "/b" (32 GiB), "/c" (0 GiB). Leave some out, such as by lines in .dockerignore, or put them into layers of their own.',
    });
  });
});

describe('gibibytes', () => {
  for (const [bytes, text] of [
    [2 ** 30, '1 GiB'],
    [1.5 * 2 ** 30, '1.5 GiB'],
    [100 * 2 ** 30, '100 GiB'],
  ] as const) {
    it(`shows ${bytes} as ${text}`, () => assert.equal(gibibytes(bytes), text));
  }
});
