import assert from 'node:assert/strict';
import path from 'node:path';
import { withTempDir } from '../support/tempDir.ts';
import { addCounts, brokenRun, countsLine, readCounts, skippedRun, writeCounts } from './counts.ts';

describe('readCounts', () => {
  const left = [
    { name: 'counts what ran', passed: 2, failed: 1, exitCode: 1, line: '2 passed, 1 failed, 0 skipped' },
    {
      name: 'fails a run that ended badly after its tests',
      passed: 2,
      failed: 0,
      exitCode: 7,
      line: '2 passed, 1 failed, 0 skipped',
    },
    { name: 'fails a run without a test', passed: 0, failed: 0, exitCode: 0, line: '0 passed, 1 failed, 0 skipped' },
  ];
  for (const { name, passed, failed, exitCode, line } of left) {
    it(name, () =>
      withTempDir(async (directory) => {
        const file = path.join(directory, 'counts.json');
        writeCounts(file, { passed, failed, skipped: [] });
        assert.equal(countsLine(readCounts(file, exitCode)), line);
      }),
    );
  }

  it('fails a run that left nothing', () => {
    assert.equal(readCounts(path.join(import.meta.dirname, 'no-such-file'), 0).failed, 1);
  });
});

describe('addCounts', () => {
  it('sums the runs and keeps why tests were skipped', () => {
    const sum = addCounts({ passed: 3, failed: 0, skipped: [] }, brokenRun, skippedRun('the tree', 'no Chromium'));
    assert.deepEqual(sum, { passed: 3, failed: 1, skipped: ['the tree [skipped: no Chromium]'] });
    assert.equal(countsLine(sum), '3 passed, 1 failed, 1 skipped');
  });
});
