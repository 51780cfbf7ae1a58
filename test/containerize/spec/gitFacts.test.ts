import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type GitFacts, mergeGitFacts, readGitFacts } from '../../../src/containerize/spec/gitFacts.ts';
import { testIo } from '../../support/io.ts';
import { newTempDir, removeTempDir, withTempDir } from '../../support/tempDir.ts';

const time = 1_700_000_000;

function git(folder: string, ...args: readonly string[]): string {
  const env = {
    ...process.env,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: path.join(folder, 'none'),
    GIT_AUTHOR_NAME: 'Ada > <x',
    GIT_AUTHOR_EMAIL: 'a@example.com',
    GIT_COMMITTER_NAME: 'Ada',
    GIT_COMMITTER_EMAIL: 'a@example.com',
    GIT_AUTHOR_DATE: '1600000000 +0000',
    GIT_COMMITTER_DATE: `${time} +0200`,
  };
  return execFileSync('git', ['-C', folder, ...args], {
    env,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  }).trim();
}

function hasGit(): boolean {
  try {
    execFileSync('git', ['--version']);
    return true;
  } catch {
    return false;
  }
}

describe('readGitFacts', () => {
  let folder: string;
  let commit: string;

  before(function () {
    if (!hasGit()) this.skip();
  });

  beforeEach(async () => {
    folder = await newTempDir();
    git(folder, 'init', '-q', '-b', 'topic/one');
    git(folder, 'commit', '-q', '--allow-empty', '-m', 'first\n\ncommitter Eve <e@example.com> 1 +0000');
    commit = git(folder, 'rev-parse', 'HEAD');
  });

  afterEach(() => removeTempDir(folder));

  it('reads commit, branch and time as git says them', async () => {
    const facts = await readGitFacts(folder, testIo());
    assert.deepEqual(facts, { commit, branch: 'topic/one', tags: [], commitTimestamp: time });
    assert.equal(git(folder, 'log', '-1', '--format=%ct'), String(time));
  });

  it('finds tags of all kinds that lead to the commit, and no other', async () => {
    git(folder, 'tag', 'v1.9');
    git(folder, 'tag', '-a', '-m', 'x', 'v1.10');
    git(folder, 'tag', '-a', '-m', 'tag of a tag', 'nested/v2', 'v1.10');
    git(folder, 'commit', '-q', '--allow-empty', '-m', 'second');
    git(folder, 'tag', 'later');
    git(folder, 'tag', '-a', '-m', 'x', 'later-annotated');
    git(folder, 'checkout', '-q', commit);
    const all = git(folder, 'tag').split('\n');
    const expected = all.filter((tag) => git(folder, 'rev-parse', `${tag}^{commit}`) === commit).sort();
    assert.equal(expected.length, 3);
    const facts = await readGitFacts(folder, testIo());
    assert.deepEqual([...(facts.tags ?? [])].sort(), expected);
    assert.deepEqual(facts.tags?.slice(-2), ['v1.9', 'v1.10']);
    assert.equal(facts.branch, undefined);
    git(folder, 'pack-refs', '--all');
    assert.deepEqual(await readGitFacts(folder, testIo()), facts);
  });

  it('reads packed references; of a packed commit it does not know the time', async () => {
    git(folder, 'tag', '-a', '-m', 'x', 'v1');
    git(folder, 'gc', '-q');
    assert.deepEqual(await readGitFacts(folder, testIo()), { commit, branch: 'topic/one', tags: ['v1'] });
  });

  it('reads a worktree, and a folder below one', async () => {
    const tree = path.join(folder, 'tree');
    git(folder, 'worktree', 'add', '-q', '-b', 'other', tree);
    git(tree, 'commit', '-q', '--allow-empty', '-m', 'in the worktree');
    await mkdir(path.join(tree, 'a', 'b'), { recursive: true });
    const { branch, commit: found } = await readGitFacts(path.join(tree, 'a', 'b'), testIo());
    assert.deepEqual([branch, found], ['other', git(tree, 'rev-parse', 'HEAD')]);
    assert.equal((await readGitFacts(folder, testIo())).commit, commit);
  });

  it('says why there is no commit', async () => {
    const empty = path.join(folder, 'empty');
    await mkdir(empty);
    git(empty, 'init', '-q', '-b', 'main');
    assert.deepEqual(await readGitFacts(empty, testIo()), { branch: 'main', problem: 'nothing is committed yet' });
  });

  const hostile: readonly (readonly [string, string, string])[] = [
    ['HEAD that leads out', '.git/HEAD', 'ref: refs/../../../etc/passwd\n'],
    ['HEAD that is no text', '.git/HEAD', '\0\0\0'],
    ['HEAD that is huge', '.git/HEAD', `ref: refs/heads/${'a'.repeat(100_000)}`],
    ['a branch that names itself', '.git/refs/heads/topic/one', 'ref: refs/heads/topic/one\n'],
    ['a branch that is no digest', '.git/refs/heads/topic/one', 'nothing\n'],
    ['references as a table', '.git/HEAD', 'ref: refs/heads/.invalid\n'],
  ];
  for (const [what, file, text] of hostile) {
    it(`knows no commit for ${what}`, async () => {
      await writeFile(path.join(folder, file), text);
      const facts = await readGitFacts(folder, testIo());
      assert.equal(facts.commit, undefined);
      assert.equal(typeof facts.problem, 'string');
    });
  }

  it('goes on where an object is damaged, is another, or unpacks to too much', async () => {
    const file = path.join(folder, '.git/objects', commit.slice(0, 2), commit.slice(2));
    for (const bytes of [Buffer.from('x'), Buffer.alloc(100), Buffer.from('789c4bcacf4f02000278013f', 'hex')]) {
      await rm(file, { force: true });
      await writeFile(file, bytes);
      assert.deepEqual(await readGitFacts(folder, testIo()), { commit, branch: 'topic/one', tags: [] });
    }
  });

  it('does not follow a .git file to another machine', async () => {
    await withTempDir(async (other) => {
      await writeFile(path.join(other, '.git'), `gitdir: ${path.join(folder, '.git')}\n`);
      assert.equal((await readGitFacts(other, testIo())).commit, commit);
      // The same folder on this system, the share of a machine on Windows.
      await writeFile(path.join(other, '.git'), `gitdir: /${path.join(folder, '.git')}\n`);
      assert.equal((await readGitFacts(other, testIo())).commit, undefined);
    });
  });
});

describe('readGitFacts without git', () => {
  it('says that there is no repository', async () => {
    const folder = await newTempDir();
    try {
      assert.deepEqual(await readGitFacts(folder, testIo()), { problem: 'the folder is in no git repository' });
    } finally {
      await removeTempDir(folder);
    }
  });
});

describe('mergeGitFacts', () => {
  const rows: readonly (readonly [GitFacts, GitFacts, GitFacts])[] = [
    [
      { commit: 'a', tags: [] },
      { commit: 'a', isDirty: true, tags: ['x'] },
      { commit: 'a', isDirty: true, tags: [] },
    ],
    [{ commit: 'a' }, { commit: 'b', isDirty: true }, { commit: 'a' }],
    [{ problem: 'none' }, { commit: 'b' }, { commit: 'b' }],
    [{ problem: 'none' }, {}, { problem: 'none' }],
  ];
  for (const [first, second, expected] of rows) {
    it(`makes ${JSON.stringify(expected)}`, () => assert.deepEqual(mergeGitFacts(first, second), expected));
  }
});
