import assert from 'node:assert/strict';
import { agreedOverwrite } from '../../src/ui/planMoves.ts';

describe('agreedOverwrite', () => {
  const [one, two, next] = ['1', '2', '3'].map((digit) => `sha256:${digit.repeat(64)}`) as [string, string, string];
  const from = (tag: string, old: string): { target: string; old: string; next: string } => ({
    target: `r.example/a:${tag}`,
    old,
    next,
  });

  it('lets tags move from what they were seen to name', () => {
    assert.equal(agreedOverwrite([]), false);
    assert.equal(agreedOverwrite([from('latest', one)]), one);
    assert.equal(agreedOverwrite([from('1', one), from('latest', one)]), one);
  });

  it('lets an archive be replaced, whatever it holds', () => {
    assert.equal(agreedOverwrite([{ target: 'oci-archive:/a.tar', next, replaces: true }]), true);
  });

  it('refuses tags of different images, for one digest cannot stand for both', () => {
    assert.throws(() => agreedOverwrite([from('1', one), from('latest', two)]), {
      code: 'already-exists',
      message:
        /^r\.example\/a:1 names sha256:1{12} and r\.example\/a:latest names sha256:2{12}: tags of different images/,
    });
  });
});
