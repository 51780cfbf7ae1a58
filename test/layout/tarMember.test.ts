import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { endOfTar, memberHeader, paddingOf } from '../../src/layout/tarMember.ts';
import { withTempDir } from '../support/tempDir.ts';
import { needs } from '../support/tools.ts';

const long = `blobs/sha512/${'c0ffee00'.repeat(16)}`;
const large = 9 * 2 ** 30;

describe('memberHeader', () => {
  it('is read by Python as a file of root, dated 1970, whatever its name and size', async function () {
    needs(this, 'python3');
    await withTempDir(async (folder) => {
      const members: readonly (readonly [string, number])[] = [
        ['oci-layout', 5],
        [long, 512],
        [`${'d'.repeat(96)}.tar`, 0],
      ];
      const bytes = members.flatMap(([name, size]) => [
        memberHeader(name, size),
        Buffer.alloc(size, 'x'),
        Buffer.alloc(paddingOf(size)),
      ]);
      const file = path.join(folder, 'it.tar');
      await writeFile(file, Buffer.concat([...bytes, endOfTar]));
      const script =
        'import json,sys,tarfile\nt=tarfile.open(sys.argv[1])\n' +
        'print(json.dumps([[m.name,m.size,m.mode,m.uid,m.gid,m.mtime,m.isfile(),m.uname,t.extractfile(m).read(1).decode()] for m in t]))';
      const listed: unknown = JSON.parse(execFileSync('python3', ['-c', script, file], { encoding: 'utf8' }));
      assert.deepEqual(
        listed,
        members.map(([name, size]) => [name, size, 0o644, 0, 0, 0, true, '', size === 0 ? '' : 'x']),
      );
    });
  });

  it('says sizes above 8 GiB so that GNU tar reads them', async function () {
    needs(this, 'python3', 'tar');
    await withTempDir(async (folder) => {
      const file = path.join(folder, 'large.tar');
      await writeFile(file, memberHeader('layer.tar', large));
      // The content is not there: what is asked is only how long it would be.
      const script = 'import sys,tarfile\nprint(tarfile.open(sys.argv[1]).next().size)';
      assert.equal(execFileSync('python3', ['-c', script, file], { encoding: 'utf8' }).trim(), String(large));
      const listed = execFileSync('sh', ['-c', 'tar tvf "$0" 2>/dev/null || true', file], { encoding: 'utf8' });
      assert.match(listed, new RegExp(`0/0\\s+${large} 1970-01-01`));
    });
  });
});
