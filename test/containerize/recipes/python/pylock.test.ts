import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { lockedByPylock } from '../../../../src/containerize/recipes/python/pylock.ts';
import { pythonRecipe } from '../../../../src/containerize/recipes/python/pythonRecipe.ts';
import { ProjectFolder } from '../../../../src/containerize/recipes/projectFolder.ts';
import { testIo } from '../../../support/io.ts';
import { newTempDir, removeTempDir } from '../../../support/tempDir.ts';
import { writeTree } from '../folder/packed.ts';

const hash = '0f'.repeat(32);
// As pip 26.2 writes it.
const lock = `lock-version = "1.0"
created-by = "pip"

[[packages]]
name = "click"
version = "8.5.0"

[[packages.wheels]]
name = "click-8.5.0-py3-none-any.whl"
url = "https://files.example.com/click-8.5.0-py3-none-any.whl"

[packages.wheels.hashes]
sha256 = "${hash}"
`;
const one = (name: string, more: string): string => `[[packages]]\nname = "${name}"\n${more}\n`;

const specifiers = (text: string): readonly string[] => lockedByPylock(text).map(({ specifier }) => specifier);

describe('lockedByPylock', () => {
  it('gives versions, and the conditions that pip knows', () => {
    const windows = one('colorama', 'version = "0.4.6"\nmarker = "sys_platform == \'win32\'"');
    assert.deepEqual(specifiers(lock + windows), ['click==8.5.0', "colorama==0.4.6; sys_platform == 'win32'"]);
  });

  const markers: readonly (readonly [marker: string, expected: readonly string[]])[] = [
    ["'default' in dependency_groups", ['a==1']],
    ["'dev' in dependency_groups", []],
    ["'default' in extras", []],
    ["'dev' in dependency_groups or 'default' in dependency_groups", ['a==1']],
    ["python_version < '3.11' and 'default' in dependency_groups", ["a==1; python_version < '3.11'"]],
    ["os_name == 'nt' and ('dev' in dependency_groups)", []],
    ["os_name == 'nt' or 'dev' in dependency_groups", ['@a']],
    ["not_known in dependency_groups and os_name == 'nt'", ['@a']],
  ];
  for (const [marker, expected] of markers) {
    it(marker, () => {
      const text = `default-groups = ["default"]\n${one('a', `version = "1"\nmarker = "${marker}"`)}`;
      assert.deepEqual(specifiers(text), expected);
    });
  }

  it('leaves out the project itself, and names what comes from elsewhere', () => {
    const text = [
      one('self', 'version = "1"\ndirectory = { path = ".", editable = true }'),
      one('near', 'directory = { path = "../near" }'),
      one('far', 'version = "1"\nvcs = { type = "git", url = "https://user:secret@example.com/far" }'),
      one('bare', ''),
    ].join('');
    assert.deepEqual(specifiers(text), ['@near', '@far', '@bare']);
  });

  for (const text of ['[', 'packages = 7', '[[packages]]\nname = 7', ''])
    it(`reads nothing in ${JSON.stringify(text)}`, () => assert.deepEqual(specifiers(text), []));

  it('is what is installed, rather than a requirements.txt beside it', async () => {
    const root = fs.realpathSync(await newTempDir());
    writeTree(root, { 'pylock.toml': lock, 'requirements.txt': 'click\n', 'main.py': '' });
    const [project] = await pythonRecipe.detect(await ProjectFolder.open(root), testIo());
    const build = { platforms: ['linux/amd64'], output: path.join(root, 'out') };
    const [step] = (await project?.builds(build, testIo())) ?? [];
    await removeTempDir(root);
    const file = path.join(root, 'out', 'requirements.txt');
    assert.deepEqual(step?.args.slice(-3), ['--no-deps', '-r', file]);
    assert.deepEqual(step.files, { [file]: `click==8.5.0 --hash=sha256:${hash}\n` });
  });
});
