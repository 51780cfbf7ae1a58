import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { readGitRemote, readGitSource } from '../../src/containerize/provenanceSource.ts';
import { testIo } from '../support/io.ts';
import { newTempDir, removeTempDir } from '../support/tempDir.ts';
import { needs } from '../support/tools.ts';

const run = promisify(execFile);

describe('readGitSource', () => {
  let folder: string;
  beforeEach(async () => (folder = await newTempDir()));
  afterEach(() => removeTempDir(folder));

  const git = async (...args: string[]): Promise<string> => {
    const user = ['-c', 'user.name=Anna', '-c', 'user.email=anna@example.com', '-c', 'commit.gpgsign=false'];
    const env = { ...process.env, HOME: folder, GIT_CONFIG_NOSYSTEM: '1' };
    return (await run('git', [...user, ...args], { cwd: folder, env })).stdout.trim();
  };
  const config = async (text: string): Promise<void> => {
    await mkdir(path.join(folder, '.git'), { recursive: true });
    await writeFile(path.join(folder, '.git', 'config'), text);
  };

  it('reads what git wrote: loose and packed, on a branch and without one', async function () {
    needs(this, 'git');
    await git('init', '-q', '-b', 'feature/x');
    assert.deepEqual(await readGitSource(folder, testIo()), {});
    await git('commit', '-q', '--allow-empty', '-m', 'first');
    await git('remote', 'add', 'upstream', 'https://example.com/upstream.git');
    await git('remote', 'add', 'origin', 'git@example.com:team/app.git');
    const commit = await git('rev-parse', 'HEAD');
    const expected = { remote: 'git@example.com:team/app.git', commit };
    assert.deepEqual(await readGitSource(folder, testIo()), expected);
    await git('tag', '-a', 'v1.0.0', '-m', 'release');
    await git('pack-refs', '--all');
    assert.deepEqual(await readGitSource(folder, testIo()), { ...expected, tag: 'v1.0.0' });
    await git('checkout', '-q', '--detach');
    assert.deepEqual(await readGitSource(folder, testIo()), { ...expected, tag: 'v1.0.0' });
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

  it('knows nothing of what is elsewhere', async () => {
    await mkdir(path.join(folder, 'elsewhere'));
    await writeFile(path.join(folder, 'elsewhere', 'config'), '[remote "origin"]\nurl = https://x.io/private\n');
    await writeFile(path.join(folder, '.git'), 'gitdir: elsewhere\n');
    assert.deepEqual(await readGitSource(folder, testIo()), {});
  });

  it('follows no branch name out of the folder', async () => {
    await config('');
    await writeFile(path.join(folder, '.git', 'HEAD'), 'ref: refs/heads/../../../outside\n');
    await writeFile(path.join(folder, 'outside'), 'a'.repeat(40));
    assert.deepEqual(await readGitSource(folder, testIo()), {});
  });
});
