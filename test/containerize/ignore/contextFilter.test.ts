import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { type ContextOptions, contextFilter } from '../../../src/containerize/ignore/contextFilter.ts';
import { filterBelow } from '../../../src/containerize/ignore/filterBelow.ts';
import { testIo } from '../../support/io.ts';
import { packedEntries } from '../../support/layerTools.ts';
import { newTempDir, removeTempDir } from '../../support/tempDir.ts';

let root = '';

function write(name: string, text = name): void {
  fs.mkdirSync(path.join(root, path.dirname(name)), { recursive: true });
  fs.writeFileSync(path.join(root, name), text);
}

interface Packed {
  readonly names: readonly string[];
  readonly secrets: readonly string[];
  readonly count: number;
}

async function packed(options: Partial<ContextOptions> = {}, folder = ''): Promise<Packed> {
  const context = await contextFilter({ root, gitignore: false, secrets: false, ...options }, testIo());
  const filter = filterBelow(context.filter, folder);
  const entries = await packedEntries([{ from: path.join(root, folder), to: '/app', filter }]);
  return {
    names: entries.map(({ name }) => name.replace(/^app\/?/, '')).filter((name) => name !== ''),
    secrets: context.leftOut().map(({ path: secret }) => secret),
    count: context.leftOutCount(),
  };
}

