import assert from 'node:assert/strict';
import net from 'node:net';
import path from 'node:path';
import { LocalRegistryControl } from '../../src/verbs/localRegistryControl.ts';
import { testIo } from '../support/io.ts';
import { listen } from '../support/listen.ts';
import { newTempDir, removeTempDir } from '../support/tempDir.ts';

describe('LocalRegistryControl', () => {
  let folder = '';
  let control: LocalRegistryControl;
  let name = '';

  beforeEach(async () => {
    folder = await newTempDir();
    const free = await listen(net.createServer());
    await free.stop();
    const { port } = free;
    const settings = { enabled: true, port, directory: path.join(folder, 'registry') };
    control = new LocalRegistryControl(
      () => settings,
      () => undefined,
    );
    name = control.name;
  });
  afterEach(async () => {
    await control.stop();
    await removeTempDir(folder);
  });

  const answers = async (): Promise<boolean> =>
    fetch(`http://${name.replace('localhost', '127.0.0.1')}/v2/`).then(
      ({ ok }) => ok,
      () => false,
    );

  it('serves where one of its names is used, and not after it was stopped', async () => {
    await control.prepare('registry.example.com', testIo());
    assert.deepEqual([control.running, await answers()], [false, false]);
    await control.prepare(name, testIo());
    assert.deepEqual([control.running, await answers()], [true, true]);
    await control.stop();
    assert.deepEqual([control.running, await answers()], [false, false]);
  });

  it('does not serve where it is stopped while it starts', async () => {
    const starting = control.start(testIo());
    await control.stop();
    await starting;
    assert.deepEqual([control.running, await answers()], [false, false]);
  });
});
