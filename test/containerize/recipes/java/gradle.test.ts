import assert from 'node:assert/strict';
import path from 'node:path';
import {
  gradleFolders,
  parseGradleBuild,
  rootProjectName,
} from '../../../../src/containerize/recipes/java/gradleBuild.ts';
import type { BuildStep, Project } from '../../../../src/containerize/recipes/recipe.ts';
import { testIo } from '../../../support/io.ts';
import { newTempDir, removeTempDir } from '../../../support/tempDir.ts';
import { runBuilds } from '../../../../src/verbs/containerizing/builds.ts';
import { needs } from '../../../support/tools.ts';
import { runSteps } from '../binaryTree.ts';
import { contextOf, pathsByLayer, projectsIn, writeFiles } from './javaPrograms.ts';

const main = 'package app; class Main { public static void main(String[] a) {} }';

describe('parseGradleBuild', () => {
  const applications = [
    "plugins {\n  id 'application'\n}",
    "plugins { id 'application' }",
    'plugins { java; application }',
    'plugins {\n  application\n}',
    "apply plugin: 'application'",
  ];
  for (const script of applications) {
    it(`finds the application of ${JSON.stringify(script)}`, () => {
      assert.equal(parseGradleBuild(script).hasApplication, true);
    });
  }

  it('finds no application where only its block is, or it is not applied', () => {
    for (const script of ['application {\n}', "plugins { id 'application' apply false }"]) {
      assert.equal(parseGradleBuild(script).hasApplication, false);
    }
  });

  it('finds Spring Boot by the aliases that catalogs of versions have for it', () => {
    for (const alias of ['spring.boot', 'springBoot', 'org.springframework.boot', 'springboot']) {
      assert.equal(parseGradleBuild(`plugins {\n  alias(libs.plugins.${alias})\n}`).hasSpringBoot, true, alias);
    }
    const others = ['alias(libs.plugins.spring.boot) apply false', 'alias(libs.plugins.spring.dependency.management)'];
    for (const line of others) assert.equal(parseGradleBuild(`plugins {\n  ${line}\n}`).hasSpringBoot, false);
  });
});

describe('rootProjectName', () => {
  it('reads it as both languages write it', () => {
    for (const text of ["rootProject.name = 'shop'", ' rootProject.name="shop"\n', 'rootProject.setName("shop")']) {
      assert.equal(rootProjectName(text), 'shop');
    }
    assert.equal(rootProjectName("// rootProject.name = 'shop'"), undefined);
  });
});

describe('gradleFolders', () => {
  const folders: readonly (readonly [string, string | undefined])[] = [
    ["project(':a').projectDir = file('x/y/')", 'x/y'],
    ['project(":a").projectDir = file("x/y")', 'x/y'],
    ["project(':a').projectDir = new File(settingsDir, './x/y')", 'x/y'],
    ['project(":a").projectDir = File(rootDir, "x/y")', 'x/y'],
    ['project(":a").projectDir = file("$rootDir/x/y")', 'x/y'],
    ["project(':a').projectDir = file('../x')", undefined],
    ["project(':a').projectDir = file('/x')", undefined],
    ["// project(':a').projectDir = file('x')", undefined],
  ];
  for (const [script, folder] of folders) {
    it(`reads ${script}`, () => assert.equal(gradleFolders(script).get('a'), folder));
  }
});

