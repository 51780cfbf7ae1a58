import assert from 'node:assert/strict';
import { readdir, readlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { ArchiveFile } from '../../src/layout/archiveFile.ts';
import { ArchiveMembers } from '../../src/layout/archiveMembers.ts';
import { OpenArchives } from '../../src/layout/openArchives.ts';
import { imageParts, newDockerSave, type TarMember, tarOfMembers } from '../support/archives.ts';
import { testIo } from '../support/io.ts';
import { seededBytes, tarOf } from '../support/seededImage.ts';
import { newTempDir, removeTempDir } from '../support/tempDir.ts';
import { validateImage } from '../support/validateImage.ts';

const saved = (name: string): readonly TarMember[] =>
  newDockerSave(imageParts([tarOf(name, seededBytes(name.length, 3000))]), [`docker.io/library/${name}:v1`]);

describe('OpenArchives', () => {
  let folder = '';
  let file = '';
  let archives: OpenArchives;
  beforeEach(async () => {
    folder = await newTempDir();
    file = path.join(folder, 'it.tar');
    archives = new OpenArchives(path.join(folder, 'temporary'));
  });
  afterEach(async () => {
    await archives.close();
    await removeTempDir(folder);
  });

  /** How many files without a name are open that archives were unpacked to. */
  async function unpacked(): Promise<number> {
    const open = (await readdir('/proc/self/fd')).map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => ''));
    return (await Promise.all(open)).filter((link) => link.startsWith(path.join(folder, 'temporary'))).length;
  }

  it('unpacks an archive once for all who open it at the same time, and leaves no open file behind', async () => {
    await writeFile(file, gzipSync(tarOfMembers(saved('app'))));
    const gone = new AbortController();
    const openings = [testIo(), { signal: gone.signal }, testIo()].map((io) => archives.open('oci-archive', file, io));
    gone.abort(new Error('given up'));
    const [first, second, third] = await Promise.allSettled(openings);
    assert.ok(first?.status === 'fulfilled' && second?.status === 'rejected' && third?.status === 'fulfilled');
    assert.equal(first.value, third.value);
    assert.match(String(second.reason), /given up/);
    await validateImage(first.value, 'v1', testIo());
    if (process.platform !== 'linux') return;
    assert.equal(await unpacked(), 1);
    await archives.close();
    assert.equal(await unpacked(), 0);
  });

  it('reads for the others where the first who opened it gives up', async () => {
    await writeFile(file, gzipSync(tarOfMembers(saved('app'))));
    const gone = new AbortController();
    const first = archives.open('oci-archive', file, { signal: gone.signal });
    const second = archives.open('oci-archive', file, testIo());
    setImmediate(() => gone.abort(new Error('given up')));
    await first.catch(() => undefined);
    await validateImage(await second, 'v1', testIo());
  });

  it('names different images of one tag in full, as docker save has them', async () => {
    const lists = [saved('one'), saved('second')];
    const indexes = lists.map((members) => {
      const { content = '' } = members.find(({ name }) => name === 'index.json') ?? {};
      return (JSON.parse(String(content)) as { readonly manifests: readonly unknown[] }).manifests;
    });
    const blobs = lists.flat().filter(({ name, type }) => name.startsWith('blobs/') && type === undefined);
    const index = { name: 'index.json', content: JSON.stringify({ schemaVersion: 2, manifests: indexes.flat() }) };
    await writeFile(file, tarOfMembers([...blobs, index]));
    const store = await archives.open('oci-archive', file, testIo());
    const names: string[] = [];
    for await (const page of store.tagPages(testIo())) names.push(...page);
    assert.deepEqual(names, ['docker.io/library/one:v1', 'docker.io/library/second:v1']);
    const found = await Promise.all(names.map((name) => store.resolve(name, testIo())));
    assert.notEqual(found[0]?.digest, found[1]?.digest);
    await assert.rejects(store.resolve('v1', testIo()), { code: 'not-found', message: /It has "docker\.io/ });
  });

  it('does not fill the memory with names of a megabyte', async () => {
    const long = (type: string): Buffer =>
      tarOfMembers([{ name: '././@LongLink', content: `${'n'.repeat(1_000_000)}\0`, type }], Buffer.alloc(0));
    const noEnd = Buffer.alloc(0);
    const bytes = [
      long('L'),
      tarOfMembers([{ name: 'cut' }], noEnd),
      long('K'),
      tarOfMembers([{ name: 'link', link: 'cut' }], noEnd),
      long('K'),
      tarOfMembers([{ name: 'file' }]),
    ];
    await writeFile(file, Buffer.concat(bytes));
    const { names } = await ArchiveMembers.read(await ArchiveFile.open(file, folder, testIo()), testIo());
    assert.deepEqual(names, ['file']);
  });
});
