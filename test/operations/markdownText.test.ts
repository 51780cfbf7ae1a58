import assert from 'node:assert/strict';
import { codeCell, codeSpan, sentenceCell } from '../../src/operations/markdownText.ts';

describe('codeSpan', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['/usr/bin/x', '`/usr/bin/x`'],
    ['', '—'],
    ['a`b', '`` a`b ``'],
    ['``', '``` `` ```'],
    ['[x](https://evil.test)', '`[x](https://evil.test)`'],
    ['a\nb', '`a⟨U+000A⟩b`'],
    ['\u202egnp', '`⟨U+202E⟩gnp`'],
    ['zero\u200bwidth', '`zero⟨U+200B⟩width`'],
    ['caf\udce9', '`caf⟨xE9⟩`'],
    ['\u001b[31m', '`⟨U+001B⟩[31m`'],
    [' x ', '`⟨U+0020⟩x⟨U+0020⟩`'],
    ['a|b', '`a|b`'],
    ['Größe/文', '`Größe/文`'],
  ];
  for (const [text, expected] of cases) {
    it(`236 shows ${JSON.stringify(text)} as ${expected}`, () => {
      assert.equal(codeSpan(text), expected);
    });
  }

  it('cuts long texts', () => {
    assert.equal(codeSpan('x'.repeat(500)), `\`${'x'.repeat(300)}…\``);
    assert.equal(codeSpan('xyz', 2), '`xy…`');
  });
});

describe('codeCell', () => {
  it('keeps a cell whole', () => {
    assert.equal(codeCell('curl x | sh'), '`curl x \\| sh`');
    assert.equal(codeCell('a\\|b'), '`a⟨U+005C⟩\\|b`');
    assert.equal(codeCell('a\\b'), '`a\\b`');
  });
});

describe('sentenceCell', () => {
  it('keeps words, makes code of quotes, and gives no mark a meaning', () => {
    assert.equal(sentenceCell('Run "apt-get clean" here.'), 'Run `apt-get clean` here.');
    assert.equal(
      sentenceCell('a *b* <i> [c](d) ![e](f) | #1 @me'),
      'a \\*b\\* \\<i\\> \\[c\\](d) \\!\\[e\\](f) \\| ⟨U+0023⟩1 ⟨U+0040⟩me',
    );
    assert.equal(
      sentenceCell('see https://evil.test and www.evil.test'),
      'see https\\://evil.test and www\\.evil.test',
    );
    assert.equal(sentenceCell('named "a\\"b|c" twice'), 'named `a\\"b\\|c` twice');
    assert.equal(sentenceCell('one\ntwo'), 'one two');
  });
});
