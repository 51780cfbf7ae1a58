import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { getFromHelper } from '../../src/credentials/credentialHelper.ts';
import { dockerCredentials } from '../../src/credentials/dockerConfig.ts';
import { helperFile } from '../../src/credentials/helperFile.ts';
import { isOciError } from '../../src/errors.ts';
import { testIo } from '../support/io.ts';
import { newTempDir, removeTempDir } from '../support/tempDir.ts';
import { auth, type FakeHome, fakeHome, shown } from './fakeHelpers.ts';

const secret = 'c4nary-s3cret';
const answer = (username: string): string => `echo '{"ServerURL":"x","Username":"${username}","Secret":"${secret}"}'`;

describe('credential helpers', () => {
  let directory = '';
  let user: FakeHome;
  before(function () {
    if (process.platform !== 'win32') return;
    this.test!.parent!.eachTest((test) => (test.title += ' [skipped: the helpers are shell scripts]'));
    this.skip();
  });
  beforeEach(async () => {
    directory = await newTempDir();
    user = fakeHome(directory);
  });
  afterEach(() => removeTempDir(directory));

  const config = (json: object): void => void user.write('.docker/config.json', json);
  const find = async (more: Parameters<FakeHome['options']>[0] = {}, registry = 'r.example'): Promise<string> =>
    shown(await dockerCredentials(user.options(more)).find(registry, undefined, testIo()));
  /** The text of the helper-failed error, checked to hold no secret. */
  const failure = async (more: Parameters<FakeHome['options']>[0] = {}): Promise<string> => {
    const error: unknown = await find(more).then(
      (found) => assert.fail(`found ${found}`),
      (reason: unknown) => reason,
    );
    assert.ok(isOciError(error, 'helper-failed'), String(error));
    assert.ok(!`${error.stack} ${String(error.cause)} ${user.problems.join(' ')}`.includes(secret));
    return error.message;
  };

  it('asks credHelpers before credsStore before auths', async () => {
    user.helper('one', answer('one'));
    user.helper('all', answer('all'));
    const auths = { 'r.example': auth('file:pw') };
    config({ credHelpers: { 'r.example': 'one' }, credsStore: 'all', auths });
    assert.equal(await find(), `one:${secret} from credential helper docker-credential-one`);
    config({ credHelpers: { 'other.example': 'one' }, credsStore: 'all', auths });
    assert.equal(await find(), `all:${secret} from credential helper docker-credential-all`);
    config({ credHelpers: { 'r.example': '' }, credsStore: 'all', auths });
    assert.equal(await find(), 'file:pw from ~/.docker/config.json');
  });

  it('gives the server on standard input, and for Docker Hub its historical address', async () => {
    user.helper('spy', `cat > ${directory}/asked; echo "$#:$1" >> ${directory}/asked; ${answer('bob')}`);
    config({ credsStore: 'spy' });
    await find();
    assert.equal(readFileSync(path.join(directory, 'asked'), 'utf8'), 'r.example1:get\n');
    await find({}, 'docker.io');
    assert.equal(readFileSync(path.join(directory, 'asked'), 'utf8'), 'https://index.docker.io/v1/1:get\n');
  });

  it('18: takes the user <token> for an identity token', async () => {
    user.helper('id', answer('<token>'));
    config({ credsStore: 'id' });
    assert.equal(await find(), `identity-token ${secret} from credential helper docker-credential-id`);
  });

  for (const name of ['../../x', '/x', 'a b', 'x;calc', 'x\\..\\y', '-x', '.x', 'x'.repeat(5000), 'x\n']) {
    it(`20: refuses the helper name ${JSON.stringify(name.slice(0, 20))} and starts nothing`, async () => {
      mkdirSync(path.join(user.bin, 'docker-credential-..'));
      user.helper('x', `touch ${directory}/ran; ${answer('bob')}`);
      config({ credsStore: name });
      assert.match(
        await failure(),
        /^The credential helper name ".*" is not allowed\. Correct credsStore or credHelpers/,
      );
      assert.equal(existsSync(path.join(directory, 'ran')), false);
    });
  }

  it('21: never runs a helper from the working directory or a relative PATH entry', async () => {
    const workspace = path.join(directory, 'workspace');
    mkdirSync(workspace);
    user.helper('evil', `touch ${directory}/ran; ${answer('bob')}`, workspace);
    config({ credsStore: 'evil' });
    const relative = path.relative(process.cwd(), workspace);
    for (const PATH of ['', '.', `:${relative}:`, `./${relative}`, relative]) {
      assert.equal(await find({ env: { PATH }, helperDirectory: workspace }), 'anonymous');
    }
    assert.equal(existsSync(path.join(directory, 'ran')), false);
  });

  it('21: runs helpers in the directory that was chosen for them', async () => {
    user.helper('where', `pwd > ${directory}/cwd; ${answer('bob')}`);
    mkdirSync(path.join(directory, 'storage'));
    config({ credsStore: 'where' });
    await find({ helperDirectory: path.join(directory, 'storage') });
    assert.equal(readFileSync(path.join(directory, 'cwd'), 'utf8').trim().endsWith('/storage'), true);
  });

  it('24: ends a helper that never answers, with its children', async () => {
    user.helper('slow', `sleep 600 & echo $! > ${directory}/child; wait`);
    config({ credsStore: 'slow' });
    assert.match(
      await failure({ helperTimeout: 300 }),
      /docker-credential-slow gave no answer in 0\.3 s and was ended/,
    );
    await gone(Number(readFileSync(path.join(directory, 'child'), 'utf8')));
  });

  it('24: ends a helper that prints without end', async () => {
    user.helper('loud', 'exec yes');
    config({ credsStore: 'loud' });
    assert.match(await failure(), /printed more than a credential can be/);
    user.helper('loud', 'exec yes >&2');
    assert.match(await failure(), /printed more than a credential can be/);
  });

  it('24: does not wait for a grandchild that keeps the output open', async () => {
    user.helper('fork', `sleep 600 & echo $! > ${directory}/child; ${answer('bob')}`);
    config({ credsStore: 'fork' });
    assert.equal(await find(), `bob:${secret} from credential helper docker-credential-fork`);
    await gone(Number(readFileSync(path.join(directory, 'child'), 'utf8')));
  });

  it('24: stops at once when it is cancelled, with the reason of the signal', async () => {
    user.helper('slow', `echo $$ > ${directory}/child; exec sleep 600`);
    config({ credsStore: 'slow' });
    const controller = new AbortController();
    const finding = dockerCredentials(user.options()).find('r.example', undefined, { signal: controller.signal });
    while (!existsSync(path.join(directory, 'child'))) await new Promise((resolve) => setImmediate(resolve));
    const reason = new Error('cancelled by the user');
    controller.abort(reason);
    await assert.rejects(finding, reason);
  });

  it('25: says so where a helper is not installed, and goes on', async () => {
    config({ credsStore: 'desktop', auths: { 'r.example': auth('bob:pw') } });
    assert.equal(await find(), 'bob:pw from ~/.docker/config.json');
    assert.deepEqual(user.problems, [
      'docker-credential-desktop is configured for r.example but is not on PATH (Docker Desktop seems not to be installed or not to be running); without another login the registry is used anonymously.',
    ]);
  });

  it('26: is anonymous and silent where the helper has no login', async () => {
    user.helper('none', 'echo "credentials not found in native keychain"; exit 1');
    config({ credsStore: 'none' });
    assert.equal(await find(), 'anonymous');
    assert.deepEqual(user.problems, []);
  });

  it('27: reports what a failing helper says in one clean line of at most 200 characters', async () => {
    user.helper('bad', `printf '\\033[31mthe keychain\\nis locked\\033[0m \\342\\200\\256%0300d' 7; exit 3`);
    config({ credsStore: 'bad' });
    assert.match(
      await failure(),
      /docker-credential-bad failed with exit code 3; the log shows what it said\. Try it in/,
    );
    const [problem = ''] = user.problems;
    assert.match(
      problem,
      /^docker-credential-bad failed \(exit code 3\)\. It said: "the keychain is locked \\u202e0+…"$/,
    );
    assert.ok(problem.length < 280);
  });

  it('27: leaves out what may hold a secret', async () => {
    user.helper('bad', `${answer('bob')}; exit 1`);
    config({ credsStore: 'bad' });
    await failure();
    user.helper('bad', `echo "password=${secret}"; exit 2`);
    await failure();
    assert.deepEqual(user.problems, [
      'docker-credential-bad failed (exit code 1). It said: (left out: it may hold a secret)',
      'docker-credential-bad failed (exit code 2). It said: (left out: it may hold a secret)',
    ]);
  });

  for (const output of [
    `${secret} is not JSON`,
    `["${secret}"]`,
    `{"Username":"bob"}`,
    `{"Username":1,"Secret":"${secret}"}`,
    '',
  ]) {
    it(`27: names an answer that is no credential: ${output.replace(secret, '…')}`, async () => {
      user.helper('odd', `echo '${output}'`);
      config({ credsStore: 'odd' });
      assert.match(await failure(), /docker-credential-odd gave an answer that is not a credential/);
    });
  }

  it('29: keeps the registry that was asked for, whatever ServerURL says', async () => {
    user.helper('liar', `echo '{"ServerURL":"evil.example","Username":"bob","Secret":"pw"}'`);
    config({ credsStore: 'liar' });
    assert.deepEqual(await dockerCredentials(user.options()).find('r.example', undefined, testIo()), {
      credential: { kind: 'basic', username: 'bob', password: 'pw' },
      origin: 'credential helper docker-credential-liar',
      account: 'bob',
    });
  });

  for (const server of ['a\nb', 'a\rb', 'a\0b']) {
    it(`30: sends no helper the server name ${JSON.stringify(server)}`, async () => {
      user.helper('x', `touch ${directory}/ran; ${answer('bob')}`);
      const options = { ...user.options(), report: () => undefined };
      await assert.rejects(getFromHelper('x', server, options, testIo()), /is not a server name; no credential helper/);
      assert.equal(existsSync(path.join(directory, 'ran')), false);
    });
  }

  it('31: drops what a helper writes to standard error', async () => {
    user.helper('chatty', `echo "password is ${secret}" >&2; echo locked; exit 1`);
    config({ credsStore: 'chatty' });
    await failure();
    assert.deepEqual(user.problems, ['docker-credential-chatty failed (exit code 1). It said: "locked"']);
  });

  it('runs nothing where helpers are switched off, and says so', async () => {
    user.helper('x', `touch ${directory}/ran; ${answer('bob')}`);
    config({ credsStore: 'x', auths: { 'r.example': auth('bob:pw') } });
    assert.equal(await find({ allowHelpers: false }), 'bob:pw from ~/.docker/config.json');
    assert.equal(existsSync(path.join(directory, 'ran')), false);
    assert.deepEqual(user.problems, [
      '"docker-credential-x" is configured for r.example, but credential helpers are switched off.',
    ]);
  });

  it('names a helper that cannot be started', async () => {
    const file = path.join(user.bin, 'docker-credential-x');
    user.helper('x', '');
    writeFileSync(file, '#!/no/such/interpreter\n');
    config({ credsStore: 'x' });
    assert.match(await failure(), /docker-credential-x could not be started/);
  });
});

