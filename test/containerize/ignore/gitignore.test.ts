import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { type GitignoreFile, GitRules } from '../../../src/containerize/ignore/gitignore.ts';
import { newTempDir, removeTempDir } from '../../support/tempDir.ts';
import { needs } from '../../support/tools.ts';

const names = ['a', 'b', 'foo', 'a.b', 'ab', 'ü', '.x', 'a b', '#c', '!d', 'x]', 'b-c', 'B'];
const rules = [
  ...[
    'a',
    'a/',
    '/a',
    '!a',
    '!a/',
    '!/a',
    'a/b',
    'a/*',
    '!a/b',
    '*',
    '!*',
    '*/',
    '!*/',
    '**',
    '**/a',
    'a/**',
    'a/**/b',
  ],
  ...[
    'a**',
    'a**/b',
    '**b',
    '*.b',
    '!*.b',
    '[ab]',
    '[!a]',
    '[^a]*',
    '[a-c]?',
    '?',
    '??',
    '???',
    '\\#c',
    '\\!d',
    '#c',
    '!d',
  ],
  ...[
    'a\\ b',
    'a b',
    'a ',
    'a\\ ',
    '[[:alpha:]]',
    '[[:upper:]]',
    'x]',
    '[]x]*',
    'x[]]',
    '[',
    'a[',
    '\\',
    'a\\',
    '//a',
    '/',
    'foo/',
  ],
  ...[
    '/*',
    '!/foo',
    'foo/*',
    '!foo/a',
    '***',
    '*a*b',
    '**/**/b',
    'b-c',
    '[b-]*',
    '[a-',
    '\\a',
    'ü',
    '[ü]',
    '\t',
    'a\t',
    'a\r',
    '!',
  ],
  ...[
    '*/a',
    '*/*/a',
    'foo/**/a/',
    '**/foo/*',
    '!**/b',
    'a.b',
    '.*',
    '[.]x',
    '?x',
    '[[:foo:]]',
    '[[:alpha:]-]',
    'B',
    '**\\/a',
  ],
];

/** A generator of numbers that is the same on every machine. */
function numbers(start: number): (below: number) => number {
  let seed = start;
  return (below) => {
    seed = (seed * 48_271) % 0x7fffffff;
    return seed % below;
  };
}

function pick<T>(list: readonly T[], next: (below: number) => number, fallback: T): T {
  return list[next(list.length)] ?? fallback;
}

let folder = '';

function rulesOf(files: readonly GitignoreFile[], below?: string): GitRules {
  const all = new GitRules(below);
  for (const file of files) all.add(file);
  return all;
}

/** What git itself leaves: files that it would list as untracked. */
function gitKeeps(below = ''): readonly string[] {
  const listed = execFileSync(
    'git',
    [
      '-c',
      'core.ignoreCase=false',
      '-c',
      'core.excludesFile=',
      'ls-files',
      '-z',
      '--others',
      '--exclude-per-directory=.gitignore',
    ],
    { cwd: path.join(folder, below), maxBuffer: 64 << 20 },
  );
  return listed
    .toString('utf8')
    .split('\0')
    .filter((name) => name !== '')
    .sort();
}

/** What the filter leaves of the files below a folder, walked as a layer is. */
function kept(files: readonly GitignoreFile[], below = ''): readonly string[] {
  const filter = rulesOf(files, below);
  const found: string[] = [];
  const look = (relative: string): void => {
    for (const entry of fs.readdirSync(path.join(folder, below, relative), { withFileTypes: true })) {
      const at = relative === '' ? entry.name : `${relative}/${entry.name}`;
      if (at === '.git' || !filter.keeps(at, entry.isDirectory())) continue;
      if (entry.isDirectory()) look(at);
      else found.push(at);
    }
  };
  look('');
  return found.sort();
}

function write(name: string, text: string): void {
  fs.mkdirSync(path.join(folder, path.dirname(name)), { recursive: true });
  fs.writeFileSync(path.join(folder, name), text);
}

