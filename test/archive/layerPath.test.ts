import assert from 'node:assert/strict';
import { layerPath } from '../../src/archive/layerPath.ts';

describe('layerPath', () => {
  const good: readonly (readonly [string, string])[] = [
    ['/', ''],
    ['/app', 'app'],
    ['/app/', 'app'],
    ['//app//x/./y', 'app/x/y'],
    ['/a\\b', 'a\\b'],
    ['/größe', 'größe'],
    ['/...', '...'],
    ['/a.wh.b', 'a.wh.b'],
  ];
  for (const [to, expected] of good) {
    it(`reads ${to} as ${JSON.stringify(expected)}`, () => assert.equal(layerPath(to), expected));
  }

  const bad: readonly (readonly [string, RegExp])[] = [
    ['app', /"app" cannot be a path in an image: it is not absolute: start it with \/\./],
    ['', /not absolute/],
    ['C:\\app', /not absolute/],
    ['/app/../etc', /holds \.\./],
    ['/..', /holds \.\./],
    ['/a\0b', /holds a NUL/],
    ['/app/.wh.file', /mean a deletion/],
    ['/.wh..wh..opq/x', /mean a deletion/],
    [`/${'ü'.repeat(2049)}`, /longer than 4096 bytes/],
  ];
  for (const [to, message] of bad) {
    it(`refuses ${JSON.stringify(to.slice(0, 30))}`, () => {
      assert.throws(() => layerPath(to), { code: 'invalid-reference', message });
    });
  }
});
