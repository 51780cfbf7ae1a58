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

  it('goes back over a step that asked nothing', async () => {
    const seen: string[] = [];
    const silent: Step<string> = (state) => Promise.resolve(state);
    const steps = [scripted('first', ['a', 'c'], seen), silent, silent, scripted('last', [back, 'b'], seen)];
    assert.equal(await runSteps('', steps), 'cb');
    assert.deepEqual(seen, ['first 1/4 on ""', 'last 4/4 on "a"', 'first 1/4 on ""', 'last 4/4 on "c"']);
  });

  it('stays at the first question where there is nothing to go back to', async () => {
    const seen: string[] = [];
    assert.equal(await runSteps('', [scripted('first', [back, 'a'], seen)]), 'a');
    assert.equal(seen.length, 2);
  });

  it('ends where a person gives up', async () => {
    assert.equal(await runSteps('', [scripted('first', [undefined], []), scripted('second', ['b'], [])]), undefined);
  });
});