describe('helperFile', () => {
  const windows = { platform: 'win32', env: { Path: 'relative;.;;C:\\Tools;\\rooted;D:\\Bin' } } as const;
  const on =
    (...files: string[]): ((file: string) => boolean) =>
    (file) =>
      files.includes(file);

  it('22: takes only an .exe on Windows, from absolute folders', () => {
    const exe = 'D:\\Bin\\docker-credential-wincred.exe';
    assert.equal(helperFile('wincred', windows, on(exe)), exe);
    assert.equal(helperFile('wincred.exe', windows, on(exe)), exe);
    const planted = [
      'relative\\docker-credential-x.exe',
      'docker-credential-x.exe',
      '\\rooted\\docker-credential-x.exe',
    ];
    assert.equal(helperFile('x', windows, on(...planted)), undefined);
  });

  for (const end of ['cmd', 'bat']) {
    it(`22: says that a .${end} file is not run`, () => {
      assert.throws(() => helperFile('x', windows, on(`C:\\Tools\\docker-credential-x.${end}`)), {
        code: 'helper-failed',
        message: 'docker-credential-x is a batch file, which is not run. The helper must be an .exe.',
      });
    });
  }
});

/** Resolves when a process is gone; the test's time limit is the deadline. */
async function gone(pid: number): Promise<void> {
  for (;;) {
    try {
      process.kill(pid, 0);
      if (readFileSync(`/proc/${pid}/stat`, 'utf8').split(' ')[2] === 'Z') return;
    } catch {
      return;
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
}
