import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmod, cp, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Project } from '../../../src/containerize/recipes/recipe.ts';
import { isOciError } from '../../../src/errors.ts';
import { testIo } from '../../support/io.ts';
import { newTempDir, removeTempDir } from '../../support/tempDir.ts';
import { needs } from '../../support/tools.ts';
import { jarOf } from '../programs.ts';
import {
  contextOf,
  javac,
  layerDigests,
  libraryJar,
  pathsByLayer,
  projectsIn,
  runImage,
  writeFiles,
} from './java/javaPrograms.ts';

const run = promisify(execFile);

const mainSource = (name: string, greeting: string): string => `package app;
public class ${name} {
  public static void main(String[] arguments) throws Exception {
    try (var in = ${name}.class.getResourceAsStream("/greeting.txt")) {
      System.out.print("${greeting} " + new String(in.readAllBytes()) + " " + lib.One.name() + lib.Two.name() + lib.Core.name());
    }
  }
}`;
const pom = (rest = ''): string =>
  `<?xml version="1.0"?>\n<!-- <modules> --><project xmlns="http://maven.apache.org/POM/4.0.0"><artifactId>shop</artifactId>${rest}</project>`;
const release = '<properties><java.version>17</java.version></properties>';

function ids(projects: readonly Project[]): readonly string[] {
  return projects.map(({ id }) => id);
}

function first(projects: readonly Project[]): Project {
  const [project] = projects;
  assert.ok(project !== undefined);
  return project;
}