describe('GitRules', () => {
  before(function () {
    needs(this, 'git');
    if (process.platform !== 'linux') this.skip();
  });
  beforeEach(async () => {
    folder = await newTempDir();
    execFileSync('git', ['init', '-q', folder]);
  });
  afterEach(() => removeTempDir(folder));

  it('leaves what git leaves: every rule of a table alone', function () {
    this.timeout(60_000);
    for (const one of names) for (const two of names) write(`${one}/${two}/a`, '');
    for (const one of names) for (const two of names) write(`t/${one}.d/${two}`, '');
    for (const text of rules) {
      write('.gitignore', text);
      assert.deepEqual(kept([{ folder: '', text }]), gitKeeps(), JSON.stringify(text));
    }
  });

  it('leaves what git leaves: random rules in random folders', function () {
    this.timeout(120_000);
    const next = numbers(11);
    for (let round = 0; round < 40; round++) {
      fs.readdirSync(folder).forEach(
        (name) => name === '.git' || fs.rmSync(path.join(folder, name), { recursive: true }),
      );
      for (let file = 0; file < 60; file++) {
        const parts = Array.from({ length: 1 + next(4) }, () => pick(names, next, 'a'));
        try {
          write(parts.join('/'), '');
        } catch {
          // A file of that name is a folder already, or the other way round.
        }
      }
      const folders = [
        '',
        ...fs.readdirSync(folder, { recursive: true, withFileTypes: true }).flatMap((entry) => {
          const at = path.relative(folder, path.join(entry.parentPath, entry.name));
          return entry.isDirectory() && !at.startsWith('.git') ? [at] : [];
        }),
      ];
      const files = Array.from(new Set(Array.from({ length: 4 }, () => pick(folders, next, '')))).map((at) => {
        const text = Array.from({ length: 1 + next(5) }, () => pick(rules, next, 'a')).join(
          next(3) === 0 ? '\r\n' : '\n',
        );
        write(at === '' ? '.gitignore' : `${at}/.gitignore`, text);
        return { folder: at, text };
      });
      assert.deepEqual(kept(files), gitKeeps(), JSON.stringify(files));
    }
  });

  it('knows the rules of the repository for a folder in it, which is itself never ignored', () => {
    write('.gitignore', 'target/\n/apps/web/dist\n*.log\n');
    write('apps/.gitignore', '!keep.log\n');
    for (const name of ['a', 'x.log', 'keep.log', 'target/b', 'dist/c', 'sub/dist/d']) write(`apps/web/${name}`, '');
    const files = [
      { folder: '', text: 'target/\n/apps/web/dist\n*.log\n' },
      { folder: 'apps', text: '!keep.log\n' },
    ];
    assert.deepEqual(kept(files, 'apps/web'), ['a', 'keep.log', 'sub/dist/d']);
    assert.deepEqual(kept(files, 'apps/web'), gitKeeps('apps/web'));
    assert.deepEqual(kept([{ folder: '', text: '/apps/web\n' }], 'apps/web').length, 6);
  });

  it('refuses what is too large, too long or too many', () => {
    const filter = (text: string): unknown => rulesOf([{ folder: 'x', text }]);
    assert.throws(() => filter('#'.repeat((1 << 20) + 1)), { code: 'too-large', message: /x\/\.gitignore/ });
    assert.throws(() => filter(`a\n${'b'.repeat(2000)}`), {
      code: 'invalid-spec',
      message: /"x\/\.gitignore", line 2/,
    });
    assert.throws(() => filter('a\n'.repeat(10_001)), { code: 'invalid-spec', message: /line 10001/ });
    const text = 'a\n'.repeat(9_999);
    const files = Array.from({ length: 11 }, (_, at) => ({ folder: `f${at}`, text }));
    assert.throws(() => rulesOf(files), { code: 'invalid-spec', message: /100000 rules/ });
  });

  it('matches hostile patterns in a time that grows with their length alone', () => {
    const deep = Array.from({ length: 250 }, () => 'a').join('/');
    const long = 'a'.repeat(255);
    for (const text of [`/a${'/**/a'.repeat(60)}/b`, `${'*a'.repeat(400)}b`, `a/${'**/*a*/'.repeat(80)}b`]) {
      const filter = rulesOf([{ folder: '', text }]);
      const began = performance.now();
      assert.equal(filter.keeps(`${deep}/c`, false), true);
      assert.equal(filter.keeps(`${deep}/${long}c`, false), true);
      assert.ok(performance.now() - began < 5000, text.slice(0, 20));
    }
  });
});
