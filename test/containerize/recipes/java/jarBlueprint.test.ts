import assert from 'node:assert/strict';
import { cp, mkdir, readFile, rename, symlink } from 'node:fs/promises';
import path from 'node:path';
import { jarBlueprint } from '../../../../src/containerize/recipes/java/jarBlueprint.ts';
import { isOciError, type OciErrorCode } from '../../../../src/errors.ts';
import { testIo } from '../../../support/io.ts';
import { newTempDir, removeTempDir } from '../../../support/tempDir.ts';
import { needs } from '../../../support/tools.ts';
import { jarOf } from '../../programs.ts';
import {
  entriesOfLayers,
  jar,
  javac,
  layerDigests,
  libraryJar,
  pathsByLayer,
  runImage,
  writeFiles,
} from './javaPrograms.ts';

const main = (greeting: string): string => `package app;
public class Main {
  public static void main(String[] arguments) throws Exception {
    try (var in = Main.class.getResourceAsStream("/greeting.txt")) {
      System.out.print("${greeting} " + new String(in.readAllBytes()) + " " + lib.One.name() + " " + lib.Two.name());
    }
  }
}`;

/** Stands for Spring Boot's: starts Start-Class with the classes and libraries of the folder that it is in. */
const launcher = `package org.springframework.boot.loader.launch;
import java.net.*; import java.nio.file.*; import java.util.*;
public class JarLauncher {
  public static void main(String[] arguments) throws Exception {
    Path root = Path.of(JarLauncher.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    List<URL> urls = new ArrayList<>(List.of(root.resolve("BOOT-INF/classes/").toUri().toURL()));
    try (var files = Files.list(root.resolve("BOOT-INF/lib"))) { for (Path one : files.toList()) urls.add(one.toUri().toURL()); }
    var manifest = new java.util.jar.Manifest(Files.newInputStream(root.resolve("META-INF/MANIFEST.MF")));
    var loader = new URLClassLoader(urls.toArray(URL[]::new), ClassLoader.getPlatformClassLoader());
    var type = loader.loadClass(manifest.getMainAttributes().getValue("Start-Class"));
    type.getMethod("main", String[].class).invoke(null, (Object) arguments);
  }
}`;

const index = `- "dependencies":
  - "BOOT-INF/lib/one.jar"
- "spring-boot-loader":
  - "org/"
- "snapshot-dependencies":
  - "BOOT-INF/lib/two-SNAPSHOT.jar"
- "empty":
- "application":
  - "BOOT-INF/classes/"
  - "BOOT-INF/layers.idx"
  - "META-INF/"
`;
const bootManifest =
  'Main-Class: org.springframework.boot.loader.launch.JarLauncher\nStart-Class: app.Main\nSpring-Boot-Version: 3.4.0\n';

