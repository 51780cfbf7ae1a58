import assert from 'node:assert/strict';
import fc from 'fast-check';
import { bytesOfText, cleanName, isLong, isOversize, textOf, textOfLatin } from '../../src/archive/tarNames.ts';

const settings = { numRuns: 2000, seed: 20_261_309 };
/** Bytes that are nearly UTF-8. */
const bytes = fc
  .array(
    fc.oneof(
      fc.uint8Array({ maxLength: 4 }),
      fc.string({ unit: 'binary', maxLength: 3 }).map((text) => Buffer.from(text)),
    ),
  )
  .map((parts) => Buffer.concat(parts));

describe('textOf', () => {
  const texts = [
    ['plain', 'plain'],
    ['n\xc3\xa4me \xf0\x9f\x93\xa6', 'näme 📦'],
    ['\xff', '\udcff'],
    ['a\x80b\xc3\xa4', 'a\udc80bä'],
    ['\xc3', '\udcc3'],
    ['\xc0\x80', '\udcc0\udc80'],
    ['\xe0\x80\x80\xed\xa0\x80', '\udce0\udc80\udc80\udced\udca0\udc80'],
    ['\xf4\x90\x80\x80\xf5', '\udcf4\udc90\udc80\udc80\udcf5'],
    ['\xef\xbb\xbfbom', '\ufeffbom'],
    ['\xf0\x9f\x93\xa6\xff', '📦\udcff'],
  ] as const;
  for (const [latin, text] of texts) {
    it(`188: makes ${JSON.stringify(text)} of its bytes, and those of it again`, () => {
      assert.equal(textOfLatin(latin), text);
      assert.equal(bytesOfText(text).toString('latin1'), latin);
    });
  }

  it('188: loses no byte and makes no two names one', () => {
    fc.assert(
      fc.property(bytes, (name) => assert.deepEqual(bytesOfText(textOf(name)), name)),
      settings,
    );
  });

  it('188: is plain UTF-8 where the bytes are that', () => {
    const text = fc.string({ unit: 'binary' }).filter((each) => each.isWellFormed());
    fc.assert(
      fc.property(text, (each) => assert.equal(textOf(Buffer.from(each)), each)),
      settings,
    );
  });
});

describe('cleanName', () => {
  const names = [
    ['a/b', 'a/b', false],
    ['./a', 'a', false],
    ['/a//b/./c/', 'a/b/c', false],
    ['', '', false],
    ['/', '', false],
    ['.', '', false],
    ['a/..', '', false],
    ['a/../b', 'b', false],
    ['../../x', 'x', true],
    ['a/../../b', 'b', true],
    ['..', '', true],
    ['..a/...', '..a/...', false],
    ['C:\\w', 'C:\\w', false],
    ['\\\\srv\\s', '\\\\srv\\s', false],
    ['a\\..\\b', 'a\\..\\b', false],
  ] as const;
  for (const [name, path, leaves] of names) {
    it(`165: puts ${JSON.stringify(name)} at ${JSON.stringify(path)}`, () => {
      assert.deepEqual(cleanName(name), { path, leaves });
    });
  }

  it('165: never leaves the root, and changes nothing that is clean', () => {
    const parts = fc.array(fc.constantFrom('', '.', '..', 'a', '...', '\\', '..\\'), { maxLength: 12 });
    const property = fc.property(parts, (names) => {
      const { path } = cleanName(names.join('/'));
      assert.ok(
        path.split('/').every((each) => !['.', '..'].includes(each) && (each !== '' || path === '')),
        path,
      );
      assert.deepEqual(cleanName(path), { path, leaves: false });
    });
    fc.assert(property, settings);
  });
});

describe('isOversize', () => {
  it('188: counts bytes and names', () => {
    assert.equal(isOversize('a'.repeat(4096)), false);
    assert.equal(isOversize('a'.repeat(4097)), true);
    assert.equal(isLong('ä'.repeat(2048)), false);
    assert.equal(isLong('ä'.repeat(2049)), true);
    assert.equal(isLong('\udcff'.repeat(4096)), false);
    assert.equal(isOversize(Array(255).fill('a').join('/')), false);
    assert.equal(isOversize(Array(256).fill('a').join('/')), true);
  });
});
