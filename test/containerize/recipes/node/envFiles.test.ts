import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { withoutSecrets } from '../../../../src/containerize/ignore/secrets.ts';
import { nodeRecipe } from '../../../../src/containerize/recipes/node/nodeRecipe.ts';
import { ProjectFolder } from '../../../../src/containerize/recipes/projectFolder.ts';
import { testIo } from '../../../support/io.ts';
import { newTempDir, removeTempDir } from '../../../support/tempDir.ts';
import { writeTree } from '../folder/packed.ts';

let root = '';

describe('withoutEnvFiles', () => {
  beforeEach(async () => void (root = fs.realpathSync(await newTempDir())));
  afterEach(() => removeTempDir(root));

  const cases: readonly (readonly [script: string, args: string, left: readonly string[]])[] = [
    ['node --env-file=.env --enable-source-maps a.js', '--enable-source-maps a.js', ['.env']],
    ['node -r ./b.js --env-file ./.env a.js', '-r ./b.js a.js', ['./.env']],
    [
      'node --env-file=gone --env-file=/etc/x --env-file=public.txt a.js',
      '--env-file=public.txt a.js',
      ['gone', '/etc/x'],
    ],
    ['node --env-file-if-exists=.env a.js --env-file=.env', '--env-file-if-exists=.env a.js --env-file=.env', []],
    ['node a.js', 'a.js', []],
  ];
  for (const [script, args, left] of cases) {
    it(`starts ${script} where secrets are left out`, async () => {
      const json = JSON.stringify({ scripts: { start: script } });
      writeTree(root, { 'package.json': json, 'a.js': '', 'b.js': '', '.env': 'A=b', 'public.txt': 'A=b' });
      const [project] = await nodeRecipe.detect(await ProjectFolder.open(root), testIo());
      const build = { platforms: ['linux/amd64'], output: path.join(root, 'o'), filter: withoutSecrets };
      const image = await project?.image(build, testIo());
      assert.equal(image?.config.entrypoint?.join(' '), `node ${args}`);
      assert.deepEqual(
        image.warnings.flatMap(({ paths }) => paths ?? []),
        left,
      );
    });
  }
});
