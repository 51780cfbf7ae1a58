import assert from 'node:assert/strict';
import { dockerignoreFilter, parseDockerignore } from '../../../src/containerize/ignore/dockerignore.ts';

/** Rules, what moby's patternmatcher 0.5 (as BuildKit asks it) says they exclude, and what not: the answers of the original. */
const answers: readonly (readonly [string, readonly string[], readonly string[]])[] = [
  ['foo', ['foo', 'foo/bar'], ['bar/foo', 'foobar']],
  ['/foo', ['foo'], ['a/foo']],
  ['foo/', ['foo', 'foo/a'], []],
  ['./foo//bar/../baz', ['foo/baz'], ['foo/bar']],
  ['*', ['a', 'a/b', '.env'], []],
  ['*\n!src', ['a', 'a/src'], ['src', 'src/a/b']],
  ['*\n!src/**/*.ts', ['src', 'src/a.js'], ['src/a.ts', 'src/x/y/a.ts']],
  ['*.md', ['a.md', 'a.md/b'], ['b/a.md', 'amd']],
  ['**/*.md', ['a.md', 'b/c/a.md', 'a.md/b'], []],
  ['**/foo', ['foo', 'a/foo', 'a/foo/b'], ['xfoo']],
  ['**foo', ['foo', 'xfoo', 'a/xfoo'], ['foox']],
  ['**', ['a', 'a/b'], []],
  ['foo/**', ['foo/a', 'foo/a/b'], ['foo']],
  ['foo**', ['foo', 'foobar', 'foo/a'], []],
  ['a/**/b', ['a/b', 'a/x/b', 'a/x/y/b'], ['ab', 'a/xb']],
  ['a**b', ['ab', 'a/b', 'ax/b'], ['axb']],
  ['*/*.tmp', ['x/a.tmp'], ['a.tmp', 'x/y/a.tmp']],
  ['?.log', ['a.log', 'ü.log', '😀.log'], ['ab.log', '.log']],
  ['[a-c]x', ['ax'], ['dx', 'a/x']],
  ['[^a-c]x', ['dx', '/x'], ['ax']],
  ['[!a]x', ['!x', 'ax'], ['bx']],
  ['[\\]a]', [']', 'a'], ['b']],
  ['[[:alpha:]]1', ['a1'], ['11', ':1']],
  ['a\\*b', ['a*b'], ['axb']],
  ['\\d', ['1'], ['d']],
  ['a+b', ['a+b'], ['aab']],
  ['a+b*', ['a+bc'], ['aabc']],
  ['a|b', ['a|b'], ['a']],
  ['a|b*', ['a', 'ax/y', 'zb'], ['c']],
  ['*.{js,ts}', ['a.{js,ts}'], ['a.js']],
  ['a$', ['a$'], ['a']],
  ['^a', ['^a'], ['a']],
  ['Foo', ['Foo'], ['foo']],
  ['foo\n!foo/bar', ['foo', 'foo/baz'], ['foo/bar', 'foo/bar/x']],
  ['!foo/bar\nfoo', ['foo/bar'], []],
  ['foo\n!foo/bar\nfoo/bar/x', ['foo/bar/x'], ['foo/bar/y']],
  ['a\n!a/b\n*/b', ['a/b', 'a/b/c', 'z/b'], []],
  ['a/b\n!a/b/c\n*/b', ['a/b', 'a/b/d'], ['a/b/c']],
  ['# foo\n#bar', [], ['# foo', '#bar']],
  [' # foo', ['# foo'], []],
  ['  foo  \r\nbar\r', ['foo', 'bar'], []],
  ['!  foo\n*', ['foo'], []],
  ['*\n! foo ', ['a'], ['foo']],
  ['*\n!/foo/', [], ['foo', 'foo/a']],
  ['\uFEFFfoo', ['foo'], ['\uFEFFfoo']],
  ['a b', ['a b'], ['a']],
  ['..', ['..'], ['a']],
  ['../x', [], ['x']],
  ['.', [], ['a']],
  ['/', [], ['a']],
  ['foo/../..', [], ['a']],
  ['*\n!..\n!a', ['b'], ['a']],
  ['.*', ['.env'], ['a/.env', 'a']],
  ['**/.*', ['.env', 'a/.env', 'a/.git/x'], ['a.b']],
  ['node_modules\n!node_modules/keep', ['node_modules/x'], ['node_modules/keep/y']],
  ['*\n!**/package.json', ['a'], ['package.json', 'a/package.json', 'a/b/package.json/c']],
  ['**/node_modules/**\n!**/node_modules/x/**', ['node_modules/y/z', 'a/node_modules/x'], ['a/node_modules/x/y']],
  ['a\nb*', ['a', 'bc'], ['a\nb']],
  ['a**', ['a\nb/c'], []],
  ['*b', ['a\nb'], []],
  ['**/b/*c', [], ['a\nx/b/c']],
];

