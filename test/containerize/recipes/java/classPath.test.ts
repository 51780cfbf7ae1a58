import assert from 'node:assert/strict';
import path from 'node:path';
import { librariesBeside } from '../../../../src/containerize/recipes/java/classPath.ts';
import { libraryLayers } from '../../../../src/containerize/recipes/java/libraries.ts';
import { testIo } from '../../../support/io.ts';
import { newTempDir, removeTempDir } from '../../../support/tempDir.ts';
import { jarOf } from '../../programs.ts';
import { pathsByLayer, writeFiles } from './javaPrograms.ts';

const library = (classPath = ''): Uint8Array =>
  jarOf({ 'META-INF/MANIFEST.MF': `Manifest-Version: 1.0\n${classPath === '' ? '' : `Class-Path: ${classPath}\n`}` });

describe('libraries of a JAR', () => {
  let folder = '';
  const at = (name: string): string => path.join(folder, name);

  beforeEach(async () => {
    folder = await newTempDir();
  });

  afterEach(async () => removeTempDir(folder));

  describe('librariesBeside', () => {
    it('takes what libraries name in turn, from where they are, and says nothing of what they name in vain', async () => {
      await writeFiles(folder, {
        'app.jar': library(),
        'lib/one.jar': library('two.jar ../three.jar gone.jar ../../outside.jar ../app.jar'),
        'lib/two.jar': library('one.jar'),
        'three.jar': 'no archive',
      });
      const { libraries, warnings } = await librariesBeside(at('app.jar'), 'lib/one.jar', testIo());
      assert.deepEqual(
        libraries.map(({ to }) => to),
        ['/app/lib/one.jar', '/app/lib/two.jar', '/app/three.jar'],
      );
      assert.deepEqual(warnings, []);
    });

    it('says of a folder that it is left out, and that only JARs are taken', async () => {
      await writeFiles(folder, { 'app.jar': library(), 'config/a.properties': 'a=b' });
      const { libraries, warnings } = await librariesBeside(at('app.jar'), 'config/', testIo());
      assert.deepEqual(libraries, []);
      assert.match(warnings[0]?.text ?? '', /are no JARs in its folder/);
      assert.deepEqual(warnings[0]?.paths, ['config/']);
    });
  });

  describe('libraryLayers', () => {
    it('packs JARs of one name and one size under names of their own', async () => {
      await writeFiles(folder, { 'a/x-1.0.jar': 'one', 'b/x-1.0.jar': 'two', 'c/x-1.0.jar': 'three', 'c/y.jar': 'y' });
      const files = ['a/x-1.0.jar', 'b/x-1.0.jar', 'c/x-1.0.jar', 'c/y.jar'].map(at);
      const layers = await libraryLayers(
        files.map((file) => ({ file, kind: 'release' })),
        '/app/libs',
        testIo(),
      );
      const paths = await pathsByLayer({ layers, config: {}, programs: [], warnings: [], materials: [] });
      const names = ['x-1.0-3-2.jar', 'x-1.0-3.jar', 'x-1.0-5.jar', 'y.jar'];
      assert.deepEqual(
        paths['dependencies'],
        names.map((name) => `app/libs/${name}`),
      );
    });
  });
});
