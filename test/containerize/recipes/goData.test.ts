import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { goData } from '../../../src/containerize/recipes/goData.ts';
import { packedEntries } from '../../support/layerTools.ts';
import { testIo } from '../../support/io.ts';
import { newTempDir, removeTempDir } from '../../support/tempDir.ts';
import { writeTree } from './binaryTree.ts';

let root = '';
const data = (more: Partial<Parameters<typeof goData>[0]> = {}): ReturnType<typeof goData> =>
  goData({ folder: path.join(root, 'cmd/kodata'), empty: root, root, ...more }, testIo());

async function packed(more: Partial<Parameters<typeof goData>[0]> = {}): Promise<readonly string[]> {
  const entries = await packedEntries(await data(more));
  return entries.map(({ name, type, mode, content }) => `${mode} ${type} ${name} ${content}`.trim());
}

describe('goData', () => {
  before(function () {
    if (process.platform === 'win32') this.skip();
  });
  beforeEach(async () => void (root = fs.realpathSync(await newTempDir())));
  afterEach(() => removeTempDir(root));

  it('has the folder also where there are no static files, as ko does', async () => {
    assert.deepEqual(await packed(), ['555 directory var/run/ko']);
  });

  it('follows links inside the repository, to files and folders', async () => {
    writeTree(root, {
      '.git/HEAD': '',
      'shared/deep/x': 'x',
      'shared/y': 'y',
      'cmd/kodata/all': '-> ../../shared',
      'cmd/kodata/again': '-> all/y',
      'cmd/kodata/z': 'z',
    });
    assert.deepEqual(await packed(), [
      '555 directory var/run/ko',
      '555 file var/run/ko/again y',
      '555 directory var/run/ko/all',
      '555 directory var/run/ko/all/deep',
      '555 file var/run/ko/all/deep/x x',
      '555 file var/run/ko/all/y y',
      '555 file var/run/ko/z z',
    ]);
  });

  for (const [what, link, isRepository] of [
    ['the repository', '../../../outside', true],
    ['the folder, without a repository', '../outside', false],
    ['everything', '/etc/hostname', true],
  ] as const) {
    it(`277: refuses a link that leads out of ${what}`, async () => {
      const at = path.join(root, 'repo');
      writeTree(root, { outside: 'secret', 'repo/cmd/outside': 'secret', 'repo/cmd/kodata/link': `-> ${link}` });
      if (isRepository) fs.mkdirSync(path.join(at, '.git'));
      await assert.rejects(data({ folder: path.join(at, 'cmd/kodata'), root: at }), {
        code: 'invalid-reference',
        message: /kodata\/link" leads out of /,
      });
    });
  }

  it('277: takes a kodata that is itself a link for none', async () => {
    writeTree(root, { 'other/secret': 's', 'cmd/x': '', 'cmd/kodata': '-> ../other' });
    assert.deepEqual(await packed(), ['555 directory var/run/ko']);
  });

  it('refuses circles, links to nothing and what is no file', async () => {
    writeTree(root, { '.git/HEAD': '', 'cmd/kodata/sub/up': '-> ../..', 'cmd/other/x': '' });
    await assert.rejects(data(), { code: 'invalid-reference', message: /leads to a folder that it is in/ });
    fs.rmSync(path.join(root, 'cmd/kodata/sub'), { recursive: true });
    writeTree(root, { 'cmd/kodata/gone': '-> nothing' });
    await assert.rejects(data(), { code: 'not-found' });
    fs.rmSync(path.join(root, 'cmd/kodata/gone'));
    execFileSync('mkfifo', [path.join(root, 'cmd/kodata/fifo')]);
    await assert.rejects(data(), { code: 'unsupported-media-type' });
  });

  it('leaves out what the rules of the workspace leave out, also behind links', async () => {
    writeTree(root, {
      '.git/HEAD': '',
      'keys/id_rsa': 'k',
      'cmd/kodata/key': '-> ../../keys/id_rsa',
      'cmd/kodata/.env': 'e',
      'cmd/kodata/sub/x': 'x',
    });
    const asked: string[] = [];
    const filter = {
      keeps: (file: string) => {
        asked.push(file);
        return !/\.env$|id_rsa$/.test(file);
      },
      enters: () => false,
    };
    assert.deepEqual(await packed({ filter }), [
      '555 directory var/run/ko',
      '555 directory var/run/ko/sub',
      '555 file var/run/ko/sub/x x',
    ]);
    assert.deepEqual(asked, ['cmd/kodata/.env', 'keys/id_rsa', 'cmd/kodata/sub', 'cmd/kodata/sub/x']);
  });
});
