import assert from 'node:assert/strict';
import { lockedByPipenv, requirementsText } from '../../../../src/containerize/recipes/python/lockedPackages.ts';
import { isPlainRequirement } from '../../../../src/containerize/recipes/python/requirementNames.ts';

describe('lockedByPipenv', () => {
  const hashes = [`sha256:${'ab'.repeat(32)}`, `sha256:${'cd'.repeat(32)}`];
  const entry = {
    version: '==1.0',
    markers: "python_version >= '3.7'",
    hashes: [...hashes, 'md5:00', 'sha256:x --evil', 7],
  };
  const locked = lockedByPipenv({ default: { a: entry, b: { path: '.' } }, develop: { c: { version: '==1' } } });

  it('gives versions, conditions and the hashes that pip can check', () => {
    assert.deepEqual(locked, [
      { specifier: "a==1.0; python_version >= '3.7'", hashes },
      { specifier: '@b', hashes: [] },
    ]);
    for (const lock of [undefined, {}, { default: [] }]) assert.deepEqual(lockedByPipenv(lock), []);
  });

  it('has pip check the hashes where it can, which is of all or of none', () => {
    const [a] = locked;
    assert.ok(a !== undefined);
    const text = `a==1.0; python_version >= '3.7' --hash=${hashes.join(' --hash=')}\n`;
    assert.equal(requirementsText([a]), text);
    const bare = { specifier: 'b==2', hashes: [] };
    assert.equal(requirementsText([a, bare]), "a==1.0; python_version >= '3.7'\nb==2\n");
  });
});

describe('isPlainRequirement', () => {
  for (const text of ['a==1', "a[b,c]>=1; os_name == 'posix'", 'a-b~=1.0']) {
    it(`takes ${text}`, () => assert.ok(isPlainRequirement(text)));
  }
  for (const text of [
    '-r x',
    'a==1 --hash=x',
    "a==1; os_name == 'x' -i http://evil",
    'a==1\n-r x',
    'a==1 \\',
    'a==1 # x',
    'a @ x',
  ])
    it(`does not take ${JSON.stringify(text)}`, () => assert.ok(!isPlainRequirement(text)));
});
