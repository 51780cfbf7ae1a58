import assert from 'node:assert/strict';
import { unwanted } from './package.ts';

describe('unwanted', () => {
  it('lets the bundle, media and documents into the package', () => {
    const files = [
      'package.json',
      'README.md',
      'LICENSE',
      'dist/extension.cjs',
      'dist/createGantry-YG4RNOCF.cjs',
      'dist/licenses.txt',
      'media/gantry.svg',
    ];
    assert.deepEqual(unwanted(files), []);
  });

  for (const file of [
    'dist/extension.cjs.map',
    'test/support/tls.ts',
    'src/api.ts',
    '.env',
    'media/key.pem',
    'out/host/index.cjs',
    '.npmrc',
    'node_modules/undici/index.js',
  ]) {
    it(`keeps ${file} out of it`, () => assert.deepEqual(unwanted([file]), [file]));
  }
});
