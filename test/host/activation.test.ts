import assert from 'node:assert/strict';
import fs from 'node:fs';
import net from 'node:net';
import * as vscode from 'vscode';
import type { GantryApi } from '../../src/api.ts';
import { commandsOf } from '../../src/ui/commandTable.ts';
import type { Shell } from '../../src/ui/shell.ts';
import { measureActivation } from './activationCost.ts';
import { quietMachine } from './quietMachine.ts';
import { watchCalls } from './watchCalls.ts';

const extension = vscode.extensions.getExtension<GantryApi>('gantry-tools.gantry');

describe('activate', () => {
  it('registers everything in under 50 ms, with no network and no file read', async function () {
    assert.ok(extension !== undefined, 'VS Code does not know the extension');
    assert.equal(extension.isActive, false, 'the extension was active before anybody used it');
    this.timeout(40_000);
    await quietMachine();
    const calls = watchCalls('extension.cjs', [
      [fs, 'fs'],
      [fs.promises, 'fs.promises'],
      [net.Socket.prototype, 'net.Socket'],
      [net.Server.prototype, 'net.Server'],
    ]);
    const cost = measureActivation('extension.cjs');
    try {
      await extension.activate();
      const milliseconds = cost.milliseconds();
      if (this.test !== undefined) {
        this.test.title += `: ${String(milliseconds?.toFixed(1))} ms, ${cost.loading().toFixed(1)} of them loading`;
      }
      await new Promise((resolve) => setImmediate(resolve));
      assert.deepEqual(calls.seen, []);
      assert.ok(milliseconds !== undefined && milliseconds < 50, `activation took ${String(milliseconds)} ms`);
    } finally {
      cost.restore();
      calls.restore();
    }
  });

  it('returns the verbs that programs call', async () => {
    const api = await extension?.activate();
    const verbs = [
      'copyImage',
      'retag',
      'inspectImage',
      'appendLayer',
      'containerize',
      'listRepositories',
      'listTags',
      'deleteImage',
      'listFiles',
      'readFile',
      'searchInImage',
      'analyzeImage',
      'compareImages',
      'saveImage',
      'describeBinary',
      'preflight',
    ] as const;
    for (const verb of verbs) assert.equal(typeof api?.[verb], 'function', verb);
  });

  it('registers every command that package.json names', async () => {
    const known = new Set(await vscode.commands.getCommands(true));
    const manifest = extension?.packageJSON as { contributes: { commands: readonly { command: string }[] } };
    const named = manifest.contributes.commands.map(({ command }) => command);
    assert.ok(named.length > 8);
    assert.deepEqual(
      named.filter((command) => !known.has(command)),
      [],
    );
    // What stands behind each is loaded when the first is run, and is asked nothing before.
    assert.deepEqual(Object.keys(commandsOf({} as Shell)).sort(), named.toSorted());
  });
});
