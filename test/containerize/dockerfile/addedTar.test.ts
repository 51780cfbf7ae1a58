import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { tarEnd, tarEntry } from '../../support/tarWriter.ts';
import { filesOf, placesOf, useContext } from './dockerContext.ts';

describe('addedTar', () => {
  const { here, make, problems } = useContext();

  it('unpacks archives that ADD brings, and only those', async () => {
    const tar = Buffer.concat([
      tarEntry({ name: 'd/', type: '5', mode: 0o700 }),
      tarEntry({ name: 'd/f', mode: 0o600, uid: 3, gid: 4 }, 'content'),
      tarEnd,
    ]);
    fs.writeFileSync(path.join(here.context, 't.tar'), tar);
    fs.writeFileSync(path.join(here.context, 't.tgz'), gzipSync(tar));
    fs.writeFileSync(path.join(here.context, 't.gz'), gzipSync('no tar'));
    const made = await make([
      'FROM scratch',
      'ADD t.tar /p',
      'ADD --chown=9 t.tgz /q/',
      'ADD t.gz /r/',
      'COPY t.tar /s',
    ]);
    const files = await filesOf(made);
    assert.deepEqual(
      files.filter((line) => !/^[rs]\b/.test(line)),
      [
        'p directory 755 0:0 ""',
        'p/d directory 700 0:0 ""',
        'p/d/f file 600 3:4 "content"',
        'q directory 755 9:9 ""',
        'q/d directory 700 9:9 ""',
        'q/d/f file 600 9:9 "content"',
      ],
    );
    assert.deepEqual(
      placesOf(files).filter((place) => /^[rs]/.test(place)),
      ['r/t.gz', 's'],
    );
  });

  const archives: readonly (readonly [string, Buffer, RegExp])[] = [
    ['a symbolic link', tarEntry({ name: 'l', type: '2', linkname: '/etc' }), /"l" in it is a symbolic link/],
    ['a way out', tarEntry({ name: '../x' }, 'x'), /"..\/x" leads out of it/],
    ['a device', tarEntry({ name: 'x', type: '3' }), /"x" in it is no file, folder or link/],
  ];
  for (const [name, entry, message] of archives) {
    it(`refuses an archive with ${name}`, async () => {
      fs.writeFileSync(path.join(here.context, 't.tar'), Buffer.concat([entry, tarEnd]));
      assert.match((await problems(['FROM scratch', 'ADD t.tar /x/']))[0] ?? '', message);
    });
  }

  it('keeps no more than 128 MiB of all compressed archives in memory', async () => {
    const tar = Buffer.concat([tarEntry({ name: 'f' }, '\0'.repeat(70 << 20)), tarEnd]);
    fs.writeFileSync(path.join(here.context, 't.tgz'), gzipSync(tar, { level: 1 }));
    assert.deepEqual(await problems(['FROM scratch', 'ADD t.tgz /a/']), []);
    assert.match(
      (await problems(['FROM scratch', 'ADD t.tgz /a/', 'ADD t.tgz /b/']))[0] ?? '',
      /^3:1 .* cannot be unpacked here: .* 128 MiB/,
    );
  });

  it('refuses a damaged archive', async () => {
    const tar = Buffer.concat([tarEntry({ name: 'x' }, 'y'.repeat(2000)), tarEnd]);
    fs.writeFileSync(path.join(here.context, 't.tar'), tar.subarray(0, 1500));
    assert.match(
      (await problems(['FROM scratch', 'ADD t.tar /x/']))[0] ?? '',
      /cannot be unpacked: the tar is damaged/,
    );
  });
});
