import assert from 'node:assert/strict';
import fc from 'fast-check';
import { readRpmHeader } from '../../../src/operations/packages/rpmHeader.ts';
import { rpmHeaderOf, rpmPackage, words } from '../../support/rpmDatabase.ts';

describe('readRpmHeader', () => {
  it('reads name, version, release and architecture', () => {
    assert.deepEqual(readRpmHeader(rpmPackage('bash', '5.2.26', '3.fc40')), {
      name: 'bash',
      version: '5.2.26-3.fc40',
      architecture: 'x86_64',
    });
  });

  it('keeps the epoch, but not 0, which is the same as none', () => {
    assert.equal(readRpmHeader(rpmPackage('a', '1', '2', { 1003: 7 }))?.version, '7:1-2');
    assert.equal(readRpmHeader(rpmPackage('a', '1', '2', { 1003: 0 }))?.version, '1-2');
    assert.equal(readRpmHeader(rpmPackage('a', '1', '2', { 1003: 0xffff_ffff }))?.version, '4294967295:1-2');
  });

  it('reads what has no architecture, as keys have', () => {
    const key = rpmHeaderOf({ 1000: 'gpg-pubkey', 1001: 'a15b79cc', 1002: '63d04c2c' });
    assert.deepEqual(readRpmHeader(key), { name: 'gpg-pubkey', version: 'a15b79cc-63d04c2c' });
  });

  const whole = rpmPackage('bash', '5', '3');
  const damaged: readonly (readonly [string, Uint8Array])[] = [
    ['nothing', Buffer.alloc(0)],
    ['a header that is cut off', whole.subarray(0, -1)],
    ['more entries than bytes', Buffer.concat([words(0xffff, 0), Buffer.alloc(64)])],
    ['4 billion entries', Buffer.concat([words(0xffff_ffff, 0xffff_ffff), Buffer.alloc(64)])],
    ['no name', rpmHeaderOf({ 1001: '1', 1002: '2' })],
    ['an empty name', rpmPackage('', '1', '2')],
    ['a name that is a number', rpmHeaderOf({ 1000: 7, 1001: '1', 1002: '2' })],
    ['a name that has no end', Buffer.concat([words(1, 2), words(1000, 6, 0, 1), Buffer.from('ab')])],
    ['a name outside the data', Buffer.concat([words(1, 2), words(1000, 6, 4000, 1), Buffer.from('a\0')])],
    ['a name of 2,000 bytes', rpmPackage('n'.repeat(2000), '1', '2')],
  ];
  for (const [what, bytes] of damaged) {
    it(`takes no package from ${what}`, () => assert.equal(readRpmHeader(bytes), undefined));
  }

  it('reads a header that stands in the middle of other memory', () => {
    const inside = Buffer.concat([Buffer.alloc(13, 1), whole, Buffer.alloc(9, 1)]).subarray(13, 13 + whole.length);
    assert.equal(readRpmHeader(inside)?.name, 'bash');
  });

  it('survives any change of any byte', () => {
    const changes = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(changes, (list) => {
        const bytes = Buffer.from(whole);
        for (const [at, byte] of list) bytes[at] = byte;
        const found = readRpmHeader(bytes);
        return found === undefined || (found.name.length > 0 && found.version.length > 1);
      }),
    );
  });
});
