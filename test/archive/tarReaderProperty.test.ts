import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { textOfLatin } from '../../src/archive/tarNames.ts';
import { digestOf, encodedOf } from '../../src/oci/digest.ts';
import { type MeantEntry, meantEntries, writeMeant } from '../support/meantTars.ts';
import { oddTars } from '../support/oddTars.ts';
import { mutations } from '../support/tarMutations.ts';
import { newTempDir, removeTempDir } from '../support/tempDir.ts';
import { needs } from '../support/tools.ts';
import { type GoEntry, goTar } from './goTar.ts';
import { type EntryWithContent, readTar } from './readEntries.ts';

const settings = { numRuns: 500, seed: 20_261_309 };
const ways = ['pax', 'gnu'] as const;

describe('TarReader and any tar', () => {
  it('P7 reads what was written, in each way of writing it', () => {
    const property = fc.property(meantEntries, fc.constantFrom(...ways), (entries, way) => {
      const { entries: read, failure } = readTar(writeMeant(entries, way));
      assert.equal(failure, undefined);
      assert.deepEqual(read.map(asMeant), entries.map(decoded));
    });
    fc.assert(property, settings);
  });

  it('P9 reads what the rules of Go say, and stops where they do', () => {
    fc.assert(fc.property(oddTars, sameAsGo), { ...settings, numRuns: 2000 });
  });

  it('P9 and does so with changed bytes, fields and blocks', () => {
    const property = fc.property(oddTars, mutations, (tar, change) => sameAsGo(change(tar)));
    fc.assert(property, { ...settings, numRuns: 3000 });
  });

  it('P11 reads the same, however the tar is cut', () => {
    const property = fc.property(oddTars, fc.constantFrom(1, 7, 511, 513, 1000), (tar, length) => {
      assert.deepEqual(readTar(tar, length), readTar(tar));
    });
    fc.assert(property, settings);
  });

  it('P8 gives the first of the entries, where the rest is cut off', () => {
    const property = fc.property(meantEntries, fc.constantFrom(...ways), fc.nat(), (entries, way, cut) => {
      const tar = writeMeant(entries, way);
      const { entries: read } = readTar(tar.subarray(0, cut % tar.length));
      assert.deepEqual(read.map(asMeant), entries.slice(0, read.length).map(decoded));
    });
    fc.assert(property, settings);
  });

  it("P9 reads what Python's tarfile does, of tars that mean well", async function () {
    needs(this, 'python3');
    const tars = fc.sample(meantEntries, { numRuns: 100, seed: settings.seed });
    const folder = await newTempDir();
    try {
      const files = tars.flatMap((entries, at) =>
        ways.map((way) => [path.join(folder, `${at}.${way}`), writeMeant(entries, way)] as const),
      );
      for (const [file, tar] of files) writeFileSync(file, tar);
      const listed = pythonListings(files.map(([file]) => file));
      assert.deepEqual(
        listed,
        files.map(([, tar]) => readTar(tar).entries.map(asPython)),
      );
    } finally {
      await removeTempDir(folder);
    }
  });
});

function sameAsGo(tar: Buffer): void {
  const [ours, go] = [readTar(tar), goTar(tar)];
  assert.deepEqual(ours.entries.map(fromReader), go.entries.map(fromGo));
  assert.equal(ours.failure !== undefined, go.failed, ours.failure ?? 'no failure');
}

function fromReader({ entry, content }: EntryWithContent): unknown {
  const { name, linkname, typeflag, size, mode, uid, gid, mtime, devmajor, devminor, fragments, xattrs } = entry;
  return {
    ...{ name, linkname, typeflag, size, mode, uid, gid, mtime },
    device: [devmajor, devminor],
    fragments: fragments?.map((fragment) => [fragment.offset, fragment.size]),
    xattrs: Object.entries(xattrs ?? {}),
    content: content.toString('latin1'),
  };
}

function fromGo({ size, mode, uid, gid, mtime, ...entry }: GoEntry): unknown {
  return {
    name: textOfLatin(entry.name),
    linkname: textOfLatin(entry.linkname),
    typeflag: entry.typeflag,
    ...{ size: Number(size), mode: Number(mode), uid: Number(uid), gid: Number(gid), mtime: Number(mtime) },
    device: entry.device.map(Number),
    fragments: entry.fragments?.map((pair) => pair.map(Number)),
    xattrs: entry.xattrs.map(([name, value]) => [textOfLatin(name), Buffer.from(value, 'latin1').toString('hex')]),
    content: entry.content.toString('latin1'),
  };
}

function asMeant({ entry, content }: EntryWithContent): unknown {
  const { name, typeflag, linkname, mode, uid, gid, mtime } = entry;
  return { name, type: typeflag, linkname, mode, uid, gid, mtime, content };
}

function decoded(entry: MeantEntry): unknown {
  return { ...entry, name: textOfLatin(entry.name), linkname: textOfLatin(entry.linkname) };
}

function asPython({ entry, content }: EntryWithContent): unknown {
  const { name, typeflag, linkname, mode, uid, gid, mtime } = entry;
  return [name.replace(/\/$/, ''), typeflag, linkname, mode, uid, gid, mtime, encodedOf(digestOf(content))];
}

function pythonListings(files: readonly string[]): unknown {
  const script = path.join(import.meta.dirname, '../support/listTars.py');
  const output = execFileSync('python3', [script], { input: JSON.stringify(files), maxBuffer: 256 << 20 });
  return JSON.parse(output.toString('utf8'));
}
