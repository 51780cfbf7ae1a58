import assert from 'node:assert/strict';
import { scratchBase, stageBase } from '../../../src/containerize/dockerfile/stageBase.ts';
import { BaseFiles } from '../../../src/containerize/preflight/baseFiles.ts';
import { testIo } from '../../support/io.ts';
import { testLayers } from '../../support/layers.ts';
import { storedImage } from '../../support/storedImage.ts';
import { tarEnd, tarEntry } from '../../support/tarWriter.ts';
import { withTempDir } from '../../support/tempDir.ts';

const layer = Buffer.concat([
  tarEntry({ name: 'etc/', type: '5', mode: 0o755 }),
  tarEntry({ name: 'etc/passwd' }, 'root:x:0:0::/:/bin/sh\nbroken\napp:x:1000:1001::/home/app:\nbad:x:a:b::/:\n'),
  tarEntry({ name: 'etc/group' }, 'staff:x:50:app\n'),
  tarEntry({ name: 'home/app/', type: '5', mode: 0o2750, uid: 1000, gid: 1001 }),
  tarEntry({ name: 'usr/bin/', type: '5', mode: 0o755 }),
  tarEntry({ name: 'bin', type: '2', linkname: 'usr/bin' }),
  tarEnd,
]);

describe('stageBase', () => {
  it('knows the config, the folders and the accounts of an image', async () => {
    await withTempDir(async (folder) => {
      const io = testIo();
      const files = await storedImage(testLayers(folder), [layer], {});
      const config = { config: { Env: ['A=1', 2], WorkingDir: '/w', User: 'app', Shell: ['x'], OnBuild: ['USER b'] } };
      const base = stageBase(config, new BaseFiles(files, await files.filesystem({}, io)));
      const { env, workdir, user, shell, onBuild } = base;
      assert.deepEqual(
        { env, workdir, user, shell, onBuild },
        {
          env: ['A=1'],
          workdir: '/w',
          user: 'app',
          shell: ['x'],
          onBuild: ['USER b'],
        },
      );
      assert.deepEqual(base.folder('/home/app'), { path: '/home/app', mode: 0o2750, uid: 1000, gid: 1001 });
      assert.deepEqual(base.folder('/bin'), { path: '/usr/bin', mode: 0o755, uid: 0, gid: 0 });
      assert.deepEqual(base.folder('/'), { path: '/', mode: 0o755, uid: 0, gid: 0 });
      assert.deepEqual([base.folder('/none'), base.folder('/etc/passwd')], [undefined, undefined]);
      assert.deepEqual(await base.account('app', io), { uid: 1000, gid: 1001 });
      assert.deepEqual([await base.account('bad', io), await base.account('no', io)], [undefined, undefined]);
      assert.deepEqual([await base.group('staff', io), await base.group('app', io)], [50, undefined]);
    });
  });

  it('takes a config that is none for empty', () => {
    const { env, workdir, shell } = stageBase({ config: [], Env: 'x' }, new BaseFiles());
    assert.deepEqual({ env, workdir, shell }, { env: [], workdir: '', shell: [] });
  });

  it('has no folder but the root on scratch', () => {
    assert.deepEqual([scratchBase.folder('/')?.path, scratchBase.folder('/usr')], ['/', undefined]);
  });
});