const excluded = (text: string, path: string): boolean =>
  !dockerignoreFilter(parseDockerignore(text)).keeps(path, false);

describe('dockerignoreFilter', () => {
  for (const [text, out, kept] of answers) {
    it(`reads ${JSON.stringify(text)} as BuildKit does`, () => {
      assert.deepEqual(
        [...out, ...kept].filter((path) => excluded(text, path)),
        out,
      );
    });
  }

  const entered: readonly (readonly [string, string, boolean])[] = [
    ['node_modules', 'node_modules', false],
    ['node_modules\n!src/x', 'node_modules', false],
    ['node_modules\n!node_modules/x', 'node_modules', true],
    ['node_modules\n!node_modules/x/y', 'node_modules/x', true],
    ['node_modules\n!node_modules/x/y', 'node_modules/z', false],
    ['node_modules\n!**/*.md', 'node_modules', true],
    ['!**/*.md\nnode_modules', 'node_modules', false],
    ['*\n!src/*.ts', 'src', true],
    ['*\n!src/*.ts', 'lib', false],
    ['*\n!src/*.ts', 'src/deep', false],
    ['*\n!s?c/a', 'soc', true],
    ['*\n!s?c/a', 'sooc', false],
    ['*\n!src/**', 'src/a', false],
    ['*\n!src**', 'srcs', false],
    ['a\n!a\na/b\n!a/b/c', 'a/b', true],
    ['*\n![ab]/x', 'b', true],
    ['*\n![ab]/x', 'c', false],
  ];
  for (const [text, folder, expected] of entered) {
    it(`${expected ? 'enters' : 'does not enter'} ${folder} for ${JSON.stringify(text)}`, () => {
      const filter = dockerignoreFilter(parseDockerignore(text));
      const isKept = filter.keeps(folder, true);
      assert.equal(!isKept && filter.enters(folder), expected);
    });
  }

  it('gives the same answers in whatever order it is asked, also of more folders than it remembers', () => {
    const text = '*\n!d1*/a\nd10/a/b';
    const paths = Array.from({ length: 700 }, (_, at) => [`d${at}`, `d${at}/a`, `d${at}/a/b`, `d${at}/c`]).flat();
    const asked = (list: readonly string[]): ReadonlyMap<string, boolean> => {
      const filter = dockerignoreFilter(parseDockerignore(text));
      return new Map(list.map((path) => [path, filter.keeps(path, true)]));
    };
    const [forwards, backwards] = [asked(paths), asked(paths.toReversed())];
    for (const path of paths) assert.equal(forwards.get(path), backwards.get(path), path);
    assert.deepEqual(
      ['d1/a', 'd10/a/b', 'd11/a/b', 'd2/a', 'd199/a'].map((path) => forwards.get(path)),
      [true, false, true, false, true],
    );
  });
});

