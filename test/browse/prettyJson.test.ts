import assert from 'node:assert/strict';
import fc from 'fast-check';
import { prettyJson } from '../../src/browse/prettyJson.ts';

describe('prettyJson', () => {
  it('keeps numbers, names that stand twice and escapes as they are written', () => {
    assert.equal(
      prettyJson('{"size":12345678901234567890,"a":1e999,"a":{},"b":[],"c":["\\u0041",{"x":-0.10}]}'),
      '{\n  "size": 12345678901234567890,\n  "a": 1e999,\n  "a": {},\n  "b": [],\n  "c": [\n    "\\u0041",\n    {\n      "x": -0.10\n    }\n  ]\n}\n',
    );
  });

  it('writes what JSON.stringify writes', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        assert.equal(prettyJson(JSON.stringify(value)), `${JSON.stringify(value, null, 2)}\n`);
      }),
    );
  });

  it('takes time in proportion to a hostile text', () => {
    for (const text of ['['.repeat(1_000_000), '"\\'.repeat(500_000), '{"a":'.repeat(200_000)]) {
      const start = performance.now();
      assert.ok(prettyJson(text).length < 200_000_000);
      assert.ok(performance.now() - start < 4000);
    }
  });
});
