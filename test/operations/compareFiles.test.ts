import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { ContentPlace, LayerStack } from '../../src/archive/layerStack.ts';
import type { LayerIndex } from '../../src/archive/layerIndex.ts';
import { streamOf } from '../../src/content/bytes.ts';
import { OciError } from '../../src/errors.ts';
import { digestOf } from '../../src/oci/digest.ts';
import { compareFiles } from '../../src/operations/compareFiles.ts';
import { ContentComparer, type ReadLimits } from '../../src/operations/contentComparer.ts';
import { testIo } from '../support/io.ts';
import { entry, type EntrySpec, layerOf } from '../support/layers.ts';
import { randomStacks } from '../support/randomLayers.ts';
import { indexOf, type Listing, listView } from '../support/realLayers.ts';
import { stackOf } from '../support/stacks.ts';

/** A file whose content has been read. */
function file(path: string, text: string, more: Partial<EntrySpec> = {}): EntrySpec {
  const content = Buffer.from(text);
  return { path, size: content.length, ...(text === '' ? {} : { digest: digestOf(content) }), ...more };
}

/** A file whose digest nobody knows, such as a sparse one. */
function unread(path: string, size: number, offset = 0): EntrySpec {
  return { path, size, offset };
}

interface Image {
  readonly layers: readonly LayerIndex[];
  /** Default: no layer of one image is one of the other. */
  readonly digests?: readonly string[];
  /** Content of files by path; a text that is not there cannot be read. */
  readonly contents?: Readonly<Record<string, string>>;
}

interface Comparison {
  readonly differences: readonly string[];
  readonly problems: readonly string[];
  /** Paths that were read, with their side. */
  readonly read: readonly string[];
}

async function compare(left: Image, right: Image, limits?: ReadLimits): Promise<Comparison> {
  const read: string[] = [];
  const side = (image: Image, name: string) => ({
    layers: image.digests ?? image.layers.map((_, at) => `${name} ${at}`),
    read: async (place: ContentPlace) => {
      read.push(`${name} ${place.entry.path}`);
      const text = image.contents?.[place.entry.path];
      if (text === undefined) throw new OciError('content-mismatch', 'damaged');
      return streamOf(Buffer.from(text));
    },
  });
  const [one, other] = [await stackOf(...left.layers), await stackOf(...right.layers)];
  const contents = new ContentComparer(side(left, 'left'), side(right, 'right'), limits);
  const found = await compareFiles(one, other, contents, testIo());
  const differences = [
    ...found.added.map(({ path, type, size }) => `+ ${path} ${type} ${size}`),
    ...found.removed.map(({ path, type, size }) => `- ${path} ${type} ${size}`),
    ...found.changed.map(({ path, differences: what }) => `~ ${path} ${what.join(' ')}`),
  ];
  return { differences, problems: contents.problems, read: read.sort() };
}

const image = (...specs: readonly EntrySpec[]): Image => ({ layers: [layerOf(...specs)] });

