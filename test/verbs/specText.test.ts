import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { specTextVerb } from '../../src/verbs/specText.ts';
import { elfOf } from '../containerize/elfWriter.ts';
import { testIo } from '../support/io.ts';
import { newTempDir, removeTempDir } from '../support/tempDir.ts';
import { testContext } from '../support/verbContext.ts';

describe('specTextVerb', () => {
  let folder = '';
  const context = testContext();
  const at = (name: string): string => path.join(folder, name);
  const text = (options: object): Promise<string> => specTextVerb(options, context.value, {}, testIo());
  /** The lines that say something. */
  const said = (all: string): readonly string[] =>
    all.split('\n').filter((line) => line !== '' && !line.startsWith('#'));

  beforeEach(async () => {
    folder = await newTempDir();
    await context.open(at('storage'));
    await mkdir(at('site/dist'), { recursive: true });
    await writeFile(at('site/dist/index.html'), '<h1>hello</h1>');
    await writeFile(at('server'), elfOf({ type: 2 }));
  });
  afterEach(async () => {
    await context.close();
    await removeTempDir(folder);
  });

  it('names the recipe of a project, though nobody chose it, and what was chosen', async () => {
    const options = { folder: at('site'), base: 'nginx', target: 'x.test/site:1', tags: ['two'], inFolder: at('site') };
    assert.deepEqual(said(await text(options)), [
      'base: nginx',
      'recipe: static-site',
      'project: "."',
      'target: x.test/site:1',
      'tags: [two]',
    ]);
  });

  it('names the files of a program from the folder that it is saved in', async () => {
    const options = { file: at('server'), base: 'scratch', target: `oci:${at('made')}:1`, inFolder: folder };
    const lines = said(await text(options));
    assert.ok(lines.includes('      - from: server'), lines.join('\n'));
    assert.ok(lines.includes('target: oci:made:1'), lines.join('\n'));
    assert.ok(!lines.join('\n').includes(folder));
  });

  it('refuses what lies outside of that folder, and a folder that is not named', async () => {
    const options = { file: at('server'), base: 'scratch', target: 'x.test/a:1' };
    await assert.rejects(text({ ...options, inFolder: at('site') }), { code: 'invalid-reference', message: /outside/ });
    await assert.rejects(text(options), { code: 'invalid-reference', message: /inFolder/ });
  });
});
