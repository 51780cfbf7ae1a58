import assert from 'node:assert/strict';
import fc from 'fast-check';
import { FileFinder } from '../../src/operations/findFiles.ts';
import { directory, file } from '../support/entries.ts';
import { testIo } from '../support/io.ts';
import { layerOf } from '../support/layers.ts';
import { stackOf } from '../support/stacks.ts';

async function finderOf(...paths: readonly string[]): Promise<FileFinder> {
  return new FileFinder(await stackOf(layerOf(directory('empty'), ...paths.map((path) => file(path)))));
}

async function found(query: string, ...paths: readonly string[]): Promise<readonly string[]> {
  return (await finderOf(...paths)).find(query, 100).map(({ path }) => path);
}

describe('FileFinder', () => {
  for (const [what, query, ...paths] of [
    ['the whole name before its start, its start before its middle', 'main', 'x/main', 'x/main.js', 'x/remain'],
    ['the start of a word before its middle', 'log', 'a-log.txt', 'catalog'],
    ['the start of a word in mixed case before its middle', 'log', 'fileLog', 'catalog'],
    ['a piece of the name before letters that stand apart', 'abc', 'xabc', 'a1b1c'],
    ['the name before the directories', 'lib', 'x/my-lib.so', 'lib/other'],
    ['letters in the name before a piece of the path', 'etc', 'x/e-t-c', 'etc/x'],
    ['short paths before long ones', 'conf', 'a/conf', 'a/b/c/conf'],
    ['starts of words before other letters', 'ur', 'x/user-record', 'x/quarter'],
    ['the case that was typed before another', 'Make', 'x/Makefile', 'x/makefile'],
    ['a piece of the path with a slash', 'etc/pass', 'etc/passwd', 'e/t/c/p/a/ss'],
    ['directories and a name in two words', 'etc host', 'etc/hosts', 'e/t/c/hosts'],
  ] as const) {
    it(`finds ${what}`, async () => {
      assert.deepEqual(await found(query, ...[...paths].reverse()), paths);
      assert.deepEqual(await found(query, ...paths), paths);
    });
  }

  it('finds letters in their order only, whatever their case', async () => {
    assert.deepEqual(await found('pswd', 'etc/passwd', 'etc/dwsp'), ['etc/passwd']);
    assert.deepEqual(await found('PASSWD', 'etc/passwd'), ['etc/passwd']);
    assert.deepEqual(await found('passwd etc', 'etc/passwd'), ['etc/passwd']);
    assert.deepEqual(await found('passwdx', 'etc/passwd'), []);
  });

  it('finds files, not directories; without a query the first ones', async () => {
    const finder = await finderOf('b', 'a/x', 'c');
    assert.deepEqual(
      finder.find(' ', 2).map(({ path }) => path),
      ['a/x', 'b'],
    );
    assert.deepEqual(finder.find('empty', 10), []);
  });

  it('gives the best of many, as many as asked for', async () => {
    const many = Array.from({ length: 3000 }, (_, at) => `d/file-${at}`);
    const finder = await finderOf(...many, 'z/file');
    const best = finder.find('file', 3).map(({ path }) => path);
    assert.deepEqual(best, ['z/file', 'd/file-0', 'd/file-1']);
  });

  it('finds the same letter by letter as at once', async () => {
    const path = fc.array(fc.constantFrom('a', 'b', 'C', '-', '/b', '/A'), { minLength: 1, maxLength: 8 });
    const query = fc.array(fc.constantFrom('a', 'b', 'c', ' ', '/'), { minLength: 1, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(fc.array(path, { minLength: 1, maxLength: 8 }), query, async (paths, letters) => {
        const texts = paths.map((parts) => `x${parts.join('')}`);
        const typing = await finderOf(...texts);
        for (let at = 1; at <= letters.length; at++) {
          const typed = letters.slice(0, at).join('');
          const atOnce = (await finderOf(...texts)).find(typed, 5);
          assert.deepEqual(
            typing.find(typed, 5).map((node) => node.path),
            atOnce.map((node) => node.path),
          );
        }
      }),
      { seed: 20261121, numRuns: 200 },
    );
  });

  it('collects in turns with other work, and stops when told to', async () => {
    const finder = await finderOf(...Array.from({ length: 5000 }, (_, at) => `f${at}`));
    const abort = new AbortController();
    const prepared = finder.prepare({ signal: abort.signal });
    abort.abort(new Error('enough'));
    await assert.rejects(prepared, { message: 'enough' });
    await finder.prepare(testIo());
    assert.equal(finder.find('f4999', 1)[0]?.path, 'f4999');
  });

  it('answers a hostile query in time', async () => {
    const finder = await finderOf(
      ...Array.from({ length: 2000 }, (_, at) => `${'a'.repeat(200)}${at}/${'a'.repeat(200)}`),
    );
    const started = performance.now();
    finder.find('a'.repeat(100_000), 100);
    finder.find(`${'a '.repeat(100)}b`, 100);
    assert.ok(performance.now() - started < 3000);
  });
});