describe('jarBlueprint', () => {
  let folder = '';
  const at = (name: string): string => path.join(folder, name);

  /** Compiles the program into a folder. */
  const compile = async (greeting: string, to: string): Promise<void> => {
    await writeFiles(at('src'), { 'app/Main.java': main(greeting) });
    await javac(at('src'), at(to), ['-cp', `${at('one.jar')}:${at('two-SNAPSHOT.jar')}`]);
    await writeFiles(at(to), { 'greeting.txt': 'world' });
  };

  before(async function () {
    this.timeout(60_000);
    needs(this, 'java', 'javac', 'jar');
    folder = await newTempDir();
    await libraryJar(at('one.jar'), 'One');
    await libraryJar(at('two-SNAPSHOT.jar'), 'Two');
    await compile('hello', 'classes');
    await writeFiles(at('launcher'), { 'JarLauncher.java': launcher });
    await javac(at('launcher'), at('boot'));
    await mkdir(at('boot/BOOT-INF/lib'), { recursive: true });
    await cp(at('classes'), at('boot/BOOT-INF/classes'), { recursive: true });
    for (const name of ['one.jar', 'two-SNAPSHOT.jar']) await cp(at(name), at(`boot/BOOT-INF/lib/${name}`));
  });

  after(async () => {
    if (folder !== '') await removeTempDir(folder);
  });

  const plain = async (name: string, manifest = 'Main-Class: app.Main\n', classes = 'classes'): Promise<string> => {
    await jar(at(name), at(classes), `${manifest}Class-Path: one.jar ./two-SNAPSHOT.jar\n`);
    return at(name);
  };

  it('takes a JAR apart as `jib jar` does, and what comes out runs', async () => {
    const image = await jarBlueprint(await plain('plain.jar'), testIo());
    assert.deepEqual(await pathsByLayer(image), {
      dependencies: ['app/dependencies/one.jar'],
      'snapshot dependencies': ['app/dependencies/two-SNAPSHOT.jar'],
      resources: ['app/explodedJar/META-INF/MANIFEST.MF', 'app/explodedJar/greeting.txt'],
      classes: ['app/explodedJar/app/Main.class'],
    });
    assert.deepEqual(image.config.entrypoint, ['java', '-cp', '/app/explodedJar:/app/dependencies/*', 'app.Main']);
    assert.deepEqual(image.warnings, []);
    assert.equal(await runImage(image, at('run-plain')), 'hello world One Two');
  });

  it('gives files 0644 and folders 0755, all of root', async () => {
    const image = await jarBlueprint(await plain('modes.jar'), testIo());
    const modes = (await entriesOfLayers(image)).map(([, { type, mode, owner }]) => `${type} ${mode} ${owner}`);
    assert.deepEqual(new Set(modes), new Set(['directory 755 0:0', 'file 644 0:0']));
  });

  it('changes only the layer of the classes where only a class changed', async () => {
    const before = await layerDigests(await jarBlueprint(await plain('warm.jar'), testIo()));
    await compile('goodbye', 'classes2');
    const after = await layerDigests(await jarBlueprint(await plain('warm.jar', undefined, 'classes2'), testIo()));
    const changed = Object.keys(after).filter((name) => after[name] !== before[name]);
    assert.deepEqual(changed, ['classes']);
  });

  for (const attribute of ['Multi-Release: true', 'Add-Opens: java.base/java.lang']) {
    it(`keeps a JAR with ${attribute} whole, because Java looks for it in a JAR only`, async () => {
      const image = await jarBlueprint(await plain('whole.jar', `Main-Class: app.Main\n${attribute}\n`), testIo());
      assert.deepEqual((await pathsByLayer(image))['jar'], ['app/whole.jar']);
      assert.deepEqual(image.config.entrypoint, ['java', '-jar', '/app/whole.jar']);
      assert.equal(await runImage(image, at(`run-${attribute.slice(0, 3)}`)), 'hello world One Two');
    });
  }

  it('finds the main class where the manifest names none', async () => {
    const image = await jarBlueprint(await plain('no-main.jar', ''), testIo());
    assert.equal(image.config.entrypoint?.at(-1), 'app.Main');
  });

  it('cuts an archive of Spring Boot as its layer index says, and what comes out runs', async () => {
    await writeFiles(at('boot'), { 'BOOT-INF/layers.idx': index });
    await jar(at('boot.jar'), at('boot'), bootManifest);
    const image = await jarBlueprint(at('boot.jar'), testIo());
    assert.deepEqual(await pathsByLayer(image), {
      dependencies: ['app/BOOT-INF/lib/one.jar'],
      'spring-boot-loader': ['app/org/springframework/boot/loader/launch/JarLauncher.class'],
      'snapshot-dependencies': ['app/BOOT-INF/lib/two-SNAPSHOT.jar'],
      application: [
        'app/BOOT-INF/classes/app/Main.class',
        'app/BOOT-INF/classes/greeting.txt',
        'app/BOOT-INF/layers.idx',
        'app/META-INF/MANIFEST.MF',
      ],
    });
    const entrypoint = ['java', '-cp', '/app', 'org.springframework.boot.loader.launch.JarLauncher'];
    assert.deepEqual(image.config.entrypoint, entrypoint);
    assert.equal(await runImage(image, at('run-boot')), 'hello world One Two');
  });

  it('cuts one without an index as Jib does', async () => {
    await rename(at('boot/BOOT-INF/layers.idx'), at('layers.idx'));
    await jar(at('old-boot.jar'), at('boot'), bootManifest);
    const image = await jarBlueprint(at('old-boot.jar'), testIo());
    assert.deepEqual(await pathsByLayer(image), {
      dependencies: ['app/BOOT-INF/lib/one.jar'],
      'spring-boot-loader': ['app/org/springframework/boot/loader/launch/JarLauncher.class'],
      'snapshot dependencies': ['app/BOOT-INF/lib/two-SNAPSHOT.jar'],
      resources: ['app/BOOT-INF/classes/greeting.txt', 'app/META-INF/MANIFEST.MF'],
      classes: ['app/BOOT-INF/classes/app/Main.class'],
    });
    assert.equal(await runImage(image, at('run-old-boot')), 'hello world One Two');
  });

  it('277: takes no library from outside the folder of the JAR, and says which it left out', async () => {
    await writeFiles(folder, { 'secret.jar': 'secret' });
    await mkdir(at('inner'));
    await symlink(at('secret.jar'), at('inner/link.jar'));
    await cp(at('one.jar'), at('inner/lib/one.jar'));
    const names = [
      '../secret.jar',
      at('secret.jar'),
      `file:${at('secret.jar')}`,
      'link.jar',
      'gone.jar',
      '%2e%2e/secret.jar',
      '%zz.jar',
    ];
    const lines = ['lib/one.jar', ...names].map((name) => `\n ${name} `).join('');
    await writeFiles(at('inner'), {
      'app.jar': jarOf({ 'META-INF/MANIFEST.MF': `Main-Class: a.B\nClass-Path: ${lines}\n`, 'a/B.class': 'x' }),
    });
    const image = await jarBlueprint(at('inner/app.jar'), testIo());
    assert.deepEqual((await pathsByLayer(image))['dependencies'], ['app/dependencies/one.jar']);
    assert.deepEqual(image.warnings[0]?.paths, names);
  });

  it('packs JARs of one name under names of their own', async () => {
    await cp(at('one.jar'), at('twice/a/x.jar'));
    await cp(at('two-SNAPSHOT.jar'), at('twice/b/x.jar'));
    const manifest = 'Main-Class: a.B\nClass-Path: a/x.jar b/x.jar\n';
    await writeFiles(at('twice'), { 'app.jar': jarOf({ 'META-INF/MANIFEST.MF': manifest, 'a/B.class': 'x' }) });
    const sizes = await Promise.all(
      ['one.jar', 'two-SNAPSHOT.jar'].map(async (name) => (await readFile(at(name))).length),
    );
    const image = await jarBlueprint(at('twice/app.jar'), testIo());
    const expected = sizes.map((size) => `app/dependencies/x-${size}.jar`).sort();
    assert.deepEqual((await pathsByLayer(image))['dependencies'], expected);
  });

  const refusals: readonly (readonly [string, OciErrorCode, Readonly<Record<string, string>>])[] = [
    ['a library', 'not-found', { 'META-INF/MANIFEST.MF': 'A: b\n', 'a/B.class': 'x' }],
    ['nothing', 'not-found', {}],
    ['a name that leads out', 'corrupt-archive', { 'META-INF/MANIFEST.MF': 'Main-Class: a.B\n', '../x': 'x' }],
  ];
  for (const [title, code, files] of refusals) {
    it(`refuses a JAR with ${title}`, async () => {
      await writeFiles(folder, { 'bad.jar': jarOf(files) });
      await assert.rejects(jarBlueprint(at('bad.jar'), testIo()), (error) => isOciError(error, code));
    });
  }

  it('refuses what is no archive', async () => {
    await writeFiles(folder, { 'bad.jar': 'no archive' });
    await assert.rejects(jarBlueprint(at('bad.jar'), testIo()), (error) => isOciError(error, 'corrupt-archive'));
  });
});
