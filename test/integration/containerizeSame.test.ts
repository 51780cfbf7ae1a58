import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { type RunningRegistry, startDockerRegistry } from '../support/dockerRegistry.ts';
import { newTempDir, removeTempDir } from '../support/tempDir.ts';
import { findTool, needs } from '../support/tools.ts';
import type { Machine } from './containerizeProcess.ts';

const run = promisify(execFile);
const recipes = ['go', 'rust', 'java', 'node', 'python', 'static-site', 'folder', 'binary'];
const toolOf: Readonly<Record<string, string>> = { go: 'go', rust: 'cargo', java: 'javac', node: 'npm', binary: 'gcc' };

/** Two machines' worth of what may differ, and a third. */
const machines = [
  { zone: 'UTC', language: 'C.UTF-8', umask: 0o022, seed: 1, place: 'a' },
  { zone: 'Asia/Kolkata', language: 'de_DE.UTF-8', umask: 0o077, seed: 2, place: 'home/some one/src' },
  { zone: 'America/St_Johns', language: 'tr_TR.UTF-8', umask: 0o002, seed: 3, place: 'z/deep/er' },
];

describe('containerize on different machines', function () {
  this.timeout(120_000);
  let folder = '';
  let registry: RunningRegistry | undefined;

  before(async function () {
    needs(this, 'docker-registry');
    folder = await newTempDir();
    registry = await startDockerRegistry();
  });
  after(async () => {
    await registry?.stop();
    if (folder !== '') await removeTempDir(folder);
  });

  async function made(
    number: number,
    differing: (typeof machines)[number],
    names: readonly string[],
  ): Promise<Readonly<Record<string, unknown>>> {
    const { zone, language, umask, seed, place } = differing;
    const machine: Machine = {
      folder: path.join(folder, `machine-${number}`),
      checkout: path.join(folder, `checkout-${number}`, place),
      umask,
      seed,
      host: registry?.host ?? '',
      names,
    };
    mkdirSync(machine.folder, { recursive: true });
    const script = path.join(import.meta.dirname, 'containerizeProcess.ts');
    const env = { ...process.env, TZ: zone, LANG: language, LC_ALL: language };
    const { stdout } = await run(process.execPath, [script, JSON.stringify(machine)], { env, timeout: 100_000 });
    return JSON.parse(stdout) as Readonly<Record<string, unknown>>;
  }

  it('287: gives the same images and SBOMs, whatever time zone, umask, times, order of folders and place', async function () {
    const names = recipes.filter((recipe) => toolOf[recipe] === undefined || findTool(toolOf[recipe]) !== undefined);
    const all = [];
    for (const [number, machine] of machines.entries()) all.push(await made(number, machine, names));
    const [first] = all;
    assert.deepEqual(Object.keys(first ?? {}).sort(), [...names, 'spec'].sort());
    for (const other of all.slice(1)) assert.deepEqual(other, first);
    if (this.test !== undefined) this.test.title += ` (${[...names, 'gantry.yaml'].join(', ')})`;
  });
});
