import assert from 'node:assert/strict';
import { figureTable } from './listing.ts';

describe('figureTable', () => {
  it('shows each figure with its bound, and names those beyond it', () => {
    const { table, missed } = figureTable([
      { title: 'listing', value: 1.234, limit: 1.3, unit: '×' },
      { title: 'memory growth', value: 200, limit: 128, unit: 'MiB' },
      { title: 'delay', value: Number.NaN, limit: 20, unit: 'ms' },
    ]);
    assert.match(table, /^listing +1\.23 × +\(at most 1\.3\)\nmemory growth +200\.00 MiB +\(at most 128\)\n/);
    assert.deepEqual(missed, ['memory growth: 200.00 MiB, not 128 or less', 'delay: NaN ms, not 20 or less']);
  });
});
