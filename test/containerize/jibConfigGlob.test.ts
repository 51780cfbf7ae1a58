import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { parseJavaGlob } from '../../src/containerize/jibConfigGlob.ts';
import { withTempDir } from '../support/tempDir.ts';
import { needs } from '../support/tools.ts';

const run = promisify(execFile);

const globs = [
  '**/*.class',
  '**.class',
  '*.class',
  '/a/*',
  '/a/**',
  '/a/**/c.txt',
  '**/target/{classes,libs}/**',
  '/a/?.txt',
  '/a/[bc].txt',
  '/a/[!b].txt',
  '/a/[a-c]?.txt',
  '/a/\\*.txt',
  '/a/{b,c.txt}',
  '/a/[*?].txt',
  '/a/b,c',
  '/a/}',
  '/a/[-x].txt',
  '/a/*.{txt,}',
  '**',
  '***',
  '/a/**b',
  '/[,{]/x',
];
const paths = [
  '/a/b.txt',
  '/a/c.txt',
  '/a/x/c.txt',
  '/a/x/y/c.txt',
  '/a/*.txt',
  '/a/?.txt',
  '/a/-.txt',
  '/a/x.txt',
  '/a/ab.txt',
  '/a/b',
  '/a/b,c',
  '/a/}',
  '/a/A.class',
  '/a/x/A.class',
  'A.class',
  '/p/target/classes/x/Y',
  '/p/target/libs/z.jar',
  '/p/target/other/z.jar',
  '/a/b.',
  '/a',
  '/,/x',
  '/{/x',
  '/a/.hidden.txt',
];
const wrong = ['{a', '/a/{b{c}}', '/a/[b', '/a/[]', '/a\\', '/a/[b/c]', '/a/[z-a]'];

const program = `import java.nio.file.*; import java.util.*;
class Globs { public static void main(String[] a) throws Exception {
  List<String> lines = Files.readAllLines(Path.of(a[0]));
  for (String line : lines) { String[] p = line.split("\\t"); String answer;
    try { answer = "" + FileSystems.getDefault().getPathMatcher("glob:" + p[0]).matches(Path.of(p[1])); }
    catch (IllegalArgumentException e) { answer = "wrong"; }
    System.out.println(answer); } } }`;

describe('parseJavaGlob', () => {
  it('answers as Java itself does', async function () {
    this.timeout(30_000);
    needs(this, 'java', 'javac');
    const cases = [...globs, ...wrong].flatMap((glob) => paths.map((one) => [glob, one] as const));
    await withTempDir(async (folder) => {
      await writeFile(path.join(folder, 'Globs.java'), program);
      await writeFile(path.join(folder, 'cases'), cases.map((one) => one.join('\t')).join('\n'));
      const { stdout } = await run('java', [path.join(folder, 'Globs.java'), path.join(folder, 'cases')]);
      const java = stdout.trim().split('\n');
      assert.equal(java.length, cases.length);
      const ours = cases.map(([glob, one]) => String(parseJavaGlob(glob)?.(one) ?? 'wrong'));
      const differing = cases.map(([glob, one], at) => ({ glob, one, java: java[at], ours: ours[at] }));
      assert.deepEqual(
        differing.filter((row) => row.java !== row.ours),
        [],
      );
    });
  });

  it('takes a slash at the end for all that is below', () => {
    const matches = parseJavaGlob('/a/b/');
    assert.deepEqual(
      ['/a/b/c', '/a/b/c/d', '/a/b'].map((one) => matches?.(one)),
      [true, true, false],
    );
  });

  it('needs no more time for a glob made to take long', () => {
    const matches = parseJavaGlob(`${'**a'.repeat(300)}b`);
    const began = performance.now();
    assert.equal(matches?.('a'.repeat(3000)), false);
    assert.ok(performance.now() - began < 3000);
  });

  for (const glob of ['x'.repeat(5000), '{a,b}'.repeat(20)]) {
    it(`refuses ${glob.slice(0, 10)}…, which is too much`, () => assert.equal(parseJavaGlob(glob), undefined));
  }
});
