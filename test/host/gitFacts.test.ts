import assert from 'node:assert/strict';
import { isDirty } from '../../src/ui/gitFacts.ts';

describe('isDirty', () => {
  const clean = { mergeChanges: [], indexChanges: [], workingTreeChanges: [] };

  it('is true for changes of every kind, and false without any', () => {
    assert.equal(isDirty(clean), false);
    assert.equal(isDirty({ ...clean, untrackedChanges: [] }), false);
    for (const kind of ['mergeChanges', 'indexChanges', 'workingTreeChanges', 'untrackedChanges']) {
      assert.equal(isDirty({ ...clean, [kind]: [{}] }), true, kind);
    }
  });
});
