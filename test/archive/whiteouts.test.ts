import assert from 'node:assert/strict';
import { whiteoutOf } from '../../src/archive/whiteouts.ts';

describe('whiteoutOf', () => {
  const meanings = {
    '.wh.foo': { kind: 'removal', path: 'foo' },
    'a/b/.wh.foo': { kind: 'removal', path: 'a/b/foo' },
    'a/.wh..foo': { kind: 'removal', path: 'a/.foo' },
    'a/.wh....': { kind: 'removal', path: 'a/...' },
    '.wh..wh..opq': { kind: 'opaque', path: '' },
    'a/b/.wh..wh..opq': { kind: 'opaque', path: 'a/b' },
  } as const;
  for (const [path, meaning] of Object.entries(meanings)) {
    it(`208 takes ${path} for ${meaning.kind} of /${meaning.path}`, () => {
      assert.deepEqual(whiteoutOf(path), meaning);
    });
  }

  for (const path of ['.wh.', 'a/.wh.', 'a/.wh..', '.wh...', '.wh..wh.plnk', 'a/.wh..wh.other', '.wh..wh.plnk/1.2']) {
    it(`210 finds ${path} invalid`, () => {
      assert.deepEqual(whiteoutOf(path), { kind: 'invalid' });
    });
  }

  for (const path of ['', 'a', 'a/b', 'wh.a', 'a.wh.b', '.wha', '.wh.dir/file']) {
    it(`leaves ${path === '' ? 'the root' : path} alone`, () => {
      assert.equal(whiteoutOf(path), undefined);
    });
  }
});