describe('compareFiles', () => {
  it('lists what was added, removed and changed, in the order of the paths', async () => {
    const left = image(file('b', 'one'), file('gone', '12'), file('a-b', 'x'), file('same', 's'), file('empty', ''));
    const right = image(file('b', 'two'), file('a/new', '123'), file('a-b', 'y'), file('same', 's'), file('empty', ''));
    const { differences, problems } = await compare(left, right);
    assert.deepEqual(differences, [
      '+ /a directory 0',
      '+ /a/new file 3',
      '- /gone file 2',
      '~ /a-b content',
      '~ /b content',
    ]);
    assert.deepEqual(problems, []);
  });

  it('gives both sides of a change, with the layers they come from', async () => {
    const left = await stackOf(layerOf(file('x', 'one', { mode: 0o600 })));
    const right = await stackOf(layerOf(file('y', 'y')), layerOf(file('x', 'three', { uid: 7, mtime: 9 })));
    const unreadable = { layers: [], read: async () => Promise.reject(new Error('nothing is to be read')) };
    const found = await compareFiles(left, right, new ContentComparer(unreadable, unreadable), testIo());
    assert.deepEqual(found.changed, [
      {
        path: '/x',
        before: { path: '/x', type: 'file', size: 3, mode: 0o600, uid: 0, gid: 0, mtime: 0, layer: 0 },
        after: { path: '/x', type: 'file', size: 5, mode: 0o644, uid: 7, gid: 0, mtime: 9, layer: 1 },
        differences: ['content', 'mode', 'owner'],
      },
    ]);
  });

  it('does not count times, nor directories that no layer lists', async () => {
    const left = image(file('d/f', 'x', { mtime: 1 }));
    const right = image({ path: 'd', type: 'directory', mtime: 5 }, file('d/f', 'x', { mtime: 2 }));
    assert.deepEqual((await compare(left, right)).differences, []);
  });

  it('counts a directory as changed for its own mode and owner only', async () => {
    const left = image({ path: 'a', type: 'directory' }, { path: 'b', type: 'directory' }, file('a/f', '1'));
    const right = image(
      { path: 'a', type: 'directory' },
      { path: 'b', type: 'directory', mode: 0o1777, gid: 3 },
      file('a/f', '2'),
    );
    assert.deepEqual((await compare(left, right)).differences, ['~ /a/f content', '~ /b mode owner']);
  });

  it('lists a removed directory with everything in it, and so one that a file replaced', async () => {
    const left = image(file('gone/x/y', 'y'), file('gone/z', 'z'), file('turned/in', 'i'));
    const right = image(file('turned', 'file'));
    assert.deepEqual((await compare(left, right)).differences, [
      '- /gone directory 0',
      '- /gone/x directory 0',
      '- /gone/x/y file 1',
      '- /gone/z file 1',
      '- /turned/in file 1',
      '~ /turned type mode',
    ]);
  });

  it('compares links by where they lead, whatever mode their tar gives them', async () => {
    const left = image(
      { path: 'a', type: 'symlink', linkname: 'x' },
      { path: 'b', type: 'symlink', linkname: 'x', mode: 0o755 },
      file('c', 'x'),
    );
    const right = image(
      { path: 'a', type: 'symlink', linkname: 'y' },
      { path: 'b', type: 'symlink', linkname: 'x' },
      { path: 'c', type: 'symlink', linkname: 'a' },
    );
    assert.deepEqual((await compare(left, right)).differences, ['~ /a linkname', '~ /c type']);
  });

  it('takes a hard link for the file that it names', async () => {
    const left = image(file('a', 'text'), { path: 'b', type: 'hardlink', linkname: 'a', mode: 0o700 });
    const right = image(file('a', 'text'), file('b', 'text'));
    assert.deepEqual((await compare(left, right)).differences, []);
    const broken = image(file('a', 'text'), { path: 'b', type: 'hardlink', linkname: 'nowhere' });
    assert.deepEqual((await compare(left, broken)).differences, ['~ /b type']);
  });

  it('compares devices by their numbers', async () => {
    const device = (minor: number): EntrySpec => ({ path: 'dev/x', type: 'char', device: { major: 1, minor } });
    assert.deepEqual((await compare(image(device(3)), image(device(3)))).differences, []);
    assert.deepEqual((await compare(image(device(3)), image(device(5)))).differences, ['~ /dev/x device']);
    const block: EntrySpec = { ...device(3), type: 'block' };
    assert.deepEqual((await compare(image(device(3)), image(block))).differences, ['~ /dev/x type']);
  });

  it('compares extended attributes, whatever their order, and those of hard links by their file', async () => {
    const capable = (value: string): EntrySpec => file('ping', 'x', { xattrs: { 'security.capability': value } });
    const link: EntrySpec = { path: 'ping6', type: 'hardlink', linkname: 'ping' };
    const left = image(capable('0100'), link);
    assert.deepEqual((await compare(left, image(capable('0100'), link))).differences, []);
    assert.deepEqual((await compare(left, image(capable('0200'), link))).differences, [
      '~ /ping xattrs',
      '~ /ping6 xattrs',
    ]);
    const without = image(file('ping', 'y', { mode: 0o755 }), file('ping6', 'x'));
    assert.deepEqual((await compare(left, without)).differences, ['~ /ping content mode xattrs', '~ /ping6 xattrs']);
    const of = (xattrs: Readonly<Record<string, string>>) => image({ path: 'd', type: 'directory', xattrs });
    assert.deepEqual((await compare(of({ a: '1', b: '2' }), of({ b: '2', a: '1' }))).differences, []);
    assert.deepEqual((await compare(of({}), image(file('d/f', 'x')))).differences, ['+ /d/f file 1']);
    assert.deepEqual((await compare(of({ a: '1' }), of({ a: '' }))).differences, ['~ /d xattrs']);
  });

  it('reads files whose digests are not known, and only where their sizes are equal', async () => {
    const left = { ...image(unread('a', 3), unread('b', 3), unread('c', 4)), contents: { a: 'one', b: 'two' } };
    const right = {
      ...image(unread('a', 3), file('b', 'owt'), unread('c', 5)),
      contents: { a: 'one' },
    };
    const { differences, read, problems } = await compare(left, right);
    assert.deepEqual(differences, ['~ /b content', '~ /c content']);
    assert.deepEqual(read, ['left a', 'left b', 'right a']);
    assert.deepEqual(problems, []);
  });

  it('reads a file once, however many names it has', async () => {
    const links: EntrySpec[] = Array.from({ length: 50 }, (_, at) => ({
      path: `link${at}`,
      type: 'hardlink',
      linkname: 'a',
    }));
    const left = { ...image(unread('a', 3), ...links), contents: { a: 'one' } };
    const right = { ...image(unread('a', 3), ...links), contents: { a: 'one' } };
    const { differences, read } = await compare(left, right);
    assert.deepEqual(differences, []);
    assert.deepEqual(read, ['left a', 'right a']);
  });

  it('reads nothing that comes from the same entry of the same layer, wherever that layer stands', async () => {
    const shared = layerOf(unread('a', 3, 512), unread('b', 3, 2048));
    const copy = layerOf(unread('a', 3, 512), unread('b', 3, 2048));
    const left = { layers: [shared], digests: ['shared'] };
    const right = { layers: [layerOf(file('c', 'c')), copy], digests: ['other', 'shared'] };
    const { differences, read } = await compare(left, right);
    assert.deepEqual(differences, ['+ /c file 1']);
    assert.deepEqual(read, []);
  });

  it('tells two entries of one path in one layer', async () => {
    const chunk = (start: number) => ({ start, end: start + 10, skip: 0, offset: 0, size: 3 });
    const at = (start: number): EntrySpec => ({ path: 'a', size: 3, offset: -1, chunks: [chunk(start)] });
    const left = { layers: [layerOf(at(0))], digests: ['same'], contents: { a: 'one' } };
    const again = { layers: [layerOf(at(0))], digests: ['same'] };
    assert.deepEqual((await compare(left, again)).read, []);
    const right = { layers: [layerOf(at(70))], digests: ['same'], contents: { a: 'two' } };
    assert.deepEqual((await compare(left, right)).differences, ['~ /a content']);
  });

  it('counts files as changed that it does not read for their number or size, and says so', async () => {
    const specs = [unread('a', 3), unread('b', 3), unread('c', 3)];
    const contents = { a: 'one', b: 'one', c: 'one' };
    const side = { ...image(...specs), contents };
    const few = await compare(side, side, { files: 3, bytes: 1000 });
    assert.equal(few.differences.length, 2);
    assert.deepEqual(few.problems, [
      '2 files of equal size could not be compared by content and count as changed: ' +
        'no more than 3 such files or 1000 bytes are read for one comparison.',
    ]);
    const small = await compare(side, side, { files: 100, bytes: 5 });
    assert.equal(small.differences.length, 3);
  });

  it('lets others run while it passes over 150,000 files that it does not read', async () => {
    const entries = Array.from({ length: 150_000 }, (_, at) => entry(unread(`f${at}`, 3)));
    const stack = await stackOf({ ...layerOf(), entries });
    const contents = new ContentComparer({ layers: [], read: hanging }, { layers: [], read: hanging }, none);
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    const { changed } = await compareFiles(stack, stack, contents, testIo(60_000));
    clearInterval(timer);
    assert.equal(changed.length, 150_000);
    assert.ok(turns > 10, `others ran ${turns} times`);
  }).timeout(60_000);

  it('counts a file as changed that cannot be read, and says so', async () => {
    const right = { ...image(unread('a', 3)), contents: { a: 'one' } };
    const { differences, problems } = await compare(image(unread('a', 3)), right);
    assert.deepEqual(differences, ['~ /a content']);
    assert.match(problems.join(), /^1 file of equal size could not be compared .* damaged/);
  });

  it('finds in random images what their lists of files show', async () => {
    const unreadable = { layers: [], read: hanging };
    await fc.assert(
      fc.asyncProperty(randomStacks, randomStacks, async (one, other) => {
        const [left, right] = [await stackOf(...one.map(indexOf)), await stackOf(...other.map(indexOf))];
        const found = await compareFiles(left, right, new ContentComparer(unreadable, unreadable), testIo());
        const shown = [
          ...found.added.map(({ path }) => `+ ${path}`),
          ...found.removed.map(({ path }) => `- ${path}`),
          ...found.changed.map(({ path, differences }) => `~ ${path} ${differences.join(' ')}`),
        ];
        assert.deepEqual(shown.sort(), listedDifferences(listView(left), listView(right)));
      }),
      { numRuns: 300 },
    );
  }).timeout(60_000);

  it('ends with the reason of the signal, while it walks and while it reads', async () => {
    const many = Array.from({ length: 30_000 }, (_, at) => file(`d${at % 100}/f${at}`, 'x'));
    const stack = await stackOf(layerOf(...many));
    const contents = new ContentComparer({ layers: [], read: hanging }, { layers: [], read: hanging });
    await assert.rejects(cancelled(stack, stack, contents), /stop/);
    const one = await stackOf(layerOf(unread('a', 3)));
    await assert.rejects(cancelled(one, one, contents), /stop/);
  });

  it('lets others run while it compares 100,000 files with 100,000', async () => {
    const many = (text: string) => Array.from({ length: 100_000 }, (_, at) => file(`d${at % 300}/f${at}`, text));
    const [left, right] = [await stackOf(layerOf(...many('one'))), await stackOf(layerOf(...many('two')))];
    const side = { layers: [], read: hanging };
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    const found = await compareFiles(left, right, new ContentComparer(side, side), testIo(60_000));
    clearInterval(timer);
    assert.equal(found.changed.length, 100_000);
    assert.ok(turns > 10, `others ran ${turns} times`);
  }).timeout(60_000);
});

