import assert from 'node:assert/strict';
import { describeWait, retryAfter } from '../../src/registry/retryAfter.ts';

const now = Date.parse('2026-11-21T10:00:00Z');

describe('retryAfter', () => {
  const cases: readonly (readonly [string | undefined, number | undefined])[] = [
    [undefined, undefined],
    ['1', 1000],
    ['86400', 86_400_000],
    ['99999999', undefined],
    ['1.5', undefined],
    ['-5', undefined],
    ['abc', undefined],
    ['Sat, 21 Nov 2026 10:01:00 GMT', 60_000],
    ['Sat, 21 Nov 2026 09:59:00 GMT', undefined],
    ['Sat, 99 Nov 2026', undefined],
  ];
  for (const [value, expected] of cases) {
    it(`89: reads ${value ?? 'nothing'}`, () => assert.equal(retryAfter({ 'retry-after': value }, now), expected));
  }

  it("272: compares a date with the answer's own", () => {
    const headers = { 'retry-after': 'Sat, 21 Nov 2026 10:01:00 GMT', date: 'Sat, 21 Nov 2026 10:00:50 GMT' };
    assert.equal(retryAfter(headers, now + 86_400_000), 10_000);
  });
});

describe('describeWait', () => {
  it('89: names the time of day for what takes longer', () => {
    const noon = new Date(2026, 10, 21, 12, 0).getTime();
    assert.equal(describeWait(61_000, noon), '61 seconds');
    assert.equal(describeWait(900_000, noon), '15 minutes, until 12:15');
    assert.equal(describeWait(7_200_000, noon), '2 hours, until 14:00');
  });
});
