import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import * as vscode from 'vscode';
import { newTempDir, removeTempDir } from '../support/tempDir.ts';

const run = vscode.commands.executeCommand;

describe('gantry.importDockerLogins', () => {
  let folder: string;

  before(async () => {
    folder = await newTempDir();
    const auth = Buffer.from('anna:geheim').toString('base64');
    const auths = { 'https://index.docker.io/v1/': { auth }, 'one.example:5000': { auth }, 'two.example': { auth } };
    writeFileSync(path.join(folder, 'config.json'), JSON.stringify({ auths }));
    await set('credentials.dockerConfigPath', path.join(folder, 'config.json'));
  });

  after(async () => {
    for (const name of ['credentials.dockerConfigPath', 'credentials.useDockerConfig', 'registries']) {
      await set(name, undefined);
    }
    await removeTempDir(folder);
  });

  const set = (name: string, value: unknown): Thenable<void> =>
    vscode.workspace.getConfiguration('gantry').update(name, value, vscode.ConfigurationTarget.Global);
  const stored = (): unknown => vscode.workspace.getConfiguration('gantry').inspect('registries')?.globalValue;

  it('adds the registries that were chosen, and no secret', async () => {
    const added = await run('gantry.importDockerLogins', { registries: ['two.example', 'other.example'] });
    assert.deepEqual(added, { registries: ['two.example'] });
    assert.deepEqual(stored(), [{ url: 'two.example' }]);
  });

  it('adds all others once, and leaves what is there as it is', async () => {
    await set('registries', [{ url: 'two.example', alias: 'Two', readOnly: true }]);
    assert.deepEqual(await run('gantry.importDockerLogins', {}), { registries: ['docker.io', 'one.example:5000'] });
    assert.deepEqual(await run('gantry.importDockerLogins', {}), { registries: [] });
    assert.deepEqual(stored(), [
      { url: 'two.example', alias: 'Two', readOnly: true },
      { url: 'docker.io' },
      { url: 'one.example:5000' },
    ]);
  });

  it('reads nothing of docker where the settings say never', async () => {
    await set('credentials.useDockerConfig', 'never');
    await assert.rejects(Promise.resolve(run('gantry.importDockerLogins', {})), (error: Error & { code?: string }) => {
      assert.equal(error.code, 'forbidden');
      assert.match(error.message, /gantry\.credentials\.useDockerConfig/);
      return true;
    });
  });
});
