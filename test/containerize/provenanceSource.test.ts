import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, realpath, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { readGitRemote } from '../../src/containerize/provenanceSource.ts';
import { testIo } from '../support/io.ts';
import { newTempDir, removeTempDir } from '../support/tempDir.ts';
import { needs } from '../support/tools.ts';

const run = promisify(execFile);

describe('readGitRemote', () => {
  let folder: string;
  beforeEach(async () => (folder = await realpath(await newTempDir())));
  afterEach(() => removeTempDir(folder));

  const git = async (...args: string[]): Promise<string> => {
    const user = ['-c', 'user.name=Anna', '-c', 'user.email=anna@example.com', '-c', 'commit.gpgsign=false'];
    const env = { ...process.env, HOME: folder, GIT_CONFIG_NOSYSTEM: '1' };
    return (await run('git', [...user, ...args], { cwd: folder, env })).stdout.trim();
  };
  const config = async (text: string): Promise<void> => {
    await mkdir(path.join(folder, '.git'), { recursive: true });
    await writeFile(path.join(folder, '.git', 'HEAD'), 'ref: refs/heads/main\n');
    await writeFile(path.join(folder, '.git', 'config'), text);
  };

  it('reads what git wrote, from a folder in it and from a work tree too', async function () {
    needs(this, 'git');
    assert.equal(await readGitRemote(folder, testIo()), undefined);
    await git('init', '-q');
    await git('commit', '-q', '--allow-empty', '-m', 'first');
    await git('remote', 'add', 'upstream', 'https://example.com/upstream.git');
    await git('remote', 'add', 'origin', 'git@example.com:team/app.git');
    await git('worktree', 'add', '-q', 'tree');
    await mkdir(path.join(folder, 'sub'));
    for (const place of ['', 'sub', 'tree']) {
      assert.equal(await readGitRemote(path.join(folder, place), testIo()), 'git@example.com:team/app.git', place);
    }
  });

  const configs: readonly (readonly [string, string | undefined])[] = [
    ['[remote "origin"]\n\turl = https://x.io/a # comment\n', 'https://x.io/a'],
    ['[remote "origin"]\n\turl = "https://x.io/a;b"\n', 'https://x.io/a;b'],
    ['[REMOTE "origin"]\r\n\tURL=https://x.io/a\r\n', 'https://x.io/a'],
    ['[remote "other"]\nurl = https://x.io/other\n[branch "origin"]\nurl = https://x.io/no\n', 'https://x.io/other'],
    ['[core]\nurl = https://x.io/a\n', undefined],
    ['[remote "__proto__"]\nurl = https://x.io/a\n', 'https://x.io/a'],
    [`[remote "origin"]\nurl = ${' '.repeat(100_000)}x\n`, undefined],
    ['[remote "origin\nurl = x', undefined],
    [`[${'"\\"'.repeat(50_000)}`, undefined],
    ['', undefined],
  ];
  for (const [text, expected] of configs) {
    it(`reads ${JSON.stringify(text.slice(0, 60))}`, async () => {
      await config(text);
      assert.equal(await readGitRemote(folder, testIo()), expected);
    });
  }

  it('knows nothing of a repository elsewhere that does not know of the folder', async () => {
    const [project, other] = [path.join(folder, 'project'), path.join(folder, 'private', '.git')];
    await mkdir(project);
    await mkdir(other, { recursive: true });
    await writeFile(path.join(other, 'HEAD'), 'ref: refs/heads/main\n');
    await writeFile(path.join(other, 'config'), '[remote "origin"]\nurl = https://x.io/private\n');
    await writeFile(path.join(project, '.git'), `gitdir: ${other}\n`);
    assert.equal(await readGitRemote(project, testIo()), undefined);
  });

  it('knows nothing of one that is no .git folder either', async () => {
    const [project, other] = [path.join(folder, 'project'), path.join(folder, 'private.git')];
    for (const one of [project, other]) await mkdir(one);
    await writeFile(path.join(other, 'HEAD'), 'ref: refs/heads/main\n');
    await writeFile(path.join(other, 'config'), '[remote "origin"]\nurl = https://x.io/private\n');
    await writeFile(path.join(project, '.git'), `gitdir: ${other}\n`);
    assert.equal(await readGitRemote(project, testIo()), undefined);
  });
});
