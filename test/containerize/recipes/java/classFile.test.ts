import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { type ClassFile, readClassFile } from '../../../../src/containerize/recipes/java/classFile.ts';
import { newTempDir, removeTempDir } from '../../../support/tempDir.ts';
import { needs } from '../../../support/tools.ts';
import { classOf } from '../../programs.ts';
import { javac, writeFiles } from './javaPrograms.ts';

const sources: Readonly<Record<string, string>> = {
  Usual: 'public class Usual { public static void main(String[] a) {} }',
  Varargs: 'class Varargs { public static final synchronized void main(String... a) throws Exception {} }',
  Constants:
    'class Constants { long x = 5_000_000_000L; double d = 1.5; float f = 2f; static final int I = 70000; String s = "main"; public static void main(String[] a) { Runnable r = () -> {}; r.run(); System.out.println(I + "x" + a); } }',
  Interface: 'interface Interface { static void main(String[] a) {} }',
  Enum: 'enum Enum { A; public static void main(String[] a) {} }',
  Record: 'record Record(int main) { public static void main(String[] a) {} }',
  Outer: 'class Outer { static class Inner { public static void main(String[] a) {} } }',
  Ünïcode: 'class Ünïcode { public static void main(String[] a) {} }',
  Private: 'class Private { private static void main(String[] a) {} }',
  Package: 'class Package { static void main(String[] a) {} }',
  Instance: 'class Instance { public void main(String[] a) {} }',
  NoArguments: 'class NoArguments { public static void main() {} }',
  ReturnsInt: 'class ReturnsInt { public static int main(String[] a) { return 0; } }',
  OtherName: 'class OtherName { public static void run(String[] a) {} int main; }',
  OneString: 'class OneString { public static void main(String a) {} }',
};

const mains = ['Constants', 'Enum', 'Interface', 'Outer$Inner', 'Record', 'Usual', 'Varargs', 'Ünïcode'];

describe('readClassFile', () => {
  let folder = '';
  let found: ReadonlyMap<string, ClassFile | undefined>;

  before(async function () {
    this.timeout(60_000);
    needs(this, 'javac');
    folder = await newTempDir();
    const named = Object.entries(sources).map(([name, text]) => [
      `com/example/${name}.java`,
      `package com.example; ${text}`,
    ]);
    await writeFiles(path.join(folder, 'src'), Object.fromEntries(named) as Record<string, string>);
    await javac(path.join(folder, 'src'), path.join(folder, 'out'), ['--release', '17', '-encoding', 'UTF-8']);
    const classes = path.join(folder, 'out/com/example');
    const names = await readdir(classes);
    const read = names.map(async (name) => [name, readClassFile(await readFile(path.join(classes, name)))] as const);
    found = new Map(await Promise.all(read));
  });

  after(async () => {
    if (folder !== '') await removeTempDir(folder);
  });

  it('finds exactly the classes that java can start, in what javac writes', () => {
    const started = [...found].filter(([, one]) => one?.isMain === true).map(([, one]) => one?.name);
    assert.deepEqual(
      started.sort(),
      mains.map((name) => `com.example.${name}`),
    );
    assert.equal(found.size, Object.keys(sources).length + 1);
  });

  it('tells the release that they are compiled for', () => {
    assert.deepEqual(new Set([...found.values()].map((one) => one?.release)), new Set([17]));
  });

  it('takes every main that Java 25 starts where a class is compiled for it', async () => {
    const atLevel = async (name: string, level: number): Promise<boolean | undefined> => {
      const bytes = await readFile(path.join(folder, `out/com/example/${name}.class`));
      bytes.writeUInt16BE(44 + level, 6);
      return readClassFile(bytes)?.isMain;
    };
    for (const name of ['Instance', 'NoArguments', 'Package', 'Usual'])
      assert.equal(await atLevel(name, 25), true, name);
    for (const name of ['Private', 'ReturnsInt', 'OneString']) assert.equal(await atLevel(name, 25), false, name);
    for (const name of ['Instance', 'NoArguments', 'Package']) assert.equal(await atLevel(name, 24), false, name);
  });

  it('answers undefined for what is cut off anywhere, and never crashes', async () => {
    const whole = await readFile(path.join(folder, 'out/com/example/Constants.class'));
    const attributes = 2;
    for (let size = 0; size < whole.length; size++) {
      const one = readClassFile(whole.subarray(0, size));
      // Only what comes after the methods may be missing.
      assert.ok(
        one === undefined || (one.isMain && size > whole.length / 2),
        `${size} of ${whole.length - attributes}`,
      );
    }
  });

  for (const [title, bytes] of [
    ['nothing', Buffer.alloc(0)],
    ['zeros', Buffer.alloc(100)],
    ['a head and zeros', classOf(61)],
    ['a text', Buffer.from('public class A {}')],
  ] as const) {
    it(`answers undefined for ${title}`, () => assert.equal(readClassFile(bytes), undefined));
  }
});