describe('parseDockerignore', () => {
  // The original refuses each of these; counts in { } are refused here alone.
  const refused: readonly (readonly [string, number, RegExp])[] = [
    ['a\n[', 2, /a \] is missing/],
    ['[]a]', 1, /a \] in \[ \] needs a \\ before it/],
    ['[a-]', 1, /needs a \\ before it/],
    ['a\\', 1, /nothing follows the last \\/],
    ['build\\output', 1, /there is no escape \\o\. Folders are divided by \/, not \\/],
    ['!', 1, /nothing follows the !/],
    ['#\n\n!/', 3, /nothing follows the !/],
    ['a[z-a]', 1, /the wrong way round/],
    ['*[a', 1, /a \] is missing/],
    ['[[:foo:]]', 1, /there is no class \[:foo:\]/],
    ['a{2}*', 1, /would be a count/],
  ];
  for (const [text, line, message] of refused) {
    it(`names the line of what cannot be read: ${JSON.stringify(text)}`, () => {
      assert.throws(() => parseDockerignore(text), { code: 'invalid-spec', message });
      assert.throws(
        () => parseDockerignore(text, 'x.dockerignore'),
        (error) => {
          assert.ok(error instanceof Error && 'problems' in error && Array.isArray(error.problems));
          assert.equal(error.message.startsWith(`"x.dockerignore", line ${line}: `), true, error.message);
          assert.deepEqual(
            error.problems.map(({ file, line: at }: { file: string; line: number }) => [file, at]),
            [['x.dockerignore', line]],
          );
          return true;
        },
      );
    });
  }

  it('refuses what is too large, too long or too many', () => {
    assert.throws(() => parseDockerignore('#'.repeat((1 << 20) + 1)), {
      code: 'too-large',
      message: /larger than 1 MiB/,
    });
    assert.throws(() => parseDockerignore('a'.repeat(1025)), { code: 'invalid-spec', message: /longer than 1024/ });
    const many = Array.from({ length: 10_000 }, (_, at) => `a${at}`).join('\n');
    assert.equal(parseDockerignore(many).rules.length, 10_000);
    assert.throws(() => parseDockerignore(`${many}\nb`), {
      code: 'invalid-spec',
      message: /line 10001: .*10000 rules/,
    });
    assert.throws(() => parseDockerignore('*a*\n'.repeat(10_001)), {
      code: 'invalid-spec',
      message: /20000 wildcards/,
    });
  });

  it('takes any bytes without a crash', () => {
    let seed = 7;
    const next = (below: number): number => {
      seed = (seed * 48_271) % 0x7fffffff;
      return seed % below;
    };
    const parts = [
      '[',
      ']',
      '\\',
      '*',
      '**',
      '/',
      '!',
      '^',
      '-',
      ':',
      '[:',
      ':]',
      '{',
      '}',
      '|',
      '\u0000',
      '\ud83d',
      'a',
      '\n',
      'x{',
      '8',
    ];
    let read = 0;
    for (let round = 0; round < 3000; round++) {
      const text = Array.from({ length: 1 + next(12) }, () => parts[next(parts.length)]).join('');
      try {
        const filter = dockerignoreFilter(parseDockerignore(text));
        filter.keeps('a/b/8', false);
        filter.enters('a');
        read++;
      } catch (error) {
        assert.equal(error instanceof Error && 'code' in error && error.code, 'invalid-spec', text);
      }
    }
    assert.ok(read > 500);
  });

  it('matches hostile patterns in a time that grows with their length alone', () => {
    const name = 'a'.repeat(250);
    const path = Array.from({ length: 16 }, () => name).join('/');
    for (const pattern of [
      '*a'.repeat(500),
      '**/a'.repeat(200) + 'b',
      '*?'.repeat(300) + 'b',
      '[a-b]*'.repeat(150) + 'c',
    ]) {
      const began = performance.now();
      const filter = dockerignoreFilter(parseDockerignore(`${pattern}\n!${pattern}`));
      assert.equal(typeof filter.keeps(path, false), 'boolean');
      filter.enters(path);
      assert.ok(performance.now() - began < 5000, pattern.slice(0, 20));
    }
  });
});
