import assert from 'node:assert/strict';
import fc from 'fast-check';
import { sortTags } from '../../src/browse/tagOrder.ts';

describe('sortTags', () => {
  const table: readonly (readonly [string, readonly string[]])[] = [
    ['newest first, numbers by value', ['1.10.0', '1.9.0', '1.9.0-alpine', '0.1']],
    ['words before versions', ['edge', 'latest', 'main', '2.0']],
    ['a moving tag before what it moves over', ['1', '1.9', '1.9.3', '1.9.2', '1.8']],
    ['v in front is no difference', ['v2.0.0', '1.5.0', 'v1.4.0']],
    ['a release before its candidates, the later candidate first', ['1.0.0', '1.0.0-rc.10', '1.0.0-rc.9']],
    ['dates as numbers', ['2024-11-30', '2024-02-01', '2023-12-31']],
    ['commit ids as words', ['0a1b2c3', '12ab34cd', 'deadbeef', '3.0']],
  ];
  for (const [what, order] of table) {
    it(`sorts ${what}`, () => {
      assert.deepEqual(sortTags([...order].reverse(), 'semver'), order);
      assert.deepEqual(sortTags([...order].sort(), 'semver'), order);
    });
  }

  it('sorts by name, and keeps the order of the registry', () => {
    assert.deepEqual(sortTags(['b', 'a', '10', '9'], 'name'), ['10', '9', 'a', 'b']);
    assert.deepEqual(sortTags(['b', 'a', '10', '9'], 'server'), ['b', 'a', '10', '9']);
  });

  it('is one order, whatever order the tags came in', () => {
    const piece = fc.constantFrom('1', '2', '10', '01', 'v1', '.', '-', '_', 'rc', 'a', 'b', 'alpine');
    const tag = fc.array(piece, { minLength: 1, maxLength: 6 }).map((pieces) => pieces.join(''));
    fc.assert(
      fc.property(fc.uniqueArray(tag, { maxLength: 12 }), (tags) => {
        const sorted = sortTags(tags, 'semver');
        assert.deepEqual(sortTags([...tags].reverse(), 'semver'), sorted);
        for (let at = 1; at < sorted.length; at++) {
          const pair = [sorted[at] ?? '', sorted[at - 1] ?? ''];
          assert.deepEqual(sortTags(pair, 'semver'), [pair[1], pair[0]]);
        }
      }),
      { numRuns: 500 },
    );
  });
});
