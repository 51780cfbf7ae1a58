import assert from 'node:assert/strict';
import { isProbablyText } from '../../src/operations/textContent.ts';

describe('isProbablyText', () => {
  const texts: readonly (readonly [string, Buffer, boolean])[] = [
    ['nothing', Buffer.alloc(0), true],
    ['ASCII', Buffer.from('#!/bin/sh\n'), true],
    ['UTF-8', Buffer.from('Grüße 😀'), true],
    ['UTF-8 with a byte order mark', Buffer.from('\ufeffa'), true],
    ['UTF-8 that is cut off inside a character', Buffer.from('a😀').subarray(0, 3), true],
    ['UTF-16 with a byte order mark', Buffer.from('\ufeffa', 'utf16le'), true],
    ['UTF-16, big-endian', Buffer.from('\ufeffa', 'utf16le').swap16(), true],
    ['UTF-16 without a byte order mark', Buffer.from('ab', 'utf16le'), false],
    ['a program', Buffer.from('\x7fELF\x02\x01\x01\x00', 'latin1'), false],
    ['Latin-1', Buffer.from('Gr\xfc\xdfe', 'latin1'), false],
    ['a wrong byte', Buffer.from([0x61, 0x80, 0x61]), false],
  ];
  for (const [what, bytes, expected] of texts) {
    it(`says ${expected ? 'yes' : 'no'} to ${what}`, () => assert.equal(isProbablyText(bytes), expected));
  }
});
