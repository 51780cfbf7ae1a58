import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, symlinkSync, utimesSync } from 'node:fs';
import path from 'node:path';
import { dockerCredentials, listDockerLogins } from '../../src/credentials/dockerConfig.ts';
import { testIo } from '../support/io.ts';
import { newTempDir, removeTempDir } from '../support/tempDir.ts';
import { auth, type FakeHome, fakeHome, shown } from './fakeHelpers.ts';

let directory = '';
let user: FakeHome;
describe('dockerConfig.test', () => {
  beforeEach(async () => {
    directory = await newTempDir();
    user = fakeHome(directory);
  });
  afterEach(() => removeTempDir(directory));

  async function look(registry = 'r.example', more: Parameters<FakeHome['options']>[0] = {}): Promise<string> {
    return shown(await dockerCredentials(user.options(more)).find(registry, 'team/app', testIo()));
  }

  describe('dockerCredentials', () => {
    it('14: is anonymous and silent without a config.json', async () => {
      assert.equal(await look(), 'anonymous');
      assert.deepEqual(user.problems, []);
    });

    const broken: readonly (readonly [string, string | Uint8Array, string])[] = [
      [
        'a trailing comma',
        '{\n "auths": {\n  "r.example": {"auth": "c2VjcmV0"},}}',
        '~/.docker/config.json line 3 column 37: it is not valid JSON there; credentials from it are not used. Correct the file.',
      ],
      [
        'a list instead of an object',
        '[]',
        '~/.docker/config.json line 1 column 1: it is not a JSON object; credentials from it are not used. Correct the file.',
      ],
      [
        'another encoding',
        Buffer.from('\ufeff{"auths": {}}', 'utf16le'),
        '~/.docker/config.json is not UTF-8 text; credentials from it are not used. Save it as UTF-8.',
      ],
      [
        '50 MB',
        Buffer.alloc(50e6, ' '),
        '~/.docker/config.json is larger than 4194304 bytes; credentials from it are not used.',
      ],
    ];
    for (const [what, content, problem] of broken) {
      it(`15: says once what is wrong with a file with ${what}, and goes on without it`, async () => {
        user.write('.docker/config.json', content);
        const source = dockerCredentials(user.options());
        assert.equal(await source.find('r.example', undefined, testIo()), undefined);
        assert.equal(await source.find('r.example', undefined, testIo()), undefined);
        assert.deepEqual(user.problems, [problem]);
      });
    }

    for (const content of ['', ' \n']) {
      it(`15: takes ${JSON.stringify(content)} for an empty file`, async () => {
        user.write('.docker/config.json', content);
        assert.equal(await look(), 'anonymous');
        assert.deepEqual(user.problems, []);
      });
    }

    it('15: reads a file with a byte order mark', async () => {
      user.write('.docker/config.json', `\ufeff${JSON.stringify({ auths: { 'r.example': auth('bob:pw') } })}`);
      assert.equal(await look(), 'bob:pw from ~/.docker/config.json');
    });

    it('16: names a config.json that is a directory', async () => {
      mkdirSync(path.join(user.home, '.docker/config.json'), { recursive: true });
      assert.equal(await look(), 'anonymous');
      assert.deepEqual(user.problems, ['~/.docker/config.json is not a file; credentials from it are not used.']);
    });

    it('16: names links to nothing and in a circle', async () => {
      mkdirSync(path.join(user.home, '.docker'));
      const file = path.join(user.home, '.docker/config.json');
      symlinkSync('nowhere', file);
      assert.equal(await look(), 'anonymous');
      symlinkSync('loop', path.join(user.home, 'loop'));
      assert.equal(await look('r.example', { configPath: path.join(user.home, 'loop') }), 'anonymous');
      assert.deepEqual(user.problems, [
        '~/.docker/config.json is a link to a file that is not there; credentials from it are not used.',
        '~/loop cannot be read (ELOOP); credentials from it are not used.',
      ]);
    });

    it('16: names a file that may not be read', async function () {
      if (process.getuid?.() === 0) {
        this.test!.title += ' [skipped: root may read everything]';
        this.skip();
      }
      chmodSync(user.write('.docker/config.json', '{}'), 0o000);
      assert.equal(await look(), 'anonymous');
      assert.deepEqual(user.problems, [
        '~/.docker/config.json cannot be read (EACCES); credentials from it are not used.',
      ]);
    });

    const entries: readonly (readonly [string, object, string])[] = [
      ['auth', auth('bob:pw'), 'bob:pw'],
      ['auth with colons in the password', auth('bob:p:w:'), 'bob:p:w:'],
      [
        'auth without padding',
        { auth: Buffer.from('bob:secret7').toString('base64').replace(/=+$/, '') },
        'bob:secret7',
      ],
      ['auth with an empty password', auth('bob:'), 'bob:'],
      ['auth padded with NUL', auth('bob:pw\0\0'), 'bob:pw'],
      ['auth of other letters', auth('bob:pässwörd'), 'bob:pässwörd'],
      ['username and password', { username: 'bob', password: 'pw' }, 'bob:pw'],
      ['identitytoken', { ...auth('bob:'), identitytoken: 'IT' }, 'identity-token IT'],
      ['registrytoken', { ...auth('bob:pw'), registrytoken: 'RT' }, 'registry-token RT'],
    ];
    for (const [what, entry, expected] of entries) {
      it(`18: understands ${what}`, async () => {
        user.write('.docker/config.json', { auths: { 'r.example': entry } });
        assert.equal(await look(), `${expected} from ~/.docker/config.json`);
        assert.deepEqual(user.problems, []);
      });
    }

    for (const entry of [{ auth: '§§§' }, auth('nocolon'), auth(':pw'), { registrytoken: 'a\r\nX: y' }]) {
      it(`reports the malformed entry ${JSON.stringify(entry)} without its content`, async () => {
        user.write('.docker/config.json', { auths: { 'r.example': entry } });
        assert.equal(await look(), 'anonymous');
        assert.deepEqual(user.problems, [
          '~/.docker/config.json: the entry "r.example" of auths is malformed and not used. Log in to it again.',
        ]);
      });
    }

    const keys = [
      'https://r.example/v1/',
      'http://r.example',
      'r.example:443',
      'R.EXAMPLE',
      'r.example/',
      'r.example/team',
    ];
    for (const key of keys) {
      it(`19: finds the login under ${key}`, async () => {
        user.write('.docker/config.json', { auths: { 'other.example': auth('x:y'), [key]: auth('bob:pw') } });
        assert.equal(await look(), 'bob:pw from ~/.docker/config.json');
        assert.equal(await look('r.example:5000'), 'anonymous');
        assert.equal(await look('sub.r.example'), 'anonymous');
      });
    }

    it('reads DOCKER_AUTH_CONFIG before DOCKER_CONFIG’s file, and that instead of the one at home', async () => {
      const entry = (text: string): object => ({ auths: { 'r.example': auth(text) } });
      user.write('.docker/config.json', entry('home:1'));
      user.write('elsewhere/config.json', entry('directory:2'));
      const DOCKER_CONFIG = path.join(user.home, 'elsewhere');
      assert.equal(await look('r.example'), 'home:1 from ~/.docker/config.json');
      assert.equal(await look('r.example', { env: { DOCKER_CONFIG } }), 'directory:2 from ~/elsewhere/config.json');
      const DOCKER_AUTH_CONFIG = JSON.stringify(entry('inline:3'));
      assert.equal(
        await look('r.example', { env: { DOCKER_CONFIG, DOCKER_AUTH_CONFIG } }),
        'inline:3 from the environment variable DOCKER_AUTH_CONFIG',
      );
      const other = user.write('mine.json', entry('setting:4'));
      assert.equal(
        await look('r.example', { env: { DOCKER_CONFIG }, configPath: other }),
        'setting:4 from ~/mine.json',
      );
    });

    it('goes on to the file where DOCKER_AUTH_CONFIG does not name the registry, and lets it name no program', async () => {
      user.write('.docker/config.json', { auths: { 'r.example': auth('bob:pw') } });
      const DOCKER_AUTH_CONFIG = JSON.stringify({ auths: { 'other.example': auth('x:y') }, credsStore: 'planted' });
      user.helper('planted', 'echo \'{"Username":"planted","Secret":"x"}\'');
      assert.equal(await look('r.example', { env: { DOCKER_AUTH_CONFIG } }), 'bob:pw from ~/.docker/config.json');
    });

    it('reads the file again when it has changed, and forgets it when it is gone', async () => {
      const file = user.write('.docker/config.json', { auths: { 'r.example': auth('bob:1') } });
      const source = dockerCredentials(user.options());
      const find = async (): Promise<string> => shown(await source.find('r.example', undefined, testIo()));
      assert.equal(await find(), 'bob:1 from ~/.docker/config.json');
      user.write('.docker/config.json', { auths: { 'r.example': auth('bob:2') } });
      utimesSync(file, 1_000_000, 1_000_000);
      assert.equal(await find(), 'bob:2 from ~/.docker/config.json');
      await removeTempDir(path.join(user.home, '.docker'));
      assert.equal(await find(), 'anonymous');
    });

    it('36: ignores everything else that the file says', async () => {
      user.write('.docker/config.json', {
        HttpHeaders: { Authorization: 'Basic x' },
        proxies: { default: { httpProxy: 'http://evil.example' } },
        plugins: {},
        auths: { 'r.example': auth('bob:pw') },
      });
      assert.deepEqual(await dockerCredentials(user.options()).find('r.example', undefined, testIo()), {
        credential: { kind: 'basic', username: 'bob', password: 'pw' },
        origin: '~/.docker/config.json',
        account: 'bob',
      });
    });

    it('keeps a key named __proto__ as data', async () => {
      user.write(
        '.docker/config.json',
        '{"auths": {"__proto__": {"auth": "Ym9iOnB3"}}, "credHelpers": {"__proto__": "x"}}',
      );
      assert.equal(await look(), 'anonymous');
      assert.deepEqual(user.problems, []);
    });
  });

  describe('listDockerLogins', () => {
    it('lists registries and where each login is, without secrets', async () => {
      user.helper('store', `[ "$1" = list ] && echo '{"https://index.docker.io/v1/": "bob", "s.example": "bob"}'`);
      user.write('.docker/config.json', {
        credsStore: 'store',
        credHelpers: { 'h.example': 'other' },
        auths: { 'a.example': auth('bob:pw'), 's.example': {}, 'not a registry': auth('x:y') },
      });
      assert.deepEqual(await listDockerLogins(user.options(), testIo()), [
        { registry: 'h.example', origin: 'docker-credential-other' },
        { registry: 'docker.io', origin: 'docker-credential-store' },
        { registry: 's.example', origin: 'docker-credential-store' },
        { registry: 'a.example', origin: '~/.docker/config.json' },
      ]);
    });
  });
});
