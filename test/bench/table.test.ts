import assert from 'node:assert/strict';
import { median, missedTargets, type Result, tableOf } from './table.ts';

const result: Result = {
  title: 'cold copy',
  runs: new Map([
    ['gantry', { milliseconds: 3000, memory: 100 << 20, delay: 25 }],
    ['crane', { milliseconds: 2000, memory: 30 << 20 }],
  ]),
};

describe('median', () => {
  it('takes the middle of each figure', () => {
    const runs = [
      { milliseconds: 9, memory: 1 },
      { milliseconds: 1, memory: 7 },
      { milliseconds: 5, memory: 3 },
    ];
    assert.deepEqual(median(runs), { milliseconds: 5, memory: 3 });
  });
});

describe('missedTargets', () => {
  it('names each target that was missed, with both figures', () => {
    assert.deepEqual(missedTargets([result]), [
      "cold copy: 1.50 times crane's time, not 1 or less",
      'cold copy: event-loop delay p95 25.0 ms, not 20 ms or less',
      'cold copy: memory grew 100 MiB, not 64 MiB or less',
    ]);
  });

  it('has nothing to say where every target was met', () => {
    const runs = new Map([['gantry', { milliseconds: 10, memory: 1, delay: 1 }]]);
    assert.deepEqual(missedTargets([{ title: 'again', runs }]), []);
  });
});

describe('tableOf', () => {
  it('shows the time of each contender and the ratio', () => {
    const line = tableOf([result]).split('\n')[1] ?? '';
    assert.match(line, /cold copy +3\.00 s +2\.00 s \(1\.50\) +– +– +100 MiB +25\.0 ms +30 MiB/);
  });
});
