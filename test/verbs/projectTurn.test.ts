import assert from 'node:assert/strict';
import { mkdir, readdir, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { ProjectTurn } from '../../src/verbs/containerizing/projectTurn.ts';
import { testIo } from '../support/io.ts';
import { newTempDir, removeTempDir } from '../support/tempDir.ts';
import { testContext } from '../support/verbContext.ts';

describe('ProjectTurn', () => {
  let folder = '';
  const context = testContext();
  const builds = (): string => path.join(folder, 'storage/builds');
  const turn = (name: string, milliseconds = 5_000): Promise<ProjectTurn | undefined> =>
    ProjectTurn.take({ kind: 'folder', folder: path.join(folder, name) }, context.value, {}, testIo(milliseconds));

  beforeEach(async () => {
    folder = await newTempDir();
    await context.open(path.join(folder, 'storage'));
    await mkdir(path.join(folder, 'one'));
  });
  afterEach(async () => {
    await context.close();
    await removeTempDir(folder);
  });

  it('comes to one at a time for a folder, and to others for other folders', async () => {
    const order: string[] = [];
    const first = await turn('one');
    const second = turn('one').then(async (own) => {
      order.push('second');
      await own?.[Symbol.asyncDispose]();
    });
    const other = await turn('other');
    order.push('first');
    await first?.[Symbol.asyncDispose]();
    await first?.[Symbol.asyncDispose]();
    await second;
    await other?.[Symbol.asyncDispose]();
    assert.deepEqual(order, ['first', 'second']);
    assert.deepEqual(await readdir(builds()), []);
  });

  it('is taken from one who was ended in the middle of it, and from nobody else', async () => {
    const first = await turn('one');
    const [name = ''] = await readdir(builds());
    await assert.rejects(turn('one', 200), { name: 'TimeoutError' });
    await first?.[Symbol.asyncDispose]();
    const file = path.join(builds(), name);
    await writeFile(file, '');
    await utimes(file, 1, 1);
    await (await turn('one'))?.[Symbol.asyncDispose]();
    assert.deepEqual(await readdir(builds()), []);
  });

  it('says where nothing can be written', async () => {
    await mkdir(path.dirname(builds()), { recursive: true });
    await writeFile(builds(), 'in the way');
    await assert.rejects(turn('one'), { code: 'forbidden', message: /could not be written/ });
  });

  it('is the same for a spec and its folder, and none for programs', async () => {
    const first = await turn('one');
    const spec = { kind: 'spec', spec: path.join(folder, 'one/gantry.yaml') } as const;
    await assert.rejects(ProjectTurn.take(spec, context.value, {}, testIo(200)), { name: 'TimeoutError' });
    await first?.[Symbol.asyncDispose]();
    const files = { kind: 'files', files: ['/a'] } as const;
    assert.equal(await ProjectTurn.take(files, context.value, {}, testIo()), undefined);
  });
});
