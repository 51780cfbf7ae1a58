import assert from 'node:assert/strict';
import { formatAge, formatBytes, formatMode, messageText, visibleText } from '../../src/browse/text.ts';

describe('visibleText', () => {
  const table: readonly (readonly [string, string, string])[] = [
    ['236: bidi override', 'a\u202egpj', 'a⟨U+202E⟩gpj'],
    ['236: zero-width', 'ad\u200bmin', 'ad⟨U+200B⟩min'],
    ['236: isolates and marks', '\u2066x\u2069\u061c', '⟨U+2066⟩x⟨U+2069⟩⟨U+061C⟩'],
    ['235: terminal sequence', '\u001b[31mred\u0007', '⟨U+001B⟩[31mred⟨U+0007⟩'],
    ['235: line ends and tabs', 'a\r\nb\tc', 'a b c'],
    ['235: line separator', 'a\u2028b', 'a⟨U+2028⟩b'],
    ['a tag character', 'x\u{e0041}', 'x⟨U+E0041⟩'],
    ['a lone surrogate', 'x\ud800', 'x⟨U+D800⟩'],
    ['letters of other scripts', 'Größe 日本 é 👍', 'Größe 日本 é 👍'],
  ];
  for (const [what, text, shown] of table) it(`shows ${what}`, () => assert.equal(visibleText(text), shown));

  it('cuts what is long', () => {
    assert.equal(visibleText('x'.repeat(400)).length, 300);
    assert.equal(visibleText('abcdef', 4), 'abc…');
    assert.equal(visibleText('\u0000'.repeat(10_000_000), 10).length, 10);
  });
});

describe('messageText', () => {
  it('228: leaves no link that the workbench would make clickable', () => {
    // The pattern of VS Code's linkedText.ts.
    const link = /\[([^\]]+)\]\(((?:https?:\/\/|command:|file:)[^)\s]+)(?: (["'])(.+?)(\3))?\)/i;
    for (const text of [
      '[Sign in again](command:workbench.action.terminal.new)',
      '[x]((command:a)',
      '[a](file:///etc/passwd)',
      '[a](https://evil.example "title")',
      '[a]\u0000(command:x)',
      ']'.repeat(20) + '(command:x)[y](command:z)',
    ]) {
      assert.doesNotMatch(messageText(text), link, text);
    }
    assert.match('[Sign in again](command:workbench.action.terminal.new)', link);
  });

  it('caps a message at 300 characters', () => assert.ok(messageText('[a](b)'.repeat(500)).length <= 360));
});

describe('formatBytes', () => {
  const table: readonly (readonly [number, string])[] = [
    [0, '0 B'],
    [812, '812 B'],
    [1023, '1023 B'],
    [1024, '1.0 KiB'],
    [32_873_062, '31.4 MiB'],
    [851_443_712, '812 MiB'],
    [1_073_741_824, '1.0 GiB'],
    [1_048_575, '1.0 MiB'],
  ];
  for (const [bytes, text] of table) it(`writes ${bytes} as ${text}`, () => assert.equal(formatBytes(bytes), text));
});

describe('formatAge', () => {
  const now = Date.parse('2026-01-31T12:00:00Z');
  const table: readonly (readonly [string | undefined, string | undefined])[] = [
    ['2026-01-31T11:59:30Z', 'just now'],
    ['2026-01-31T09:00:00Z', '3 h'],
    ['2026-01-28T12:00:00Z', '3 d'],
    ['2025-11-01T00:00:00Z', '3 mo'],
    ['2020-01-01T00:00:00Z', '6 y'],
    ['1970-01-01T00:00:00Z', undefined],
    ['2027-01-01T00:00:00Z', undefined],
    ['yesterday', undefined],
    [undefined, undefined],
  ];
  for (const [created, text] of table) {
    it(`says ${String(text)} of ${String(created)}`, () => assert.equal(formatAge(created, now), text));
  }
});

describe('formatMode', () => {
  const modes: readonly (readonly [number, string])[] = [
    [0o755, 'rwxr-xr-x'],
    [0o644, 'rw-r--r--'],
    [0, '---------'],
    [0o4755, 'rwsr-xr-x'],
    [0o4644, 'rwSr--r--'],
    [0o2755, 'rwxr-sr-x'],
    [0o2700, 'rwx--S---'],
    [0o1777, 'rwxrwxrwt'],
    [0o1770, 'rwxrwx--T'],
    [0o7777, 'rwsrwsrwt'],
  ];
  for (const [mode, text] of modes) {
    it(`says ${text} of 0${mode.toString(8)}`, () => assert.equal(formatMode(mode), text));
  }
});
