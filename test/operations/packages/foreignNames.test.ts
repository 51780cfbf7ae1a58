import assert from 'node:assert/strict';
import { withForeignNames } from '../../../src/operations/packages/foreignNames.ts';
import type { PackageManager, PackageRecord } from '../../../src/operations/packages/packageRecord.ts';
import { testIo } from '../../support/io.ts';

async function named(manager: PackageManager, ...texts: readonly string[]): Promise<readonly string[]> {
  const packages = texts.map((text): PackageRecord => {
    const [name = '', architecture] = text.split(' ');
    return { name, version: '1', manager, ...(architecture === undefined ? {} : { architecture }) };
  });
  return (await withForeignNames(packages, testIo())).map(({ name }) => name);
}

describe('withForeignNames', () => {
  it("marks packages that are not of the architecture of the image's dpkg", async () => {
    const found = await named('dpkg', 'libc6 i386', 'libz i386', 'libc6 amd64', 'dpkg amd64', 'tzdata all');
    assert.deepEqual(found, ['libc6:i386', 'libz:i386', 'libc6', 'dpkg', 'tzdata']);
  });

  it('takes the architecture of most packages for that of the image where the manager is not installed', async () => {
    assert.deepEqual(await named('dpkg', 'a arm64', 'b arm64', 'a armhf', 'c all'), ['a', 'b', 'a:armhf', 'c']);
    assert.deepEqual(await named('rpm', 'glibc x86_64', 'glibc i686', 'bash x86_64', 'setup noarch', 'gpg-pubkey'), [
      'glibc',
      'glibc.i686',
      'bash',
      'setup',
      'gpg-pubkey',
    ]);
  });

  it('leaves packages alone that all fit every machine', async () => {
    assert.deepEqual(await named('apk', 'a noarch', 'b noarch'), ['a', 'b']);
    assert.deepEqual(await named('dpkg'), []);
  });
});
