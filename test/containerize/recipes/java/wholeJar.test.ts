import assert from 'node:assert/strict';
import path from 'node:path';
import type { ImageBlueprint } from '../../../../src/containerize/blueprint.ts';
import { jarBlueprint } from '../../../../src/containerize/recipes/java/jarBlueprint.ts';
import { testIo } from '../../../support/io.ts';
import { newTempDir, removeTempDir } from '../../../support/tempDir.ts';
import { jarOf } from '../../programs.ts';
import { pathsByLayer, writeFiles } from './javaPrograms.ts';

const main = 'Manifest-Version: 1.0\nMain-Class: a.B\n';
const boot = `${main}Spring-Boot-Version: 3.4.0\nStart-Class: a.C\n`;
/** As jarsigner writes them. */
const digests = '\nName: a/B.class\nSHA-256-Digest: 47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n\n';
const signature = { 'META-INF/A.SF': 'Signature-Version: 1.0\n', 'META-INF/A.RSA': 'x' };
const start = { 'a/B.class': 'x' };

describe('jarBlueprint of JARs that stay whole', () => {
  let folder = '';

  beforeEach(async () => {
    folder = await newTempDir();
  });

  afterEach(async () => removeTempDir(folder));

  const imageOf = async (files: Readonly<Record<string, string>>): Promise<ImageBlueprint> => {
    await writeFiles(folder, { 'app.jar': jarOf(files) });
    return jarBlueprint(path.join(folder, 'app.jar'), testIo());
  };

  const whole: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
    ['is signed', { 'META-INF/MANIFEST.MF': main + digests, ...start, ...signature }],
    [
      'has a file where others have a folder',
      { 'META-INF/MANIFEST.MF': main, ...start, 'x/licence': 'x', 'x/licence/a': 'x' },
    ],
    ['has a class whose name is not ASCII', { 'META-INF/MANIFEST.MF': main, ...start, 'a/Größe.class': 'x' }],
    [
      'is of Spring Boot with options for Java',
      { 'META-INF/MANIFEST.MF': `${boot}Add-Opens: java.base/java.lang\n`, ...start, 'BOOT-INF/lib/a.jar': 'x' },
    ],
  ];
  for (const [title, files] of whole) {
    it(`keeps one whole that ${title}`, async () => {
      const image = await imageOf(files);
      assert.deepEqual(await pathsByLayer(image), { jar: ['app/app.jar'] });
      assert.deepEqual(image.config.entrypoint, ['java', '-jar', '/app/app.jar']);
    });
  }

  it('takes one apart with the signature of a library that was copied into it, which Java would refuse', async () => {
    const image = await imageOf({ 'META-INF/MANIFEST.MF': main, ...start, ...signature });
    assert.equal(image.config.entrypoint?.[1], '-cp');
  });

  it('takes one of Spring Boot apart whose launcher takes no notice of Multi-Release', async () => {
    const manifest = `${boot}Multi-Release: true\n`;
    const image = await imageOf({ 'META-INF/MANIFEST.MF': manifest, ...start, 'BOOT-INF/lib/a.jar': 'x' });
    assert.deepEqual(image.config.entrypoint, ['java', '-cp', '/app', 'a.B']);
  });
});

describe('jarBlueprint of a JAR with a shell script before it', () => {
  it('says nothing of a program, which the script would be taken for', async () => {
    const folder = await newTempDir();
    try {
      const archive = jarOf({ 'META-INF/MANIFEST.MF': boot, ...start, 'BOOT-INF/lib/a.jar': 'x' });
      await writeFiles(folder, { 'app.jar': Buffer.concat([Buffer.from('#!/bin/bash\nexit 0\n'), archive]) });
      const image = await jarBlueprint(path.join(folder, 'app.jar'), testIo());
      assert.deepEqual(image.programs, []);
      assert.deepEqual(image.config.entrypoint, ['java', '-cp', '/app', 'a.B']);
    } finally {
      await removeTempDir(folder);
    }
  });
});

describe('jarBlueprint of a WAR of Spring Boot that can be started', () => {
  let folder = '';
  const files = {
    'META-INF/MANIFEST.MF': boot,
    'org/springframework/boot/loader/launch/WarLauncher.class': 'x',
    'WEB-INF/classes/a/C.class': 'x',
    'WEB-INF/lib/a.jar': 'x',
    'WEB-INF/lib-provided/tomcat.jar': 'x',
    'page.html': 'x',
  };

  beforeEach(async () => {
    folder = await newTempDir();
  });

  afterEach(async () => removeTempDir(folder));

  it('is cut as its layer index says', async () => {
    const index =
      '- "dependencies":\n  - "WEB-INF/lib-provided/tomcat.jar"\n  - "WEB-INF/lib/a.jar"\n- "spring-boot-loader":\n  - "org/"\n- "application":\n  - "META-INF/"\n  - "WEB-INF/classes/"\n  - "WEB-INF/layers.idx"\n  - "page.html"\n';
    await writeFiles(folder, { 'app.war': jarOf({ ...files, 'WEB-INF/layers.idx': index }) });
    const paths = await pathsByLayer(await jarBlueprint(path.join(folder, 'app.war'), testIo()));
    assert.deepEqual(Object.keys(paths), ['dependencies', 'spring-boot-loader', 'application']);
    assert.deepEqual(paths['dependencies'], ['app/WEB-INF/lib-provided/tomcat.jar', 'app/WEB-INF/lib/a.jar']);
  });

  it('is cut as Jib does it where it has none', async () => {
    await writeFiles(folder, { 'app.war': jarOf(files) });
    const paths = await pathsByLayer(await jarBlueprint(path.join(folder, 'app.war'), testIo()));
    assert.deepEqual(paths, {
      dependencies: ['app/WEB-INF/lib-provided/tomcat.jar', 'app/WEB-INF/lib/a.jar'],
      'spring-boot-loader': ['app/org/springframework/boot/loader/launch/WarLauncher.class'],
      resources: ['app/META-INF/MANIFEST.MF', 'app/page.html'],
      classes: ['app/WEB-INF/classes/a/C.class'],
    });
  });
});
