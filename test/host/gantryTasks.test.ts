import assert from 'node:assert/strict';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import type { InspectImageResult, RunOptions } from '../../src/api.ts';
import { OciError } from '../../src/errors.ts';
import type { Shell } from '../../src/ui/shell.ts';
import { parseSettings } from '../../src/ui/settingValues.ts';
import { taskWork } from '../../src/ui/taskDefinition.ts';
import { TaskTerminal } from '../../src/ui/taskTerminal.ts';
import { newTempDir, removeTempDir } from '../support/tempDir.ts';

const workspace = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? '';

describe('tasks of type gantry', () => {
  const folder = path.join(workspace, 'spec-tasks');
  let output: string;

  before(async () => {
    await vscode.extensions.getExtension('gantry-tools.gantry')?.activate();
    output = await newTempDir();
    await mkdir(folder, { recursive: true });
    await writeFile(path.join(folder, 'hello.txt'), 'hello\n');
    const target = JSON.stringify(`oci:${path.join(output, 'image')}:1`);
    await writeFile(
      path.join(folder, 'gantry.yaml'),
      `base: scratch\nplatforms: [linux/amd64]\nlayers: [{name: app, files: [{from: hello.txt, to: /hello.txt}]}]\ntarget: ${target}\n`,
    );
  });

  after(async () => {
    await rm(folder, { recursive: true, force: true });
    await rm(path.join(workspace, '.vscode'), { recursive: true, force: true });
    await removeTempDir(output);
  });

  it('are there for every gantry.yaml, and make its image', async () => {
    const task = await found('spec-tasks/gantry.yaml');
    assert.deepEqual(task.definition, { type: 'gantry', spec: 'spec-tasks/gantry.yaml' });
    assert.equal(await exitCode(task), 0);
    const image = await vscode.commands.executeCommand<InspectImageResult>('gantry.inspectImage', {
      image: `oci:${path.join(output, 'image')}:1`,
    });
    assert.equal(image.layers.length, 1);
    const other = await vscode.tasks.fetchTasks({ type: 'gantry' });
    assert.ok(other.every(({ definition }) => typeof definition['spec'] === 'string'));
  });

  it('mark what is wrong at its line, and fail', async () => {
    const file = path.join(folder, 'broken.gantry.yaml');
    await writeFile(file, 'base: scratch\nlayers:\n  - files:\n      - {from: not-there, to: /a}\n');
    const uri = vscode.Uri.file(file);
    const { promise, resolve } = Promise.withResolvers<vscode.Diagnostic | undefined>();
    const listening = vscode.languages.onDidChangeDiagnostics(() => {
      const [first] = vscode.languages.getDiagnostics(uri);
      if (first !== undefined) resolve(first);
    });
    try {
      const folderScope = vscode.workspace.workspaceFolders?.[0] ?? vscode.TaskScope.Workspace;
      const task = await found('spec-tasks/broken.gantry.yaml');
      assert.deepEqual(task.scope, folderScope);
      assert.equal(await exitCode(task), 1);
      const diagnostic = await promise;
      assert.match(diagnostic?.message ?? '', /"not-there" is not there\. Build it first, or correct its path/);
      assert.deepEqual([diagnostic?.range.start.line, diagnostic?.range.start.character], [3, 15]);
    } finally {
      listening.dispose();
      await rm(file);
    }
  });

  it('run after the tasks that they depend on', async () => {
    const late = path.join(folder, 'late');
    await mkdir(late);
    await writeFile(
      path.join(late, 'built.gantry.yaml'),
      'base: scratch\nplatforms: [linux/amd64]\nlayers: [{name: app, files: [{from: built.txt, to: /built.txt}]}]\n',
    );
    const command = process.platform === 'win32' ? 'echo built> built.txt' : 'echo built > built.txt';
    const tasks = [
      { label: 'make it', type: 'shell', command, options: { cwd: late } },
      {
        label: 'image of it',
        type: 'gantry',
        spec: 'spec-tasks/late/built.gantry.yaml',
        target: `oci:${path.join(output, 'late')}:1`,
        dependsOn: 'make it',
        problemMatcher: '$gantry',
      },
    ];
    await mkdir(path.join(workspace, '.vscode'), { recursive: true });
    await writeFile(path.join(workspace, '.vscode', 'tasks.json'), JSON.stringify({ version: '2.0.0', tasks }));
    const task = await configured('image of it');
    const order: string[] = [];
    const listening = vscode.tasks.onDidEndTaskProcess(({ execution, exitCode: code }) =>
      order.push(`${execution.task.name} ${code}`),
    );
    try {
      assert.equal(await exitCode(task), 0);
      assert.deepEqual(order, ['make it 0', 'image of it 0']);
    } finally {
      listening.dispose();
    }
    const image = await vscode.commands.executeCommand<InspectImageResult>('gantry.inspectImage', {
      image: `oci:${path.join(output, 'late')}:1`,
    });
    assert.equal(image.layers.length, 1);
  });

  async function found(spec: string): Promise<vscode.Task> {
    const tasks = await vscode.tasks.fetchTasks({ type: 'gantry' });
    const task = tasks.find(({ definition }) => definition['spec'] === spec);
    assert.ok(task !== undefined, `${spec} is not among ${tasks.map(({ name }) => name).join(', ')}`);
    return task;
  }

  /** A task of tasks.json, which VS Code reads a moment after it is written. */
  async function configured(name: string): Promise<vscode.Task> {
    for (let attempt = 0; attempt < 50; attempt += 1) {
      const task = (await vscode.tasks.fetchTasks()).find((one) => one.name === name);
      if (task !== undefined) return task;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error(`there is no task ${name}`);
  }

  async function exitCode(task: vscode.Task): Promise<number | undefined> {
    const { promise, resolve } = Promise.withResolvers<number | undefined>();
    const listening = vscode.tasks.onDidEndTaskProcess(({ execution, exitCode: code }) => {
      if (execution.task.name === task.name) resolve(code);
    });
    try {
      await vscode.tasks.executeTask(task);
      return await promise;
    } finally {
      listening.dispose();
    }
  }
});

describe('taskWork', () => {
  const folder = { uri: vscode.Uri.file(newPath('w')), name: 'w', index: 0 };
  const settings = parseSettings(() => undefined);

  it('takes paths of spec and target for paths in the folder, wherever the window was started', async () => {
    const targets = ['oci:dist/image:1', 'r.example/a:1', `oci:${newPath('x')}:1`];
    const works = await Promise.all(
      targets.map((target) => taskWork({ type: 'gantry', spec: 'a/gantry.yaml', target }, folder, settings)),
    );
    const root = folder.uri.fsPath;
    assert.deepEqual(
      works.map(({ options }) => options['target']),
      [`oci:${path.join(root, 'dist/image:1')}`, 'r.example/a:1', targets[2]],
    );
    assert.equal(works[0]?.options['spec'], path.join(root, 'a/gantry.yaml'));
  });

  it('lets no task allow what the settings forbid', async () => {
    const overwriting = async (overwrite: string): Promise<unknown> => {
      const forbidding = parseSettings((name) => (name === 'copy.overwrite' ? overwrite : undefined));
      const work = await taskWork({ type: 'gantry', spec: 'gantry.yaml', overwrite: true }, folder, forbidding);
      return work.options['overwrite'];
    };
    assert.deepEqual([await overwriting('never'), await overwriting('ask')], [false, true]);
  });

  function newPath(name: string): string {
    return path.resolve(path.sep, name);
  }
});

describe('the terminal of a task', () => {
  /** A shell with nothing but a `containerize` that the test wrote. */
  function terminalOf(containerize: (run: RunOptions) => Promise<never>): {
    readonly terminal: TaskTerminal;
    readonly ended: Promise<{ readonly code: number | undefined; readonly text: string }>;
  } {
    const api = { containerize: async (_options: unknown, run: RunOptions = {}) => containerize(run) };
    const shell = { api: () => api, log: { error: () => undefined } };
    const terminal = new TaskTerminal(shell as unknown as Shell, async () => ({
      folder: '/w',
      spec: 'gantry.yaml',
      options: {},
    }));
    let text = '';
    terminal.onDidWrite((part) => (text += part));
    const ended = new Promise<{ code: number | undefined; text: string }>((resolve) => {
      terminal.onDidClose((code) => resolve({ code: typeof code === 'number' ? code : undefined, text }));
    });
    return { terminal, ended };
  }

  async function untilAborted({ signal }: RunOptions): Promise<never> {
    return new Promise((_resolve, reject) => {
      signal?.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
    });
  }

  it('stops at Ctrl+C, and when it is closed', async () => {
    for (const stop of [(one: TaskTerminal) => one.handleInput('\u0003'), (one: TaskTerminal) => one.close()]) {
      const { terminal, ended } = terminalOf(untilAborted);
      terminal.open();
      terminal.handleInput('x');
      stop(terminal);
      const { code, text } = await ended;
      assert.equal(code, 130);
      assert.match(text, /Cancelled: an image that was not finished has no tag\.\r\n$/);
    }
  });

  it('235: writes no character that acts on a terminal', async () => {
    const { terminal, ended } = terminalOf(async ({ onProgress }) => {
      onProgress?.({ message: 'Building \u001b]0;title\u0007', bytes: 0 });
      throw new OciError('unavailable', 'said \u001b[2J\u009b31m\r\nfake.yaml:1:1: error: x');
    });
    terminal.open();
    const { code, text } = await ended;
    assert.equal(code, 1);
    assert.doesNotMatch(text.replaceAll('\r\n', ''), /[\u0000-\u001f\u007f-\u009f]/);
    assert.equal(text.split('\r\n').length, 4);
    assert.ok(text.split('\r\n')[2]?.startsWith('error: said '));
  });

  it('writes a line for each step and second, not for each piece', async () => {
    const { terminal, ended } = terminalOf(async ({ onProgress }) => {
      onProgress?.({ message: 'Packing', bytes: 0 });
      for (let bytes = 1; bytes <= 10_000; bytes += 1) onProgress?.({ message: 'Packing', bytes });
      onProgress?.({ message: 'Pushing', bytes: 2048, total: 4096 });
      throw new OciError('unavailable', 'enough');
    });
    terminal.open();
    const { text } = await ended;
    assert.deepEqual(text.split('\r\n'), [
      'Making the image of gantry.yaml',
      'Packing',
      'Pushing: 2.0 KiB of 4.0 KiB',
      'error: enough',
      '',
    ]);
  });
});
