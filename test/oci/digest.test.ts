import assert from 'node:assert/strict';
import { digestOf, isDigest, parseDigest, shortDigest } from '../../src/oci/digest.ts';

const abc = 'sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';

describe('digest', () => {
  it('is the sha256 of the bytes', () => {
    assert.equal(digestOf(Buffer.from('abc')), abc);
    assert.equal(shortDigest(abc), 'sha256:ba7816bf8f01');
  });

  for (const text of [
    'sha256:ABC',
    `sha256:${'a'.repeat(63)}`,
    `sha256:${'a'.repeat(65)}`,
    `sha256:${'A'.repeat(64)}`,
    'sha256:',
    'sha256:../../canary',
    '',
  ]) {
    it(`9, 10: refuses ${JSON.stringify(text.slice(0, 30))}`, () => {
      assert.equal(isDigest(text), false);
      assert.throws(() => parseDigest(text), { code: 'invalid-digest' });
    });
  }

  it('9: says so when the algorithm cannot be verified', () => {
    assert.throws(() => parseDigest(JSON.parse('{"toString":1,"valueOf":1}')), { code: 'invalid-digest' });
    assert.throws(() => parseDigest(`blake3:${'a'.repeat(64)}`), {
      code: 'invalid-digest',
      message: /cannot verify blake3/,
    });
    assert.throws(() => parseDigest('md5:d41d8cd98f00b204e9800998ecf8427e'), { message: /cannot verify md5/ });
  });
});
