import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import * as vscode from 'vscode';
import { readSettings } from '../../src/ui/settings.ts';

describe('settings', () => {
  const folder = path.join(vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? '', '.vscode');

  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('241: takes from a workspace neither registries nor anything about credentials, TLS, overwriting and deleting', async () => {
    const before = readSettings();
    await writeWorkspace({
      'gantry.tree.pageSize': 55,
      'gantry.registries': [{ url: 'evil.example', tls: { insecure: true } }],
      'gantry.credentials.allowHelpers': false,
      'gantry.credentials.dockerConfigPath': '/tmp/evil.json',
      'gantry.network.retries': 0,
      'gantry.copy.overwrite': 'always',
      'gantry.delete.allow': 'untag',
      'gantry.localRegistry.directory': '/tmp/evil',
    });
    const now = readSettings();
    assert.equal(now.tree.pageSize, 55);
    assert.deepEqual({ ...now, tree: before.tree }, before);
  });

  it('adds a registry to the user settings, and takes nothing from an entry that is there', async () => {
    await vscode.commands.executeCommand('gantry.addRegistry', {
      registry: 'https://Registry.Example/',
      alias: 'Ours',
    });
    assert.deepEqual(readSettings().registries, [{ registry: 'registry.example', alias: 'Ours' }]);
    const inspected = vscode.workspace.getConfiguration('gantry').inspect('registries');
    assert.deepEqual(inspected?.globalValue, [{ url: 'registry.example', alias: 'Ours' }]);
    const user = vscode.workspace.getConfiguration('gantry');
    const own = { url: 'registry.example', readOnly: true, tls: { caFile: '/ca.pem' } };
    await user.update('registries', [own], vscode.ConfigurationTarget.Global);
    await vscode.commands.executeCommand('gantry.addRegistry', { registry: 'registry.example', alias: 'Ours' });
    assert.deepEqual(vscode.workspace.getConfiguration('gantry').inspect('registries')?.globalValue, [
      { ...own, alias: 'Ours' },
    ]);
    await vscode.commands.executeCommand('gantry.addRegistry', { registry: 'http://registry.example' });
    assert.deepEqual(vscode.workspace.getConfiguration('gantry').inspect('registries')?.globalValue, [
      { ...own, alias: 'Ours', tls: { caFile: '/ca.pem', plainHttp: true } },
    ]);
    await vscode.workspace
      .getConfiguration('gantry')
      .update('registries', undefined, vscode.ConfigurationTarget.Global);
  });

  /** Writes the workspace's settings file and waits until VS Code has read it. */
  async function writeWorkspace(values: Readonly<Record<string, unknown>>): Promise<void> {
    const read = new Promise<void>((resolve) => {
      const listening = vscode.workspace.onDidChangeConfiguration(() => {
        if (vscode.workspace.getConfiguration('gantry').get('tree.pageSize') !== values['gantry.tree.pageSize']) return;
        listening.dispose();
        resolve();
      });
    });
    mkdirSync(folder, { recursive: true });
    writeFileSync(path.join(folder, 'settings.json'), JSON.stringify(values));
    await read;
  }
});
