import assert from 'node:assert/strict';
import { coversScopes, repositoryOf, unionScopes } from '../../src/registry/scopes.ts';

describe('unionScopes', () => {
  it('47: holds every scope once, the most important first, actions merged', () => {
    const wanted = ['repository:team/b:pull,push', 'repository:team/a:pull'];
    assert.deepEqual(unionScopes(wanted, ['repository:team/a:pull,delete', 'registry:catalog:*']), [
      'repository:team/b:pull,push',
      'repository:team/a:pull,delete',
      'registry:catalog:*',
    ]);
  });

  it('keeps scopes that have no actions', () => assert.deepEqual(unionScopes(['aws'], ['aws', 'x:y']), ['aws', 'x:y']));
});

describe('coversScopes', () => {
  it('compares actions, in any order', () => {
    assert.equal(coversScopes(['repository:a:push,pull'], ['repository:a:pull']), true);
    assert.equal(coversScopes(['repository:a:push,pull'], []), true);
    assert.equal(coversScopes(['repository:a:pull'], ['repository:a:pull,push']), false);
    assert.equal(coversScopes(['repository:a:pull'], ['repository:b:pull']), false);
  });
});

describe('repositoryOf', () => {
  it('is the first repository', () => {
    assert.equal(repositoryOf(['registry:catalog:*', 'repository:host:5000/a/b:pull,push']), 'host:5000/a/b');
    assert.equal(repositoryOf(['registry:catalog:*']), undefined);
  });
});
