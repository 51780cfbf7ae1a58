import assert from 'node:assert/strict';
import { belowPaths, nameFilter } from '../../src/browse/nameFilter.ts';

describe('nameFilter', () => {
  const names = ['team/api', 'team/web', 'tools/api-gateway', 'api'];
  const table: readonly (readonly [string, readonly string[]])[] = [
    ['', names],
    ['  ', names],
    ['API', ['team/api', 'tools/api-gateway', 'api']],
    ['api*', ['api']],
    ['team* api', ['team/api']],
    ['*', names],
    ['.*', []],
    ['web api', []],
  ];
  for (const [text, found] of table) {
    it(`finds ${String(found.length)} with ${JSON.stringify(text)}`, () =>
      assert.deepEqual(names.filter(nameFilter(text)), found));
  }
});

describe('belowPaths', () => {
  it('takes a path and what is below it, not what only begins like it', () => {
    const names = ['team', 'team/api', 'teams/api', 'x/team'];
    assert.deepEqual(names.filter(belowPaths(['team'])), ['team', 'team/api']);
    assert.deepEqual(names.filter(belowPaths([])), names);
  });
});