describe('gradleProjects', () => {
  let folder = '';

  beforeEach(async () => {
    folder = await newTempDir();
  });

  afterEach(async () => removeTempDir(folder));

  const projectOf = async (files: Readonly<Record<string, string>>): Promise<Project> => {
    await writeFiles(folder, files);
    const [project] = await projectsIn(folder);
    assert.ok(project !== undefined);
    return project;
  };
  const stepOf = async (project: Project): Promise<BuildStep | undefined> =>
    (await project.builds(contextOf('/out'), testIo()))[0];

  it('takes the distribution of the name that the build has now, not one of an older name', async () => {
    const project = await projectOf({
      'settings.gradle': "rootProject.name = 'shop'",
      'build.gradle': "apply plugin: 'application'\nmainClassName = 'app.Main'",
      'build/classes/java/main/app/Main.class': 'x',
      'build/install/aaa/lib/old-1.0.jar': 'x',
      'build/install/shop/lib/new-1.0.jar': 'x',
    });
    const image = await project.image(contextOf(path.join(folder, 'output')), testIo());
    assert.deepEqual((await pathsByLayer(image))['dependencies'], ['app/libs/new-1.0.jar']);
  });

  it('finds a project in another folder than its path says', async () => {
    const project = await projectOf({
      'settings.gradle': "include ':svc', 'gone'\nproject(':svc').projectDir = file('apps/service')\n",
      'apps/service/build.gradle': "apply plugin: 'application'\nmainClassName = 'app.Main'",
      'apps/service/build/classes/java/main/app/Main.class': 'x',
      'apps/service/build/install/svc/lib/one-1.0.jar': 'x',
    });
    assert.equal(project.id, 'apps/service');
    assert.equal((await stepOf(project))?.args.at(-1), ':svc:installDist');
    const image = await project.image(contextOf(path.join(folder, 'output')), testIo());
    assert.deepEqual((await pathsByLayer(image))['dependencies'], ['app/libs/one-1.0.jar']);
  });

  it('brings a task of its own where the plugin application is not there', async () => {
    const plain = await projectOf({ 'build.gradle': 'plugins {\n  id "java"\n}', 'src/main/java/app/Main.java': main });
    const step = await stepOf(plain);
    const script = path.join('/out', 'install.gradle');
    assert.deepEqual(step?.args.slice(-3), ['--init-script', script, ':gantryInstall']);
    assert.match(step.files?.[script] ?? '', /into p\.file\("build\/install\/\$\{p\.name\}\/lib"\)/);
    await writeFiles(folder, { 'build.gradle': 'plugins {\n  id "application"\n}' });
    const [named] = await projectsIn(folder);
    const own = named && (await stepOf(named));
    assert.deepEqual([own?.title, own?.files], ['gradle :installDist', undefined]);
  });

  it('builds what has the plugin java alone, as the templates of editors have it', async function () {
    this.timeout(120_000);
    needs(this, 'gradle', 'javac');
    const project = await projectOf({
      'settings.gradle': "rootProject.name = 'shop'\ninclude 'lib'\n",
      'build.gradle': 'plugins {\n  id "java"\n}\ndependencies {\n  implementation project(":lib")\n}\n',
      'src/main/java/app/Main.java':
        'package app; class Main { public static void main(String[] a) { lib.Lib.say(); } }',
      'lib/build.gradle': 'plugins {\n  id "java"\n}\n',
      'lib/src/main/java/lib/Lib.java': 'package lib; public class Lib { public static void say() {} }',
    });
    const output = path.join(folder, 'output');
    const runBuild = async (step: BuildStep): Promise<void> => runSteps([step]);
    await runBuilds(await project.builds(contextOf(output), testIo()), { runBuild }, {}, testIo());
    const layers = await pathsByLayer(await project.image(contextOf(output), testIo()));
    assert.deepEqual(layers, { 'project dependencies': ['app/libs/lib.jar'], classes: ['app/classes/app/Main.class'] });
  });
});

describe('wrappers of Maven and Gradle', () => {
  let folder = '';

  beforeEach(async () => {
    folder = await newTempDir();
  });

  afterEach(async () => removeTempDir(folder));

  it('are started by sh where they have lost the permission to be run', async function () {
    if (process.platform === 'win32') this.skip();
    for (const [file, wrapper, text] of [
      ['pom.xml', 'mvnw', '<project><artifactId>a</artifactId></project>'],
      ['build.gradle', 'gradlew', "apply plugin: 'application'"],
    ] as const) {
      const own = path.join(folder, wrapper);
      await writeFiles(own, { [file]: text, [wrapper]: '' });
      const [project] = await projectsIn(own);
      const [step] = (await project?.builds(contextOf('/out'), testIo())) ?? [];
      assert.deepEqual([step?.command, step?.args[0]], ['sh', path.join(own, wrapper)]);
      assert.equal(step?.title.split(' ')[0], wrapper);
    }
  });
});
