import assert from 'node:assert/strict';
import { comparePackages } from '../../src/operations/comparePackages.ts';
import type { PackageRecord } from '../../src/operations/packages/packageRecord.ts';
import { testIo } from '../support/io.ts';

function dpkg(name: string, version: string): PackageRecord {
  return { name, version, manager: 'dpkg' };
}

describe('comparePackages', () => {
  it('lists packages that came, went and changed, in the order of managers and names', async () => {
    const left = [
      dpkg('zlib', '1'),
      dpkg('bash', '5'),
      dpkg('same', '1'),
      { ...dpkg('bash', '4'), manager: 'apk' as const },
    ];
    const right = [dpkg('same', '1'), dpkg('zlib', '2'), dpkg('curl', '8')];
    assert.deepEqual(await comparePackages(left, right, testIo()), [
      { name: 'bash', manager: 'apk', before: '4', after: null },
      { name: 'bash', manager: 'dpkg', before: '5', after: null },
      { name: 'curl', manager: 'dpkg', before: null, after: '8' },
      { name: 'zlib', manager: 'dpkg', before: '1', after: '2' },
    ]);
  });

  it('shows all versions of a name that has several', async () => {
    const kernel = (version: string): PackageRecord => ({ name: 'kernel', version, manager: 'rpm' });
    assert.deepEqual(await comparePackages([kernel('6.2'), kernel('6.1')], [kernel('6.2'), kernel('6.3')], testIo()), [
      { name: 'kernel', manager: 'rpm', before: '6.1, 6.2', after: '6.2, 6.3' },
    ]);
    assert.deepEqual(
      await comparePackages([kernel('6.2'), kernel('6.1')], [kernel('6.1'), kernel('6.2')], testIo()),
      [],
    );
  });
});
