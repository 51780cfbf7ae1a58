import assert from 'node:assert/strict';
import { expandWord, expandWords } from '../../../src/containerize/dockerfile/expand.ts';

const values: Readonly<Record<string, string>> = {
  A: 'x',
  HOME: '/root',
  EMPTY: '',
  PATH: '/bin:/usr/bin',
  FILE: 'dir/sub/name.tar.gz',
  GRÜN: 'grün',
  STAR: 'a*b',
  SPACED: ' p  q ',
  LINES: 'one\ntwo',
};
const variable = (name: string): string | undefined => (Object.hasOwn(values, name) ? values[name] : undefined);

describe('expandWord', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['', ''],
    ['plain', 'plain'],
    ['$A', 'x'],
    ['${A}', 'x'],
    ['$A$A', 'xx'],
    ['-$A-', '-x-'],
    ['$AB', ''],
    ['${A}B', 'xB'],
    ['$A.B', 'x.B'],
    ['$A_B', ''],
    ['$GRÜN', 'grün'],
    ['$UNSET', ''],
    ['${UNSET}', ''],
    ['$', '$'],
    ['$.', '$.'],
    ['a$', 'a$'],
    ['$1x', 'x'],
    ['$12x', 'x'],
    ['$$A', 'A'],
    ['$*-$@-$#', '--'],
    ['\\$A', '$A'],
    ['\\\\$A', '\\x'],
    ['\\n', 'n'],
    ['a\\', 'a'],
    ['a\\\\', 'a\\'],
    ['"$A b"', 'x b'],
    ["'$A b'", '$A b'],
    ['"\'$A\'"', "'x'"],
    ['\'"$A"\'', '"$A"'],
    ['"a\\n"', 'a\\n'],
    ['"a\\"b"', 'a"b'],
    ['"\\$A"', '$A'],
    ['"\\\\$A"', '\\x'],
    ["'a\\'", 'a\\'],
    ['a"b"c\'d\'', 'abcd'],
    ['${UNSET:-d}', 'd'],
    ['${EMPTY:-d}', 'd'],
    ['${A:-d}', 'x'],
    ['${UNSET-d}', 'd'],
    ['${EMPTY-d}', ''],
    ['${UNSET:-$A}', 'x'],
    ['${UNSET:-${ALSO:-${A}}}', 'x'],
    ['${UNSET:-a b}', 'a b'],
    ['${UNSET:-"a}b"}', 'a}b'],
    ['${UNSET:-a\\}b}', 'a}b'],
    ['${UNSET:-}', ''],
    ['${A:+s}', 's'],
    ['${EMPTY:+s}', ''],
    ['${EMPTY+s}', 's'],
    ['${UNSET+s}', ''],
    ['${A:?no}', 'x'],
    ['${EMPTY?no}', ''],
    ['${FILE#*/}', 'sub/name.tar.gz'],
    ['${FILE##*/}', 'name.tar.gz'],
    ['${FILE%.*}', 'dir/sub/name.tar'],
    ['${FILE%%.*}', 'dir/sub/name'],
    ['${FILE#x}', 'dir/sub/name.tar.gz'],
    ['${FILE#dir/}', 'sub/name.tar.gz'],
    ['${FILE#d?r}', '/sub/name.tar.gz'],
    ['${FILE#[dir]}', 'dir/sub/name.tar.gz'],
    ['${STAR#a\\*}', 'b'],
    ['${STAR%\\*b}', 'a'],
    ['${UNSET#x}', ''],
    ['${FILE/sub/new}', 'dir/new/name.tar.gz'],
    ['${PATH//bin/B}', '/B:/usr/B'],
    ['${PATH/bin/B}', '/B:/usr/bin'],
    ['${PATH//\\//-}', '-bin:-usr-bin'],
    ['${FILE/.*/}', 'dir/sub/name'],
    ['${FILE//[/}', 'dir/sub/name.tar.gz'],
    ['${A/x/$HOME}', '/root'],
    ['${LINES#*o}', 'ne\ntwo'],
    ['${LINES/*/z}', 'z\ntwo'],
    ['a}b', 'a}b'],
    ['{A}', '{A}'],
    ['a b', 'a b'],
    ['grün 🎉 $A', 'grün 🎉 x'],
  ];
  for (const [text, expected] of cases) {
    it(`makes ${JSON.stringify(expected)} of ${text}`, () => {
      assert.equal(expandWord(text, { variable, escape: '\\' }), expected);
    });
  }

  const wrong: readonly (readonly [string, RegExp])[] = [
    ["'a", /a ' has no other/],
    ['"a', /a " has no other/],
    ['${A', /the } of a/],
    ['${', /the } of a/],
    ['${}', /no variable/],
    ['${:-x}', /no variable/],
    ['${{A}}', /no variable/],
    ['${A:-x', /the } of a/],
    ['${A=x}', /"=" behind \$\{A/],
    ['${A:=x}', /":=" behind/],
    ['${A:x}', /":x" behind/],
    ['${A:#x}', /":#" behind/],
    ['${A:%x}', /":%" behind/],
    ['${A/x}', /the \/ of a/],
    ['${A/x/y', /the } of a/],
    ['${UNSET:?}', /UNSET must have a value: it is not set/],
    ['${EMPTY:?}', /EMPTY must have a value: it is empty/],
    ['${UNSET?give it}', /UNSET must have a value: "give it"/],
    ['${A#a\\b}', /no pattern/],
  ];
  for (const [text, message] of wrong) {
    it(`refuses ${text}`, () => {
      assert.throws(() => expandWord(text, { variable, escape: '\\' }), { code: 'invalid-spec', message });
    });
  }

  it('takes another escape character', () => {
    assert.equal(expandWord('C:\\dir\\`$A', { variable, escape: '`' }), 'C:\\dir\\$A');
  });

  it('leaves quotes of a document alone', () => {
    assert.equal(expandWord('"$A" \'$A\' \\$A\n', { variable, escape: '\\', quotes: 'plain' }), '"x" \'x\' $A\n');
  });

  it('gives up soon on hostile texts', () => {
    const long = 'a'.repeat(200_000);
    const hostile = [
      '${A:-'.repeat(100_000),
      `\${L##${'*a'.repeat(500)}b}`,
      `\${L//${'*a'.repeat(500)}b/}`,
      '$L'.repeat(100),
    ];
    for (const text of hostile) {
      const began = performance.now();
      const get = (name: string): string | undefined => (name === 'L' ? long : undefined);
      assert.throws(() => expandWord(text, { variable: get, escape: '\\' }), { code: 'invalid-spec' });
      assert.ok(performance.now() - began < 3000, text.slice(0, 20));
    }
  });
});

describe('expandWords', () => {
  const cases: readonly (readonly [string, readonly string[]])[] = [
    ['a b', ['a', 'b']],
    ['  a\tb  ', ['a', 'b']],
    ['"a b" c', ['a b', 'c']],
    ['a\\ b c', ['a b', 'c']],
    ['$SPACED', ['p', 'q']],
    ['x${SPACED}y', ['x', 'p', 'q', 'y']],
    ['"$SPACED"', [' p  q ']],
    ["''", []],
    ['$UNSET', []],
  ];
  for (const [text, expected] of cases) {
    it(`splits ${text}`, () => assert.deepEqual(expandWords(text, { variable, escape: '\\' }), expected));
  }
});