describe('contextFilter', () => {
  beforeEach(async () => void (root = fs.realpathSync(await newTempDir())));
  afterEach(() => removeTempDir(root));

  it('leaves out what .dockerignore names, without empty folders in the place of it', async () => {
    for (const name of ['src/a.ts', 'src/b.js', 'docs/x/y.md', 'lib/keep/z', 'lib/drop/z', 'out/o']) write(name);
    write('.dockerignore', '**/*.js\ndocs\nlib\n!lib/keep\nout/*\n.dockerignore\n');
    assert.deepEqual((await packed()).names, ['lib', 'lib/keep', 'lib/keep/z', 'out', 'src', 'src/a.ts']);
    assert.deepEqual((await packed({ dockerignore: '*\n!docs/x/y.md' })).names, ['docs', 'docs/x', 'docs/x/y.md']);
    assert.deepEqual((await packed({ dockerignore: '*' })).names, []);
  });

  it('does not look into a folder that nothing can come back from', async function () {
    if (process.platform === 'win32') this.skip();
    write('a');
    fs.mkdirSync(path.join(root, 'node_modules'));
    fs.symlinkSync('..', path.join(root, 'node_modules', '.wh.x'));
    assert.deepEqual((await packed({ dockerignore: 'node_modules' })).names, ['a']);
    await assert.rejects(packed({ dockerignore: 'node_modules\n!node_modules/.wh.x' }), { code: 'invalid-reference' });
  });

  for (const [text, isLeftOut] of [
    ['registry=https://registry.example.com/\nsave-exact=true\n', false],
    ['', false],
    ['//registry.example.com/:_authToken=${NPM_TOKEN}\n', true],
    ['registry=https://user:word@registry.example.com/\n', true],
    ['_password = x\n', true],
    ['//registry.example.com/:keyfile=/home/me/key\n', true],
  ] as const) {
    it(`279: ${isLeftOut ? 'leaves out' : 'lets in'} an .npmrc of ${JSON.stringify(text)}`, async () => {
      write('a');
      write('.npmrc', text);
      write('sub/.npmrc', '');
      const { names, secrets } = await packed();
      assert.deepEqual(names, isLeftOut ? ['a', 'sub'] : ['.npmrc', 'a', 'sub']);
      assert.deepEqual(secrets, isLeftOut ? ['.npmrc', 'sub/.npmrc'] : ['sub/.npmrc']);
    });
  }

  it('279: of outputs leaves out secrets, whatever ignore rules say of them', async () => {
    const context = await contextFilter({ root, gitignore: false, secrets: false, dockerignore: 'dist' }, testIo());
    assert.equal(context.filter.keeps('dist/a.js', false), false);
    assert.equal(context.outputs.keeps('dist/a.js', false), true);
    assert.equal(context.outputs.keeps('dist/.env', false), false);
    assert.deepEqual(
      context.leftOut().map(({ path: secret }) => secret),
      ['dist/.env'],
    );
    const all = await contextFilter({ root, gitignore: false, secrets: true, dockerignore: 'dist' }, testIo());
    assert.equal(all.outputs.keeps('dist/.env', false), true);
  });

  it('279: leaves secrets out and says which, even where .dockerignore asks for them', async () => {
    for (const name of ['.env', 'a', '.git/config', '.git/objects/x', 'deploy/id_rsa']) write(name);
    write('.npmrc', '//registry.example.com/:_authToken=x');
    const dockerignore = '!.env\n!.git\n!deploy/id_rsa';
    const { names, secrets, count } = await packed({ dockerignore });
    assert.deepEqual(names, ['a', 'deploy']);
    assert.deepEqual([secrets, count], [['.env', '.git', '.npmrc', 'deploy/id_rsa'], 4]);
  });

  it('279: lets secrets in where told to, and says which; a folder once', async () => {
    for (const name of ['.env', 'a', '.git/config', '.git/objects/x']) write(name);
    const { names, secrets } = await packed({ secrets: true });
    assert.deepEqual(names, ['.env', '.git', '.git/config', '.git/objects', '.git/objects/x', 'a']);
    assert.deepEqual(secrets, ['.env', '.git']);
    const left = await packed({ secrets: true, dockerignore: '.git' });
    assert.deepEqual([left.names, left.secrets], [['.env', 'a'], ['.env']]);
  });

  it('279: lists at most a thousand and counts all', async () => {
    for (let at = 0; at < 1005; at++) write(`s/${at}.pem`);
    const { names, secrets, count } = await packed();
    assert.deepEqual([names, secrets.length, count], [['s'], 1000, 1005]);
  });

  it('290: leaves out what systems and editors leave behind', async () => {
    for (const name of ['.DS_Store', 'a', 'x/._a', '__MACOSX/x/y', 'Thumbs.db', '.a.swp', 'a~']) write(name);
    assert.deepEqual((await packed({ dockerignore: '!.DS_Store' })).names, ['a', 'x']);
  });

  it('leaves out what git ignores where asked, with the rules of the repository above', async () => {
    const repository = root;
    fs.mkdirSync(path.join(repository, '.git'));
    write('.gitignore', 'target/\n*.log\n');
    for (const name of ['a', 'x.log', 'keep.log', 'target/b', 'sub/keep.log']) write(`app/${name}`);
    write('app/sub/.gitignore', '!keep.log\n');
    root = path.join(repository, 'app');
    try {
      assert.deepEqual((await packed({ gitignore: true })).names, ['a', 'sub', 'sub/.gitignore', 'sub/keep.log']);
      assert.equal((await packed()).names.includes('target/b'), true);
      fs.rmdirSync(path.join(repository, '.git'));
      assert.deepEqual((await packed({ gitignore: true })).names.includes('x.log'), true);
    } finally {
      root = repository;
    }
  });

  it('takes the paths of a folder in it as they are seen from the top', async () => {
    for (const name of ['dist/a', 'dist/b.map', 'dist/.env']) write(name);
    const { names, secrets } = await packed({ dockerignore: 'dist/*.map' }, 'dist');
    assert.deepEqual([names, secrets], [['a'], ['dist/.env']]);
  });

  it('names the file and line of a rule that cannot be used, and refuses a file that is too large', async () => {
    write('.dockerignore', 'a\n[\n');
    await assert.rejects(packed(), { code: 'invalid-spec', message: /^"\.dockerignore", line 2: / });
    write('.dockerignore', ' '.repeat((1 << 20) + 1));
    await assert.rejects(packed(), { code: 'too-large', message: /is larger than 1 MiB/ });
  });

  it('does not follow a link in the place of a .gitignore', async function () {
    if (process.platform === 'win32') this.skip();
    write('a');
    write('rules', 'a\n');
    fs.symlinkSync('rules', path.join(root, '.gitignore'));
    assert.deepEqual((await packed({ gitignore: true })).names, ['.gitignore', 'a', 'rules']);
  });

  it('stops when it is cancelled', async () => {
    const reason = new Error('enough');
    const io = { signal: AbortSignal.abort(reason) };
    await assert.rejects(contextFilter({ root, gitignore: true, secrets: false }, io), reason);
  });
});
