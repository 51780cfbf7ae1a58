import assert from 'node:assert/strict';
import { back, runSteps, type Step } from '../../src/ui/steps.ts';

/** A step that gives the scripted answers in turn and notes where it stood. */
function scripted(name: string, answers: (string | typeof back | undefined)[], seen: string[]): Step<string> {
  return async (state, { step, totalSteps }) => {
    seen.push(`${name} ${step}/${totalSteps} on ${JSON.stringify(state)}`);
    const answer = answers.shift();
    return typeof answer === 'string' ? state + answer : answer;
  };
}

describe('runSteps', () => {
  it('asks one step after the other', async () => {
    const seen: string[] = [];
    const steps = [scripted('first', ['a'], seen), scripted('second', ['b'], seen)];
    assert.equal(await runSteps('', steps), 'ab');
    assert.deepEqual(seen, ['first 1/2 on ""', 'second 2/2 on "a"']);
  });

  it('goes back to the answer before, as it was', async () => {
    const seen: string[] = [];
    const steps = [scripted('first', ['a', 'c'], seen), scripted('second', [back, 'b'], seen)];
    assert.equal(await runSteps('', steps), 'cb');
    assert.deepEqual(seen, ['first 1/2 on ""', 'second 2/2 on "a"', 'first 1/2 on ""', 'second 2/2 on "c"']);
  });

  it('ends where a person gives up', async () => {
    assert.equal(await runSteps('', [scripted('first', [undefined], []), scripted('second', ['b'], [])]), undefined);
  });
});