/** Nothing may be read. */
const none: ReadLimits = { files: 0, bytes: 0 };

async function hanging(_: ContentPlace, { signal }: { readonly signal: AbortSignal }): Promise<never> {
  return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));
}

async function cancelled(left: LayerStack, right: LayerStack, contents: ContentComparer): Promise<unknown> {
  const controller = new AbortController();
  const comparing = compareFiles(left, right, contents, { signal: controller.signal });
  setImmediate(() => controller.abort(new Error('stop')));
  return comparing;
}

function listedDifferences(left: Listing, right: Listing): readonly string[] {
  const paths = [...new Set([...Object.keys(left), ...Object.keys(right)])];
  const differences = paths.flatMap((path) => {
    const [one, other] = [left[path], right[path]];
    if (one === undefined || other === undefined) return [`${one === undefined ? '+' : '-'} /${path}`];
    const isSame = one.type === other.type;
    const what = [
      isSame ? '' : 'type',
      isSame && one.digest !== other.digest ? 'content' : '',
      one.mode === undefined || other.mode === undefined || one.mode === other.mode ? '' : 'mode',
      one.owner === other.owner ? '' : 'owner',
      isSame && one.linkname !== other.linkname ? 'linkname' : '',
    ].filter((each) => each !== '');
    return what.length === 0 ? [] : [`~ /${path} ${what.join(' ')}`];
  });
  return differences.sort();
}
