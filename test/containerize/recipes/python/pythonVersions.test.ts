import assert from 'node:assert/strict';
import { minorFor, pinnedMinor } from '../../../../src/containerize/recipes/python/pythonVersions.ts';
import {
  isPlainRequirement,
  parseRequirement,
  requirementsOf,
} from '../../../../src/containerize/recipes/python/requirementNames.ts';

describe('minorFor', () => {
  const cases: readonly (readonly [range: string, minor: number])[] = [
    ['', 13],
    ['>=3.9', 13],
    ['>=3.9,<3.13', 12],
    ['>=3.9,<3.12.5', 12],
    ['>= 3.9 , < 3.12', 11],
    ['~=3.10', 13],
    ['~=3.10.2', 10],
    ['==3.11.*', 11],
    ['==3.11.4', 11],
    ['>=3.9,!=3.13.*', 12],
    ['>=3.9,!=3.13.1', 13],
    ['>3.13', 14],
    ['>=3.14', 14],
    ['<=3.12', 12],
    ['^3.10', 13],
    ['~3.11', 11],
    ['3.12.*', 12],
    ['^3.8 || ^2.7', 13],
    ['<4', 13],
    ['>=3', 13],
    ['>=2.7', 13],
    ['<3', 13],
    ['what', 13],
    [`>=3,${'<3.12,'.repeat(10_000)}`, 13],
    ['<'.repeat(100_000), 13],
  ];
  for (const [range, minor] of cases) {
    it(`${range.slice(0, 30)} is 3.${minor}`, () => assert.equal(minorFor(range), minor));
  }
});

describe('pinnedMinor', () => {
  const cases: readonly (readonly [text: string | undefined, minor: number | undefined])[] = [
    ['3.12\n', 12],
    ['3.12.4', 12],
    ['cpython-3.11', 11],
    ['python-3.11.4', 11],
    ['pypy3.10', undefined],
    ['2.7', undefined],
    [undefined, undefined],
    ['x'.repeat(100_000), undefined],
  ];
  for (const [text, minor] of cases) it(String(text).slice(0, 20), () => assert.equal(pinnedMinor(text), minor));
});

describe('parseRequirement', () => {
  const cases: readonly (readonly [
    text: string,
    name: string | undefined,
    extras?: readonly string[],
    forExtra?: string,
  ])[] = [
    ['a', 'a'],
    ['Typing_Extensions>=4', 'typing-extensions'],
    ['a.b--c (>=1)', 'a-b-c'],
    ['a[x, Y_z] ~= 1', 'a', ['x', 'y-z']],
    ['a; python_version < "3"', 'a'],
    [`a>=1; extra == 'more' and os_name == "x"`, 'a', [], 'more'],
    ['a @ https://example.com/a.whl', 'a'],
    ['-r other.txt', undefined],
    ['--evil', undefined],
    ['./a', undefined],
    ['https://example.com/a.whl', undefined],
    ['git+https://example.com/a', undefined],
    ['a b', undefined],
    ['', undefined],
    ['a['.repeat(50_000), undefined],
  ];
  for (const [text, name, extras = [], forExtra] of cases) {
    it(JSON.stringify(text.slice(0, 40)), () => {
      const found = parseRequirement(text);
      assert.equal(found?.name, name);
      if (found !== undefined) assert.deepEqual([found.extras, found.forExtra], [extras, forExtra]);
    });
  }

  it('gives pip no addresses, options and lines', () => {
    assert.deepEqual(['a>=1', 'a @ file:///x', '-r x', 'a\n-r x', './a'].filter(isPlainRequirement), ['a>=1']);
  });
});

describe('requirementsOf', () => {
  it('reads names, comments, hashes and lines that go on', () => {
    const text = '# x\n--index-url https://example.com\na==1 \\\n  --hash=sha256:00 # y\n\r\nB[c]>=2\r\n';
    assert.deepEqual(
      requirementsOf(text)?.map(({ name }) => name),
      ['a', 'b'],
    );
  });

  it('does not know what other files and addresses name', () => {
    for (const text of ['a\n-r x.txt', '-e .', './a.whl', '--constraint x'])
      assert.equal(requirementsOf(text), undefined);
  });
});
