import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { isOciError } from '../../../src/errors.ts';
import { binaryRecipe } from '../../../src/containerize/recipes/binaryRecipe.ts';
import { bunRecipe } from '../../../src/containerize/recipes/bun.ts';
import { denoRecipe } from '../../../src/containerize/recipes/deno.ts';
import { goRecipe } from '../../../src/containerize/recipes/go.ts';
import type { Recipe } from '../../../src/containerize/recipes/recipe.ts';
import { rustRecipe } from '../../../src/containerize/recipes/rust.ts';
import { testIo } from '../../support/io.ts';
import { newTempDir, removeTempDir } from '../../support/tempDir.ts';
import { folderOf, writeTree } from './binaryTree.ts';

const build = { platforms: ['linux/amd64'], output: path.resolve('/nowhere/at/all') };
/** Files that a recipe reads, and pieces that they are made of. */
const read: readonly (readonly [Recipe, Readonly<Record<string, string>>, readonly string[], readonly string[]])[] = [
  [
    goRecipe,
    { 'main.go': 'package main\nfunc main() {}\n', 'go.mod': 'module a' },
    ['go.mod', 'go.work', 'main.go', '.ko.yaml'],
    [
      'module ',
      'use (',
      ')',
      '\n',
      '"',
      '../',
      '//',
      'package main',
      'builds:',
      '- ',
      '{{.Env.',
      '}}',
      'defaultFlags: ',
      '[',
      ': ',
    ],
  ],
  [
    rustRecipe,
    { 'src/main.rs': '', 'Cargo.toml': '[package]\nname = "a"\n' },
    ['Cargo.toml', '.cargo/config.toml', 'rust-toolchain.toml'],
    [
      '[package]\n',
      'name = ',
      '"a"',
      '"../b"',
      '\n',
      '[workspace]\n',
      'members = ',
      '["*"]',
      '["**/x"]',
      '[[bin]]\n',
      '[build]\n',
      'target = ',
      'target-dir = ',
      '1',
      '{}',
    ],
  ],
  [
    denoRecipe,
    { 'main.ts': '', 'deno.json': '{}' },
    ['deno.json'],
    [
      '{',
      '}',
      '"tasks":',
      '"start":',
      '"deno run ',
      'main.ts"',
      '"exports":',
      '"../x"',
      '"."',
      ',',
      '[',
      ']',
      '//',
      '/*',
      'null',
      '"__proto__":',
    ],
  ],
  [
    bunRecipe,
    { 'index.ts': '', 'package.json': '{}', 'bun.lock': '' },
    ['package.json'],
    [
      '{',
      '}',
      '"main":',
      '"module":',
      '"."',
      '".."',
      '""',
      '"scripts":',
      '"start":',
      '"bun x.ts"',
      ',',
      'null',
      '"dependencies":',
      '"__proto__":',
    ],
  ],
  [
    binaryRecipe,
    { 'main.c': '', Makefile: '' },
    ['bin/a', 'build/b', 'CMakeLists.txt'],
    ['\x7fELF', '\x02\x01\x01', '\0\0\0\0', '\x02\0\x3e\0', '\xff\xff\xff\xff', '#!/bin/sh', 'MZ'],
  ],
];

let folder = '';

describe('recipes of programs, on files of every kind', () => {
  beforeEach(async () => void (folder = await newTempDir()));
  afterEach(() => removeTempDir(folder));

  for (const [recipe, good, names, pieces] of read) {
    it(`${recipe.name}: finds something or nothing, and fails with a message`, async function () {
      this.timeout(60_000);
      const content = fc.array(fc.oneof(fc.constantFrom(...pieces), fc.string({ maxLength: 3, unit: 'binary' })), {
        maxLength: 14,
      });
      const file = fc.tuple(fc.constantFrom(...names), content);
      await fc.assert(
        fc.asyncProperty(fc.array(file, { minLength: 1, maxLength: 3 }), async (files) => {
          fs.rmSync(folder, { recursive: true, force: true });
          const opened = await folderOf(folder, good);
          for (const [name, parts] of files) writeTree(folder, { [name]: parts.join('').replace(/^-> /, '') });
          for (const project of await recipe.detect(opened, testIo())) {
            assert.match(project.title, /^[\x20-\x7e]+$/);
            for (const step of await project.builds(build, testIo()).catch(expected)) {
              assert.equal(path.isAbsolute(step.directory), true);
              assert.match(step.command, /^(?:go|cargo|deno|bun|make|cmake)$/);
            }
            if (recipe !== binaryRecipe) await assert.rejects(project.image(build, testIo()), isOciError);
            else await project.image(build, testIo()).catch(expected);
          }
        }),
        { numRuns: 150 },
      );
      assert.deepEqual(Object.keys(Object.prototype), []);
    });
  }

  it('stops when it is told to', async () => {
    for (const [recipe, good] of read) {
      const opened = await folderOf(path.join(folder, recipe.name), good);
      const reason = new Error('stop');
      await assert.rejects(recipe.detect(opened, { signal: AbortSignal.abort(reason) }), reason);
    }
  });
});

function expected(error: unknown): readonly never[] {
  assert.ok(isOciError(error), String(error));
  return [];
}
