import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { GantryApi } from '../../src/api.ts';

describe('withPolicy', () => {
  afterEach(() => allow(undefined));

  it('244: refuses to delete what the settings do not allow, to commands and to the API alike', async () => {
    const api = await vscode.extensions.getExtension<GantryApi>('gantry-tools.gantry')?.activate();
    assert.ok(api !== undefined);
    const image = 'localhost:9/none:1';
    await allow('untag');
    const refused = { code: 'forbidden', message: /gantry\.delete\.allow/ };
    await assert.rejects(api.deleteImage({ image }), refused);
    await assert.rejects(async () => vscode.commands.executeCommand('gantry.deleteImage', { image }), refused);
    await allow('never');
    await assert.rejects(api.deleteImage({ image, untagOnly: true }), refused);
    await assert.rejects(async () => vscode.commands.executeCommand('gantry.untag', { image }), refused);
  });
});

async function allow(value: string | undefined): Promise<void> {
  await vscode.workspace.getConfiguration('gantry').update('delete.allow', value, vscode.ConfigurationTarget.Global);
}
