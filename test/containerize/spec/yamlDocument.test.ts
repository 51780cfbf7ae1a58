import assert from 'node:assert/strict';
import { parseYaml, type YamlPath } from '../../../src/containerize/spec/yamlDocument.ts';
import { SpecError, type SpecProblem } from '../../../src/errors.ts';

function problemsOf(text: string): readonly SpecProblem[] {
  try {
    parseYaml(text, 'gantry.yaml');
  } catch (error) {
    assert.ok(error instanceof SpecError);
    return error.problems;
  }
  return [];
}

const values: readonly (readonly [string, string, string])[] = [
  ['nothing', '', 'null'],
  ['a comment alone', '# nothing\n', 'null'],
  ['YAML 1.2, where yes and dates are texts', 'a: [yes, 2020-01-01, on]', '{"a":["yes","2020-01-01","on"]}'],
  ['numbers, of which none is octal by a zero', 'a: [0755, 0o17, 0x10, 1.10]', '{"a":[755,15,16,1.1]}'],
  ['an alias as what it stands for', 'a: &x {b: 1}\nc: *x', '{"a":{"b":1},"c":{"b":1}}'],
  ['the latest of two anchors of a name', 'a: &x 1\nb: &x 2\nc: *x', '{"a":1,"b":2,"c":2}'],
  ['<< as a key like any other', 'a: &x {b: 1}\nc:\n  <<: *x', '{"a":{"b":1},"c":{"<<":{"b":1}}}'],
  ['keys as texts', '1: a\ntrue: b\n~: c', '{"1":"a","true":"b","~":"c"}'],
  ['a byte order mark and CRLF', '\ufeffa: 1\r\nb: 2\r\n', '{"a":1,"b":2}'],
  ['YAML 1.1 asked for, read as 1.2', '%YAML 1.1\n---\na: yes', '{"a":"yes"}'],
];

const broken: readonly (readonly [string, string, string])[] = [
  ['a text without end', 'a: "b', '1:6 Missing closing "quote'],
  ['a tab as indentation', 'a:\n\t- b', '2:1 Tabs are not allowed as indentation'],
  ['a second document', 'a: 1\n---\nb: 2', '2:1 a second document starts here; a file holds one'],
  ['a name twice', 'a: 1\nb: 2\na: 3', '3:1 "a" stands here a second time'],
  ['a tag', 'a: !env HOME', '1:4 Unresolved tag: !env'],
  ['a tag of YAML 1.1', 'a: !!binary aGk=', '1:4 Unresolved tag: tag:yaml.org,2002:binary'],
  ['a list as a key', '[a, b]: c', '1:1 a key must be a plain text'],
  ['an alias of nothing', 'a: *x', '1:4 no anchor "x" stands before this alias'],
  ['an anchor after its alias', 'a: *x\nb: &x 1', '1:4 no anchor "x" stands before this alias'],
  ['what holds itself', 'a: &x [1, *x]', '1:11 the alias "x" stands in what it names'],
];

