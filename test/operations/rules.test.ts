import assert from 'node:assert/strict';
import { checkRules, readRules } from '../../src/operations/rules.ts';

const figures = { efficiency: 0.9, wastedBytes: 2000, userSizeBytes: 10_000 };

describe('readRules', () => {
  const sizes: readonly (readonly [string | number, number])[] = [
    [0, 0],
    [1234, 1234],
    ['1234', 1234],
    ['20MB', 20_000_000],
    ['20Mb', 20_000_000],
    ['20 mb', 20_000_000],
    ['20MiB', 20_971_520],
    ['1.5k', 1500],
    ['1,000B', 1000],
    ['.5Ki', 512],
    ['2GiB', 2_147_483_648],
    ['1e', 1e18],
  ];
  for (const [text, threshold] of sizes) {
    it(`reads ${text} as ${threshold} bytes`, () => {
      assert.deepEqual(readRules({ highestWastedBytes: text }), [{ rule: 'highestWastedBytes', threshold }]);
    });
  }

  it('reads parts as numbers and as text', () => {
    assert.deepEqual(readRules({ lowestEfficiency: '0.95', highestUserWastedPercent: 0.1 }), [
      { rule: 'highestUserWastedPercent', threshold: 0.1 },
      { rule: 'lowestEfficiency', threshold: 0.95 },
    ]);
    assert.deepEqual(readRules({ lowestEfficiency: 1, highestUserWastedPercent: '0' }), [
      { rule: 'highestUserWastedPercent', threshold: 0 },
      { rule: 'lowestEfficiency', threshold: 1 },
    ]);
  });

  for (const off of ['', 'disabled', 'off', 'false', ' OFF ', undefined, null]) {
    it(`leaves a rule out for ${JSON.stringify(off)}`, () => {
      const rules = { lowestEfficiency: off, highestWastedBytes: off, highestUserWastedPercent: off };
      assert.deepEqual(readRules(rules), []);
    });
  }

  const wrong: readonly (readonly [unknown, RegExp])[] = [
    [{ lowestEfficiency: 1.1 }, /rule lowestEfficiency: "1.1" is no number from 0 to 1/],
    [{ lowestEfficiency: -0.1 }, /lowestEfficiency/],
    [{ lowestEfficiency: NaN }, /lowestEfficiency/],
    [{ lowestEfficiency: '90%' }, /lowestEfficiency/],
    [{ lowestEfficiency: '0x1' }, /lowestEfficiency/],
    [{ highestUserWastedPercent: '50' }, /highestUserWastedPercent/],
    [{ highestUserWastedPercent: Infinity }, /highestUserWastedPercent/],
    [{ highestUserWastedPercent: true }, /highestUserWastedPercent: it must be a number or text/],
    [{ highestWastedBytes: '20XB' }, /highestWastedBytes: "20XB" is no number of bytes/],
    [{ highestWastedBytes: 'MB' }, /highestWastedBytes/],
    [{ highestWastedBytes: -1 }, /highestWastedBytes/],
    [{ highestWastedBytes: '1.2.3k' }, /highestWastedBytes/],
    [{ highestWastedBytes: '99E' }, /highestWastedBytes/],
    [{ highestWastedBytes: '1constructor' }, /highestWastedBytes/],
    [{ highestWasted: 5 }, /no rule "highestWasted".*lowestEfficiency/],
    ['lowestEfficiency', /object of rules/],
    [[], /object of rules/],
  ];
  for (const [rules, message] of wrong) {
    it(`refuses ${JSON.stringify(rules)} ${String(message)}`, () => {
      assert.throws(() => readRules(rules), { code: 'invalid-reference', message });
    });
  }
});

describe('checkRules', () => {
  const verdicts = (lowest: number, bytes: number, part: number, over: Partial<typeof figures> = {}): string =>
    checkRules(readRules({ lowestEfficiency: lowest, highestWastedBytes: bytes, highestUserWastedPercent: part }), {
      ...figures,
      ...over,
    })
      .map(({ rule, passed }) => `${rule} ${passed ? 'passed' : 'failed'}`)
      .join(', ');

  it('passes at the threshold itself', () => {
    assert.equal(
      verdicts(0.9, 2000, 0.2),
      'highestUserWastedPercent passed, highestWastedBytes passed, lowestEfficiency passed',
    );
  });

  it('fails just beyond it', () => {
    assert.equal(
      verdicts(0.901, 1999, 0.199),
      'highestUserWastedPercent failed, highestWastedBytes failed, lowestEfficiency failed',
    );
  });

  it('passes where nothing is wasted of nothing, as dive does with 0/0', () => {
    assert.equal(
      verdicts(0, 0, 0, { wastedBytes: 0, userSizeBytes: 0 }),
      'highestUserWastedPercent passed, highestWastedBytes passed, lowestEfficiency passed',
    );
  });

  it('fails where a layer without bytes wastes what is below it, as dive does with 1/0', () => {
    const results = checkRules(readRules({ highestUserWastedPercent: 1 }), {
      efficiency: 0,
      wastedBytes: 1,
      userSizeBytes: 0,
    });
    assert.deepEqual(results, [{ rule: 'highestUserWastedPercent', passed: false, value: 1, threshold: 1 }]);
  });

  it('says value and threshold', () => {
    assert.deepEqual(checkRules(readRules({ highestWastedBytes: '1kB' }), figures), [
      { rule: 'highestWastedBytes', passed: false, value: 2000, threshold: 1000 },
    ]);
  });
});
