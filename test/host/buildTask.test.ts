import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import type { BuildStep } from '../../src/containerize/recipes/recipe.ts';
import { isOnPath, runBuildTask } from '../../src/ui/buildTask.ts';
import { newTempDir, removeTempDir } from '../support/tempDir.ts';

describe('runBuildTask', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await newTempDir();
  });

  afterEach(() => removeTempDir(folder));

  /** A step that runs a script with this program of Node, as a build tool with arguments would run. */
  async function step(script: string, more: Partial<BuildStep> = {}): Promise<BuildStep> {
    await writeFile(path.join(folder, 'build.cjs'), script);
    return {
      title: `build ${path.basename(folder)}`,
      command: process.execPath,
      args: ['build.cjs', ...(more.args ?? [])],
      directory: folder,
      // The program is Node itself, even where it is an editor's.
      env: { ELECTRON_RUN_AS_NODE: '1', ...more.env },
      howToGet: 'Get it.',
    };
  }

  function io(): { readonly signal: AbortSignal } {
    return { signal: AbortSignal.timeout(15_000) };
  }

  it('runs a command in its folder, with its arguments whole and its environment', async () => {
    const script = `require('fs').writeFileSync('out.json', JSON.stringify([process.cwd(), process.env.LEVEL, process.argv.slice(2)]))`;
    // The shells of Windows lose quotes.
    const words = ['two words', '*', 'ä', ...(process.platform === 'win32' ? [] : ['a"b', "it's", '$HOME'])];
    await runBuildTask(await step(script, { args: words, env: { LEVEL: 'a b' } }), io());
    const [directory, level, args] = JSON.parse(await readFile(path.join(folder, 'out.json'), 'utf8')) as unknown[];
    assert.equal(path.basename(String(directory)), path.basename(folder));
    assert.equal(level, 'a b');
    assert.deepEqual(args, words);
  });

  it('does not miss the end of commands that are over at once', async () => {
    for (let round = 0; round < 5; round += 1) await runBuildTask(await step(''), io());
  });

  it('fails with the exit code, and says where the output is', async () => {
    const title = `build ${path.basename(folder)}`;
    await assert.rejects(runBuildTask(await step('process.exit(7)'), io()), {
      code: 'helper-failed',
      message: `${title} failed with exit code 7. Its output is in the terminal “${title}”.`,
    });
    assert.ok(vscode.window.terminals.some(({ name }) => name.includes(title)));
  });

  it('says what a command that fails may be for want of', async () => {
    const ifItFails = 'Its packages are not installed: run "npm ci" first.';
    await assert.rejects(runBuildTask({ ...(await step('process.exit(7)')), ifItFails }, io()), {
      message: / failed with exit code 7\. Its packages are not installed: run "npm ci" first\. Its output is in /,
    });
  });

  it('says how to get a command that is not there, and starts nothing', async () => {
    const started: string[] = [];
    const listening = vscode.tasks.onDidStartTask(({ execution }) => started.push(execution.task.name));
    try {
      const command = 'no-such-tool-of-gantry';
      const missing = { ...(await step('')), command, howToGet: 'Install it from its site.' };
      await assert.rejects(runBuildTask(missing, io()), {
        code: 'not-found',
        message: 'no-such-tool-of-gantry was not found on the PATH. Install it from its site.',
      });
    } finally {
      listening.dispose();
    }
    assert.deepEqual(started, []);
  });

  it('ends the process when it is cancelled', async () => {
    const stopping = new AbortController();
    const script = `require('fs').writeFileSync('pid', String(process.pid)); setTimeout(() => {}, 60_000)`;
    const running = runBuildTask(await step(script), { signal: stopping.signal });
    const pidFile = path.join(folder, 'pid');
    await eventually(() => existsSync(pidFile));
    stopping.abort();
    await assert.rejects(running, { name: 'AbortError' });
    const pid = Number(await readFile(pidFile, 'utf8'));
    await eventually(() => !isAlive(pid));
    assert.ok(vscode.tasks.taskExecutions.every(({ task }) => task.name !== `build ${path.basename(folder)}`));
  });

  it('runs nothing where it is cancelled before', async () => {
    const script = `require('fs').writeFileSync('started', '')`;
    await assert.rejects(runBuildTask(await step(script), { signal: AbortSignal.abort() }), { name: 'AbortError' });
    assert.equal(existsSync(path.join(folder, 'started')), false);
  });

  it('finds a command by the PATH, and no folder of its name', async () => {
    const name = path.basename(process.execPath, '.exe');
    const found = path.dirname(process.execPath);
    await mkdir(path.join(folder, name));
    assert.equal(await isOnPath(name, found), true);
    assert.equal(await isOnPath(name, folder), false);
    assert.equal(await isOnPath(name, ''), false);
  });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function eventually(isTrue: () => boolean): Promise<void> {
  for (let tries = 100; tries > 0; tries -= 1) {
    if (isTrue()) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  assert.fail('not within 10 seconds');
}
