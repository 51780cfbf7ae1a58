import assert from 'node:assert/strict';
import path from 'node:path';
import { chainCredentials } from '../../src/credentials/chain.ts';
import { dockerCredentials } from '../../src/credentials/dockerConfig.ts';
import { podmanAuthFiles, podmanCredentials } from '../../src/credentials/podmanAuth.ts';
import { testIo } from '../support/io.ts';
import { newTempDir, removeTempDir } from '../support/tempDir.ts';
import { auth, type FakeHome, fakeHome, shown } from './fakeHelpers.ts';

describe('podmanAuthFiles', () => {
  const home = path.resolve('/home/bob');
  const at = (...parts: string[]): string => path.join(home, ...parts);
  const cases: readonly (readonly [string, NodeJS.Platform, NodeJS.ProcessEnv, readonly string[]])[] = [
    [
      'REGISTRY_AUTH_FILE alone',
      'linux',
      { REGISTRY_AUTH_FILE: '/a.json', XDG_RUNTIME_DIR: '/run/user/7' },
      ['/a.json'],
    ],
    [
      'the runtime directory, then the configuration directory',
      'linux',
      { XDG_RUNTIME_DIR: at('run') },
      [at('run/containers/auth.json'), at('.config/containers/auth.json')],
    ],
    [
      'XDG_CONFIG_HOME',
      'linux',
      { XDG_RUNTIME_DIR: at('run'), XDG_CONFIG_HOME: at('cfg') },
      [at('run/containers/auth.json'), at('cfg/containers/auth.json')],
    ],
    [
      'the directory of the user without XDG_RUNTIME_DIR',
      'linux',
      {},
      [path.join('/run/containers/7/auth.json'), at('.config/containers/auth.json')],
    ],
    ['one file on a Mac', 'darwin', { XDG_RUNTIME_DIR: at('run') }, [at('.config/containers/auth.json')]],
    ['one file on Windows', 'win32', {}, [at('.config/containers/auth.json')]],
  ];
  for (const [what, platform, env, files] of cases) {
    it(`35: reads ${what}`, () => {
      assert.deepEqual(podmanAuthFiles({ env, home, platform }, 7), files);
    });
  }
});

describe('podmanCredentials', () => {
  let directory = '';
  let user: FakeHome;
  beforeEach(async () => {
    directory = await newTempDir();
    user = fakeHome(directory);
  });
  afterEach(() => removeTempDir(directory));

  it('35: takes the most specific key for a repository and says which file it is in', async () => {
    user.write('.config/containers/auth.json', {
      auths: { 'r.example': auth('all:1'), 'r.example/team': auth('team:2'), 'r.example/team/app': auth('app:3') },
    });
    const source = podmanCredentials(user.options({ env: { XDG_RUNTIME_DIR: path.join(user.home, 'none') } }));
    const find = async (repository?: string): Promise<string> =>
      shown(await source.find('r.example', repository, testIo()));
    assert.equal(await find('team/app'), 'app:3 from ~/.config/containers/auth.json');
    assert.equal(await find('team/other'), 'team:2 from ~/.config/containers/auth.json');
    assert.equal(await find('teams'), 'all:1 from ~/.config/containers/auth.json');
    assert.equal(await find(), 'all:1 from ~/.config/containers/auth.json');
  });

  it('35: is asked in the order of the chain where docker’s file is there too', async () => {
    user.write('.docker/config.json', { auths: { 'd.example': auth('docker:1'), 'both.example': auth('docker:2') } });
    const file = user.write('auth.json', {
      auths: { 'p.example': auth('podman:3'), 'both.example': auth('podman:4') },
    });
    const options = user.options({ env: { REGISTRY_AUTH_FILE: file } });
    const chain = chainCredentials([dockerCredentials(options), podmanCredentials(options)]);
    const find = async (registry: string): Promise<string> => shown(await chain.find(registry, undefined, testIo()));
    assert.equal(await find('d.example'), 'docker:1 from ~/.docker/config.json');
    assert.equal(await find('p.example'), 'podman:3 from ~/auth.json');
    assert.equal(await find('both.example'), 'docker:2 from ~/.docker/config.json');
    assert.equal(await find('none.example'), 'anonymous');
  });

  it('asks nothing more once it is cancelled', async () => {
    const chain = chainCredentials([dockerCredentials(user.options())]);
    const reason = new Error('cancelled');
    await assert.rejects(chain.find('r.example', undefined, { signal: AbortSignal.abort(reason) }), reason);
  });
});