describe('javaRecipe', () => {
  let folder: string;
  let libraries = '';
  const at = (name: string): string => path.join(folder, name);
  const library = (name: string): string => path.join(libraries, name);

  before(async function () {
    this.timeout(60_000);
    needs(this, 'java', 'javac', 'jar');
    libraries = await newTempDir();
    await libraryJar(library('one-1.0.jar'), 'One');
    await libraryJar(library('two-1.0-SNAPSHOT.jar'), 'Two');
    await libraryJar(library('core-1.0.jar'), 'Core');
  });

  after(async () => {
    if (libraries !== '') await removeTempDir(libraries);
  });

  beforeEach(async () => {
    folder = await newTempDir();
  });

  afterEach(async () => removeTempDir(folder));

  const compile = async (source: string, to: string, name = 'Main'): Promise<void> => {
    await rm(at('tmp-src'), { recursive: true, force: true });
    await writeFiles(at('tmp-src'), { [`app/${name}.java`]: source });
    const names = ['one-1.0.jar', 'two-1.0-SNAPSHOT.jar', 'core-1.0.jar'];
    await javac(at('tmp-src'), at(to), ['--release', '17', '-cp', names.map(library).join(path.delimiter)]);
  };

  /** A build of two modules as Maven leaves it, with the class path that it wrote. */
  const mavenBuild = async (greeting: string): Promise<void> => {
    const modules = '<packaging>pom</packaging><modules><module>core</module><module>server</module></modules>';
    await writeFiles(folder, {
      'pom.xml': pom(modules + release),
      'core/pom.xml': pom().replace('shop', 'core'),
      'server/pom.xml': pom().replace('shop', 'server'),
      'server/src/main/java/app/Main.java': mainSource('Main', greeting),
      'server/target/classes/greeting.txt': 'world',
    });
    await compile(mainSource('Main', greeting), 'server/target/classes');
    await mkdir(at('core/target'), { recursive: true });
    await cp(library('core-1.0.jar'), at('core/target/core-1.0.jar'));
    const jars = [library('one-1.0.jar'), library('two-1.0-SNAPSHOT.jar'), at('core/target/core-1.0.jar')];
    await writeFiles(at('output'), { classpath: jars.join(path.delimiter) });
  };

  it('makes the layers that Jib makes of a Maven build, and what comes out runs', async () => {
    await mavenBuild('hello');
    const projects = await projectsIn(folder);
    assert.deepEqual(ids(projects), ['server']);
    const project = first(projects);
    assert.deepEqual(project.bases, ['eclipse-temurin:17-jre', 'gcr.io/distroless/java17-debian13']);
    const image = await project.image(contextOf(at('output')), testIo());
    assert.deepEqual(Object.entries(await pathsByLayer(image)), [
      ['dependencies', ['app/libs/one-1.0.jar']],
      ['snapshot dependencies', ['app/libs/two-1.0-SNAPSHOT.jar']],
      ['project dependencies', ['app/libs/core-1.0.jar']],
      ['resources', ['app/resources/greeting.txt']],
      ['classes', ['app/classes/app/Main.class']],
    ]);
    const classPath = '/app/resources:/app/classes:/app/libs/*';
    assert.deepEqual(image.config.entrypoint, ['java', '-cp', classPath, 'app.Main']);
    assert.equal(await runImage(image, at('run')), 'hello world OneTwoCore');
  });

  it('changes only the layer of the classes where a class changed and a package came', async () => {
    await mavenBuild('hello');
    const before = await layerDigests(await first(await projectsIn(folder)).image(contextOf(at('output')), testIo()));
    await compile(mainSource('Main', 'goodbye'), 'server/target/classes');
    await writeFiles(at('more'), { 'fresh/New.java': 'package fresh; class New {}' });
    await javac(at('more'), at('server/target/classes'));
    const after = await layerDigests(await first(await projectsIn(folder)).image(contextOf(at('output')), testIo()));
    assert.deepEqual(
      Object.keys(after).filter((name) => after[name] !== before[name]),
      ['classes'],
    );
  });

  it('builds a module with what it needs, by the wrapper where there is one', async () => {
    await mavenBuild('hello');
    const builds = async (): Promise<readonly string[]> => {
      const [step] = await first(await projectsIn(folder)).builds(contextOf('/out'), testIo());
      return [step?.command ?? '', ...(step?.args ?? [])];
    };
    const expected = ['-B', '-q', '-pl', 'server', '-am', 'package', 'dependency:build-classpath'];
    assert.deepEqual((await builds()).slice(0, 8), ['mvn', ...expected]);
    assert.ok((await builds()).includes(`-Dmdep.outputFile=${path.join('/out', 'classpath')}`));
    const wrapper = process.platform === 'win32' ? 'mvnw.cmd' : 'mvnw';
    await writeFiles(folder, { [wrapper]: '' });
    await chmod(at(wrapper), 0o755);
    assert.match((await builds())[0] ?? '', /mvnw(?:\.cmd)?$/);
  });

  it('leaves out what Maven names on the class path that is no JAR: dependencies of type pom and zip', async () => {
    await mavenBuild('hello');
    await writeFiles(libraries, { 'bom-1.0.pom': '<project/>', 'bundle-1.0.zip': 'x' });
    const files = ['one-1.0.jar', 'bom-1.0.pom', 'bundle-1.0.zip'].map(library);
    await writeFiles(at('output'), { classpath: files.join(path.delimiter) });
    const image = await first(await projectsIn(folder)).image(contextOf(at('output')), testIo());
    assert.deepEqual((await pathsByLayer(image))['dependencies'], ['app/libs/one-1.0.jar']);
  });

  it('says what to build where there is no output', async () => {
    await writeFiles(folder, { 'pom.xml': pom() });
    const image = first(await projectsIn(folder)).image(contextOf(at('output')), testIo());
    await assert.rejects(image, (error) => isOciError(error, 'not-found') && error.message.includes('mvn package'));
  });

  it('makes a project of each class that can be started, before and after the build', async () => {
    const sources = Object.fromEntries(
      ['One', 'Two'].map((name) => [`src/main/java/app/${name}.java`, mainSource(name, 'x')]),
    );
    await writeFiles(folder, { 'pom.xml': pom(), ...sources });
    assert.deepEqual(ids(await projectsIn(folder)), ['app.One', 'app.Two']);
    for (const name of ['One', 'Two']) await compile(mainSource(name, 'x'), 'target/classes', name);
    await writeFiles(at('output'), { classpath: '' });
    const projects = await projectsIn(folder);
    assert.deepEqual(ids(projects), ['app.One', 'app.Two']);
    const image = await projects[1]?.image(contextOf(at('output')), testIo());
    assert.equal(image?.config.entrypoint?.at(-1), 'app.Two');
  });

  it('starts the class that the build file names', async () => {
    const named = '<properties><start-class>${main}</start-class><main>app.Two</main></properties>';
    await writeFiles(folder, { 'pom.xml': pom(named) });
    for (const name of ['One', 'Two']) await compile(mainSource(name, 'x'), 'target/classes', name);
    await writeFiles(at('output'), { classpath: '' });
    const project = first(await projectsIn(folder));
    assert.equal(project.id, '.');
    const image = await project.image(contextOf(at('output')), testIo());
    assert.equal(image.config.entrypoint?.at(-1), 'app.Two');
  });

  it('says that a WAR is not supported', async () => {
    await writeFiles(folder, { 'pom.xml': pom('<packaging>war</packaging>') });
    const image = first(await projectsIn(folder)).image(contextOf(at('output')), testIo());
    await assert.rejects(image, (error) => isOciError(error, 'unsupported-media-type'));
  });

  const hostile: readonly (readonly [string, string])[] = [
    ['entities of its own', '<!DOCTYPE p [<!ENTITY a "b">]><project><artifactId>&a;</artifactId></project>'],
    ['elements that are not closed', '<project><artifactId>a</artifactId>'],
    ['very deep elements', `<project>${'<a>'.repeat(100_000)}`],
    ['no XML', 'project: shop'],
    ['a comment without an end', '<project><artifactId>a</artifactId><!--</project>'],
  ];
  for (const [title, text] of hostile) {
    it(`makes nothing of a pom.xml with ${title}`, async () => {
      await writeFiles(folder, { 'pom.xml': text });
      assert.deepEqual(await projectsIn(folder), []);
    });
  }

  it('looks at no module outside of the folder, and not twice at one that names itself', async () => {
    const modules = '<modules><module>..</module><module>.</module><module>../../etc</module></modules>';
    await writeFiles(folder, { 'pom.xml': pom(modules) });
    assert.deepEqual(ids(await projectsIn(folder)), ['.']);
  });

  it('looks once at a module that holds itself by a link', async function () {
    if (process.platform === 'win32') this.skip();
    const modules = '<packaging>pom</packaging><modules><module>self</module><module>real</module></modules>';
    await writeFiles(folder, { 'pom.xml': pom(modules), 'real/pom.xml': pom() });
    await symlink('.', at('self'));
    assert.deepEqual(ids(await projectsIn(folder)), ['real']);
  });

  /** A build of two modules as Gradle leaves it. */
  const gradleBuild = async (): Promise<void> => {
    await writeFiles(folder, {
      'settings.gradle.kts': 'rootProject.name = "shop"\ninclude(":core", "server")\n// include("gone")\n',
      'core/build.gradle.kts': 'plugins { `java-library` }',
      'server/build.gradle.kts':
        'plugins {\n  application\n}\njava { toolchain { languageVersion.set(JavaLanguageVersion.of(17)) } }\napplication { mainClass.set("app.Main") }',
      'server/build/resources/main/greeting.txt': 'world',
      'server/build/libs/server.jar': 'own',
      'server/build/install/server/lib/server.jar': 'own',
      'server/build/install/server-shadow/lib/all.jar': 'all',
    });
    await compile(mainSource('Main', 'hello'), 'server/build/classes/java/main');
    await mkdir(at('core/build/libs'), { recursive: true });
    await cp(library('core-1.0.jar'), at('core/build/libs/core-1.0.jar'));
    for (const name of ['one-1.0.jar', 'two-1.0-SNAPSHOT.jar', 'core-1.0.jar']) {
      await cp(library(name), at(`server/build/install/server/lib/${name}`));
    }
  };

  it('makes the same layers of a Gradle build, without the JAR of the classes themselves', async () => {
    await gradleBuild();
    const project = first(await projectsIn(folder));
    assert.equal(project.id, 'server');
    const [step] = await project.builds(contextOf(at('output')), testIo());
    assert.deepEqual([step?.command, step?.args.at(-1)], ['gradle', ':server:installDist']);
    const image = await project.image(contextOf(at('output')), testIo());
    assert.deepEqual(Object.entries(await pathsByLayer(image)), [
      ['dependencies', ['app/libs/one-1.0.jar']],
      ['snapshot dependencies', ['app/libs/two-1.0-SNAPSHOT.jar']],
      ['project dependencies', ['app/libs/core-1.0.jar']],
      ['resources', ['app/resources/greeting.txt']],
      ['classes', ['app/classes/app/Main.class']],
    ]);
    assert.equal(await runImage(image, at('run')), 'hello world OneTwoCore');
  });

  it('takes the JAR of a Gradle build with Spring Boot apart', async () => {
    await writeFiles(folder, {
      'build.gradle':
        "plugins {\n  id 'org.springframework.boot' version '3.4.0'\n  id 'java'\n}\nsourceCompatibility = '21'\n",
      'build/libs/shop-plain.jar': 'not this one',
      'build/libs/shop.jar': jarOf({
        'META-INF/MANIFEST.MF': 'Main-Class: boot.Launcher\nStart-Class: app.Main\n',
        'BOOT-INF/classes/app/Main.class': 'x',
        'BOOT-INF/lib/a.jar': 'a',
      }),
    });
    const project = first(await projectsIn(folder));
    assert.equal(project.bases[0], 'eclipse-temurin:21-jre');
    const [step] = await project.builds(contextOf(at('output')), testIo());
    assert.equal(step?.args.at(-1), ':bootJar');
    const image = await project.image(contextOf(at('output')), testIo());
    assert.deepEqual(image.config.entrypoint, ['java', '-cp', '/app', 'boot.Launcher']);
    assert.deepEqual((await pathsByLayer(image))['dependencies'], ['app/BOOT-INF/lib/a.jar']);
  });

  it('finds executable JARs where there is no build file, and no others', async () => {
    const program = jarOf({ 'META-INF/MANIFEST.MF': 'Main-Class: a.B\n', 'a/B.class': 'x' });
    await writeFiles(folder, {
      'tool.jar': program,
      'tool-sources.jar': program,
      'library.jar': jarOf({ 'META-INF/MANIFEST.MF': 'A: b\n' }),
      'broken.jar': 'x',
      'target/app.jar': program,
    });
    assert.deepEqual(ids(await projectsIn(folder)), ['tool.jar', 'target/app.jar']);
  });

  it('packs what a real Maven build leaves', async function () {
    needs(this, 'mvn');
    this.timeout(120_000);
    const versions = { resources: '3.3.1', compiler: '3.13.0', surefire: '3.2.5', jar: '3.4.1', dependency: '3.6.1' };
    const plugins = Object.entries(versions).map(
      ([name, version]) =>
        `<plugin><artifactId>maven-${name}-plugin</artifactId><version>${version}</version></plugin>`,
    );
    const own = `<modelVersion>4.0.0</modelVersion><groupId>app</groupId><version>1</version><properties><maven.compiler.release>17</maven.compiler.release></properties><build><pluginManagement><plugins>${plugins.join('')}</plugins></pluginManagement></build>`;
    await writeFiles(folder, {
      'pom.xml': pom(own),
      'src/main/java/app/Main.java':
        'package app; public class Main { public static void main(String[] a) { System.out.print("built"); } }',
      'src/main/resources/a/b.txt': 'b',
    });
    const [step] = await first(await projectsIn(folder)).builds(contextOf(at('output')), testIo());
    await mkdir(at('output'));
    const maven = async (args: readonly string[]): Promise<boolean> =>
      run('mvn', ['-o', ...args], { cwd: folder }).then(
        () => true,
        (error: unknown) => {
          if (/offline mode|could not be resolved/.test(String((error as { stdout?: string }).stdout))) return false;
          throw error;
        },
      );
    if (!(await maven(step?.args ?? []))) {
      // Its plugin for the class path is not on this machine: there are no dependencies, so that it is empty.
      if (!(await maven(['-B', '-q', 'package', '-DskipTests']))) {
        if (this.test !== undefined) this.test.title += ' [skipped: Maven has not its plugins offline]';
        this.skip();
      }
      await writeFile(at('output/classpath'), '');
    }
    const image = await first(await projectsIn(folder)).image(contextOf(at('output')), testIo());
    assert.deepEqual(await pathsByLayer(image), {
      resources: ['app/resources/a/b.txt'],
      classes: ['app/classes/app/Main.class'],
    });
    assert.equal(await runImage(image, at('run')), 'built');
  });
});
