import assert from 'node:assert/strict';
import { RateWatch } from '../../src/registry/rateWatch.ts';

/** Runs a watch over rounds of: milliseconds nobody waits, milliseconds somebody waits, bytes that come. */
function watched(rounds: number, [idle, waits, bytes]: readonly [number, number, number]): boolean {
  let time = 0;
  const watch = new RateWatch({ now: () => time });
  return Array.from({ length: rounds }, () => {
    time += idle;
    watch.wait();
    time += waits;
    return watch.add(bytes);
  }).every(Boolean);
}

describe('RateWatch', () => {
  const table: readonly (readonly [string, number, readonly [number, number, number], boolean])[] = [
    ['260: ends a byte every five seconds after a minute', 12, [0, 5000, 1], false],
    ['does not end it before', 11, [0, 5000, 1], true],
    ['260: ends just less than 1 KiB a second', 60, [0, 1000, 1023], false],
    ['lets 1 KiB a second pass', 3600, [0, 1000, 1024], true],
    ['lets a large piece pass that came late', 10, [0, 59_000, 200_000], true],
    ['does not blame a reader who takes his time', 100, [3_600_000, 10, 1], true],
  ];
  for (const [what, rounds, round, expected] of table) {
    it(what, () => assert.equal(watched(rounds, round), expected));
  }

  it('260: ends an answer that began well', () => {
    let time = 0;
    const watch = new RateWatch({ now: () => time });
    const after = (milliseconds: number, bytes: number): boolean => {
      watch.wait();
      time += milliseconds;
      return watch.add(bytes);
    };
    assert.equal(after(60_000, 100 << 20), true);
    assert.equal(after(30_000, 1), true);
    assert.equal(after(30_000, 1), false);
  });

  it('counts bytes that come while nobody waits', () => {
    let time = 0;
    const watch = new RateWatch({ now: () => time });
    for (let round = 0; round < 100; round++) {
      assert.equal(watch.add(5000), true);
      watch.wait();
      time += 2000;
      assert.equal(watch.add(1), true);
    }
  });
});