describe('parseYaml', () => {
  for (const [what, text, expected] of values) {
    it(`reads ${what}`, () => assert.equal(JSON.stringify(parseYaml(text, 'gantry.yaml').value), expected));
  }

  for (const [what, text, expected] of broken) {
    it(`refuses ${what}`, () => {
      const [first] = problemsOf(text);
      assert.equal(`${first?.line}:${first?.column} ${first?.text}`, expected);
    });
  }

  it('says everything that is wrong at once', () => {
    assert.deepEqual(
      problemsOf('a: 1\na: 2\nb: !x 1\nc: "').map(({ line }) => line),
      [3, 4],
    );
    assert.deepEqual(
      problemsOf('a: 1\na: 2\nb: *x').map(({ line }) => line),
      [2, 3],
    );
  });

  it('keeps prototypes as they are whatever the keys', () => {
    const { value } = parseYaml('__proto__: {polluted: 1}\nconstructor: {prototype: {polluted: 1}}', 'x.yaml');
    assert.equal(JSON.stringify(Object.keys(value as object)), '["__proto__","constructor"]');
    assert.equal(Object.getPrototypeOf(value), null);
    assert.equal('polluted' in {}, false);
  });

  const document = parseYaml(
    'a: 1.10\nb:\n  c: [x, "y z"]\n  d: |\n    text\ne:\nf: &q {g: 1}\nh: *q\n',
    'gantry.yaml',
  );
  const places: readonly (readonly [YamlPath, 'key' | 'value', string])[] = [
    [[], 'value', '1:1'],
    [['a'], 'key', '1:1'],
    [['a'], 'value', '1:4'],
    [['b', 'c', 1], 'value', '3:10'],
    [['b', 'd'], 'key', '4:3'],
    [['e'], 'value', '6:1'],
    [['b', 'none', 'deeper'], 'value', '3:3'],
    [['b', 'c', 7], 'value', '3:6'],
    [['h'], 'value', '8:4'],
    [['h', 'g'], 'value', '8:4'],
  ];
  for (const [path, part, expected] of places) {
    it(`finds the ${part} of ${JSON.stringify(path)}`, () => {
      const { line, column } = document.at(path, part);
      assert.equal(`${line}:${column}`, expected);
    });
  }

  it('gives scalars as they are written', () => {
    assert.equal(document.source(['a']), '1.10');
    assert.equal(document.source(['b', 'c', 1]), 'y z');
    assert.equal(document.source(['b', 'd']), 'text\n');
    assert.equal(document.source(['b']), undefined);
    assert.equal(document.source(['none']), undefined);
  });

  it('refuses texts that would be too much work, quickly', () => {
    const laugh = ['a: &a [x,x,x,x,x,x,x,x,x]'];
    for (let at = 1; at < 10; at += 1) {
      const [own, below] = ['abcdefghij'[at], 'abcdefghij'[at - 1]];
      laugh.push(`${own}: &${own} [${Array.from({ length: 9 }, () => `*${below}`).join(',')}]`);
    }
    assert.match(problemsOf(laugh.join('\n'))[0]?.text ?? '', /aliases stand for more than 10000 values/);
    assert.ok(problemsOf('['.repeat(50_000)).some(({ text }) => text === 'it is nested too deep'));
    assert.match(problemsOf(`${'['.repeat(101)}${']'.repeat(101)}`)[0]?.text ?? '', /deeper than 100 levels/);
    assert.match(problemsOf(`a: ${'x'.repeat(1 << 20)}`)[0]?.text ?? '', /more than 1048576 characters/);
    const keys = Array.from({ length: 40_000 }, (_, at) => `k${at}: 1`).join('\n');
    const start = performance.now();
    assert.deepEqual(problemsOf(keys), []);
    assert.ok(performance.now() - start < 5000, 'the time grows with the square of the keys');
  });

  it('says at most 100 problems', () => assert.equal(problemsOf('a: 1\n'.repeat(500)).length, 100));

  it('answers any bytes with a document or a SpecError', () => {
    const parts = [
      'a',
      ':',
      ' ',
      '\n',
      '- ',
      '? ',
      '{',
      '}',
      '[',
      ']',
      ',',
      '&a',
      '*a',
      '!!str',
      '"',
      "'",
      '|',
      '>',
      '#',
      '\t',
      '%',
      '---',
      '\0',
      '<<',
      '0x',
      '\ud800',
    ];
    let seed = 7;
    const next = (limit: number): number => (seed = (seed * 1103515245 + 12345) % 2147483648) % limit;
    for (let round = 0; round < 4000; round += 1) {
      const text = Array.from({ length: 1 + next(24) }, () => parts[next(parts.length)]).join('');
      for (const { line, column, text: said } of problemsOf(text)) {
        assert.ok(line >= 1 && column >= 1, JSON.stringify(text));
        assert.match(said, /^[\x20-\x7e…]+$/, JSON.stringify(text));
      }
    }
  });
});
