import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseDiveCi } from '../../src/operations/diveCi.ts';
import { isOciError } from '../../src/errors.ts';

describe('parseDiveCi', () => {
  it('reads the three rules with comments, quotes and Windows line ends', () => {
    const text = [
      '\ufeff---',
      '# rules of this project',
      'rules: # below',
      '  # the least',
      "  lowestEfficiency: '0.95'",
      '',
      '  "highestWastedBytes": 20MB   # a lot',
      '  highestUserWastedPercent: "disabled"',
      '',
    ].join('\r\n');
    assert.deepEqual(parseDiveCi(text), {
      lowestEfficiency: '0.95',
      highestWastedBytes: '20MB',
      highestUserWastedPercent: 'disabled',
    });
  });

  const standard = { lowestEfficiency: '0.9', highestWastedBytes: 'disabled', highestUserWastedPercent: '0.1' };
  for (const text of [
    '',
    '# nothing\n',
    'rules:\n',
    'rules:\n  lowestEfficiency:\n',
    'rules:\n  lowestEfficiency: ~ # x\n',
  ]) {
    it(`has dive's own thresholds for ${JSON.stringify(text)}`, () => {
      assert.deepEqual(parseDiveCi(text), standard);
    });
  }

  it('turns a rule off by an empty text', () => {
    assert.equal(parseDiveCi('rules:\n  lowestEfficiency: ""\n').lowestEfficiency, '');
  });

  const wrong: readonly (readonly [string, RegExp])[] = [
    ['lowestEfficiency: 0.9\n', /line 1, "lowestEfficiency: 0.9": the file must begin with "rules:"/],
    ['rules:\nlowestEfficiency: 0.9\n', /line 2.*indented/],
    ['rules:\n  lowestEfficiency: 0.9\n    highestWastedBytes: 1\n', /line 3.*indented/],
    ['rules:\n\tlowestEfficiency: 0.9\n', /line 2/],
    ['rules:\n  lowestEfficiency: 0.9\n  lowestEfficiency: 0.8\n', /line 3.*twice/],
    ['rules:\n  lowestEfficency: 0.9\n', /line 2.*no such rule.*lowestEfficiency/],
    ['rules:\n  lowestEfficiency 0.9\n', /line 2.*rule and its value/],
    ['rules:\n  lowestEfficiency:0.9\n', /line 2.*rule and its value/],
    ['rules:\n  lowestEfficiency: "0.9\\n"\n', /line 2.*rule and its value/],
    ['rules:\n  lowestEfficiency: [0.9]\n', /line 2.*rule and its value/],
    ['rules:\n  lowestEfficiency: &a 0.9\n', /line 2.*rule and its value/],
    ['rules: {lowestEfficiency: 0.9}\n', /line 1/],
    ['rules:\n  lowestEfficiency: 2\n', /rule lowestEfficiency: "2"/],
    [`rules:\n# ${'x'.repeat(70_000)}`, /longer than 65536/],
  ];
  for (const [text, message] of wrong) {
    it(`refuses ${JSON.stringify(text.slice(0, 60))}`, () => {
      assert.throws(() => parseDiveCi(text), { code: 'invalid-reference', message });
    });
  }

  it('reads any text at once or refuses it', () => {
    const piece = fc.constantFrom(
      'rules:',
      '\n',
      '  ',
      ' ',
      'lowestEfficiency',
      ':',
      '0.9',
      '#',
      '"',
      "'",
      '~',
      '\t',
      'x',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        try {
          assert.equal(Object.keys(parseDiveCi(pieces.join(''))).length, 3);
        } catch (error) {
          assert.ok(isOciError(error, 'invalid-reference'));
        }
      }),
    );
    const began = performance.now();
    for (const fill of [' ', '"', '#', 'a ', ' #']) {
      assert.throws(() => parseDiveCi(`rules:\n  lowestEfficiency: x${fill.repeat(30_000)}"`));
    }
    assert.ok(performance.now() - began < 1000);
  });
});
