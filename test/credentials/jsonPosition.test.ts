import assert from 'node:assert/strict';
import fc from 'fast-check';
import { jsonErrorPosition } from '../../src/credentials/jsonPosition.ts';

describe('jsonErrorPosition', () => {
  const cases: readonly (readonly [string, string, number, number])[] = [
    ['a trailing comma', '{\n  "a": 1,\n}', 3, 1],
    ['a trailing comma in a list', '[1, 2,]', 1, 7],
    ['a missing comma', '{"a": 1\n "b": 2}', 2, 2],
    ['a missing colon', '{"a" 1}', 1, 6],
    ['a name that is no string', '{a: 1}', 1, 2],
    ['a comment', '{\n  // hello\n}', 2, 3],
    ['an unfinished text', '{"auths": {', 1, 12],
    ['an unfinished string', '{"a": "xyz', 1, 7],
    ['a wrong bracket', '{"a": [1}', 1, 9],
    ['text after the end', '{} x', 1, 4],
    ['a wrong escape', '{"a": "\\x"}', 1, 7],
    ['single quotes', "{'a': 1}", 1, 2],
    ['nothing', '', 1, 1],
  ];
  for (const [what, text, line, column] of cases) {
    it(`15: names line and column of ${what}`, () => {
      assert.throws(() => JSON.parse(text) as unknown, SyntaxError);
      assert.deepEqual(jsonErrorPosition(text), { line, column });
    });
  }

  it('15: reads to the end of whatever JSON.parse accepts', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        assert.deepEqual(jsonErrorPosition(text), { line: 1, column: text.length + 1 });
      }),
    );
  });
});
