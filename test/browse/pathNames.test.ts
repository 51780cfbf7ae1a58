import assert from 'node:assert/strict';
import fc from 'fast-check';
import { nameOfVisible, visibleName } from '../../src/browse/pathNames.ts';

describe('visibleName', () => {
  const names: readonly (readonly [string, string])[] = [
    ['passwd', 'passwd'],
    ['Zürich 日本 🐳', 'Zürich 日本 🐳'],
    ['caf\udce9', 'caf⟨E9⟩'],
    ['\udc80\udcff', '⟨80⟩⟨FF⟩'],
    ['gpj.\u202eexe', 'gpj.⟨U+202E⟩exe'],
    ['a\nb\u001b[31m', 'a⟨U+000A⟩b⟨U+001B⟩[31m'],
    ['⟨E9⟩', '⟨U+27E8⟩E9⟩'],
    ['\ud800', '⟨U+D800⟩'],
    ['%2e%2e', '%2e%2e'],
    ['tag\u{e0041}', 'tag⟨U+E0041⟩'],
  ];
  for (const [name, text] of names) {
    it(`188 shows ${JSON.stringify(name)} as ${text}, and back`, () => {
      assert.equal(visibleName(name), text);
      assert.equal(nameOfVisible(text), name);
      assert.ok(text.isWellFormed());
    });
  }

  it('188 makes of every name another text that leads back to it', () => {
    const units = fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 12 });
    fc.assert(
      fc.property(units, (codes) => {
        const name = String.fromCharCode(...codes);
        const text = visibleName(name);
        assert.equal(nameOfVisible(text), name);
        assert.ok(text.isWellFormed());
        assert.doesNotMatch(text, /[\p{Cc}\p{Cf}]/u);
      }),
    );
  });
});

describe('nameOfVisible', () => {
  for (const text of [
    '⟨',
    '⟨41⟩',
    '⟨U+0041⟩',
    '⟨U+DC80⟩',
    '⟨e9⟩',
    '⟨U+27e8⟩',
    '\u202e',
    '\ud800',
    '⟨U+FFFFFF⟩',
    '⟨7F⟩',
  ]) {
    it(`216 knows no name that is spelled ${JSON.stringify(text)}`, () => assert.equal(nameOfVisible(text), undefined));
  }
});
