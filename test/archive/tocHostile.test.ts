import assert from 'node:assert/strict';
import { estargzOf, type Toc, type TocJson } from '../support/estargz.ts';
import { reasonOf, tocOf } from './tocContent.ts';

/** In this order: a directory, a file in three chunks, a small file, a link, an empty file, a device. */
const files = [
  { name: 'd/', type: 'dir', mode: 0o755 },
  { name: 'd/large', content: Buffer.alloc(2500, 'large') },
  { name: 'd/small', content: Buffer.from('small'), xattrs: { 'user.x': 'y' }, mtime: 1_700_000_000 },
  { name: 'd/link', type: 'symlink', linkname: 'small' },
  { name: 'd/empty' },
  { name: 'd/tty', type: 'char', device: { major: 5, minor: 0 } },
] as const;
const [directory, large, second, third, small, link, empty, device] = [0, 1, 2, 3, 4, 5, 6, 7];

type Change = (toc: Toc) => unknown;

/** Sets members of one entry. */
function set(at: number, members: TocJson): Change {
  return (toc) => ({ ...toc, entries: toc.entries.map((entry, n) => (n === at ? { ...entry, ...members } : entry)) });
}

function without(at: number): Change {
  return (toc) => ({ ...toc, entries: toc.entries.filter((_, n) => n !== at) });
}

const digest = `sha256:${'0'.repeat(64)}`;

const lies: readonly (readonly [string, Change, RegExp])[] = [
  ['has no version', (toc) => ({ entries: toc.entries }), /of a version that is not known/],
  ['has another version', (toc) => ({ ...toc, version: 2 }), /of a version that is not known/],
  ['has a version in words', (toc) => ({ ...toc, version: '1' }), /of a version that is not known/],
  ['has no entries', () => ({ version: 1 }), /no list of entries/],
  ['has an object of entries', () => ({ version: 1, entries: {} }), /no list of entries/],
  ['has numbers as entries', () => ({ version: 1, entries: [0, 0] }), /no list of entries/],
  ['has lists as entries', () => ({ version: 1, entries: [[]] }), /a list in its list/],
  ['has null as an entry', () => ({ version: 1, entries: [null] }), /no list of entries/],
  ['has objects elsewhere', (toc) => ({ ...toc, more: [{ name: 'x', type: 'reg' }] }), /no list of entries/],
  ['is a list', (toc) => [toc], /a list in its list/],
  ['is null', () => null, /not an object/],
  ['is text', () => 'text', /not an object/],
  ['has an entry without a type', set(link, { type: undefined }), /a type that is not known/],
  ['has an entry of a new type', set(link, { type: 'socket' }), /a type that is not known: "socket"/],
  ['has a type that every object has', set(link, { type: 'toString' }), /a type that is not known/],
  ['has a type that no text can be made of', set(link, { type: { toString: 1, valueOf: 1 } }), /a type that is not/],
  ['has a name that is a number', set(link, { name: 7 }), /name of an entry without a name is not the text/],
  ['has a name that no text can be made of', set(link, { name: { toString: 1, valueOf: 1 } }), /is not the text/],
  ['has a name with bytes that are lost', set(link, { name: 'd/\ufffd' }), /is not the text/],
  ['has a name with half a character', set(link, { name: 'd/\ud800' }), /is not the text/],
  ['has a name with an escaped byte', set(link, { name: 'd/\udc80' }), /is not the text/],
  ['has a name with NUL', set(link, { name: 'd/a\0b' }), /is not the text/],
  ['has a name that leads out', set(link, { name: '../../etc/passwd' }), /a path that is outside the image/],
  ['has a name that is too long', set(link, { name: 'x'.repeat(5000) }), /too long or too deep/],
  ['has a name that is too deep', set(link, { name: 'x/'.repeat(300) }), /too long or too deep/],
  ['has a name twice', set(link, { name: 'd/./empty' }), /"d\/empty" stands twice/],
  ['has a link target with NUL', set(link, { linkName: '\0' }), /linkName of "d\/link"/],
  [
    'has a link target that is too long',
    set(link, { linkName: 'x/'.repeat(2049) }),
    /linkName of "d\/link" is too long/,
  ],
  ['has a link target that is a list', set(link, { linkName: [] }), /linkName of "d\/link"/],
  ['has a negative size', set(small, { size: -5 }), /size of "d\/small" is not a whole number/],
  ['has a size with a fraction', set(small, { size: 5.5 }), /size of "d\/small" is not a whole number/],
  ['has a size in words', set(small, { size: '5' }), /size of "d\/small" is not a whole number/],
  ['has a size that is too large', set(small, { size: 2 ** 53 }), /size of "d\/small" is not a whole number/],
  ['has sizes that are too large together', sizes, /too many bytes/],
  ['has a mode with a fraction', set(directory, { mode: 0.5 }), /mode of "d\/"/],
  ['has a negative owner', set(directory, { uid: -1 }), /uid of "d\/"/],
  ['has a group in words', set(directory, { gid: 'root' }), /gid of "d\/"/],
  ['has a time that is none', set(small, { modtime: 'yesterday' }), /modtime of "d\/small" is not a time/],
  ['has a time with a wrong month', set(small, { modtime: '2024-13-01T00:00:00Z' }), /modtime of "d\/small"/],
  ['has a time that is a number', set(small, { modtime: 1 }), /modtime of "d\/small"/],
  ['has a negative device', set(device, { devMajor: -1 }), /devMajor of "d\/tty"/],
  ['has attributes that are a list', set(small, { xattrs: ['x'] }), /xattrs of "d\/small"/],
  ['has attributes that are numbers', set(small, { xattrs: { 'user.x': 1 } }), /not base64/],
  ['has attributes that are no base64', set(small, { xattrs: { 'user.x': '???' } }), /not base64/],
  ['has a digest that is none', set(small, { digest: 'md5:0' }), /digest of "d\/small" is not a digest/],
  ['has a digest that is a number', set(small, { digest: 7 }), /digest of "d\/small" is not a digest/],
  ['has a chunk digest that is none', set(second, { chunkDigest: 'x' }), /chunkDigest of "d\/large"/],
  ['has two digests of one content', set(small, { chunkDigest: digest }), /two digests/],
  ['has no digest of a file', set(small, { digest: undefined, chunkDigest: undefined }), /no digest of "d\/small"/],
  ['does not say where a file is', set(small, { offset: undefined }), /is not where it could be/],
  ['has a file before the last one', set(small, { offset: 1 }), /is not where it could be/],
  [
    'has a file at the same place',
    (toc) => set(small, { offset: toc.entries[third]?.['offset'] })(toc),
    /not where it/,
  ],
  ['has a file behind the layer', set(small, { offset: 1 << 30 }), /is not where it could be/],
  ['has a file that is far inside its range', set(small, { innerOffset: 2 ** 40 }), /is not where it could be/],
  ['has a file with a negative place', set(small, { offset: -1 }), /offset of "d\/small"/],
  ['has a negative inner place', set(small, { innerOffset: -1 }), /innerOffset of "d\/small"/],
  ['ends a file before it begins', set(small, { endOffset: 1 }), /is not where it could be/],
  ['ends a file behind the layer', set(small, { endOffset: 1 << 30 }), /outside the layer/],
  ['begins with a chunk', without(large), /a chunk of "d\/large" is out of place/],
  ['has a chunk of another file', set(second, { name: 'd/other' }), /a chunk of "d\/other" is out of place/],
  ['has a chunk after a link', set(link, { type: 'chunk' }), /out of place/],
  ['has a chunk too few in the middle', without(second), /do not follow each other/],
  ['has a chunk too few at the end', without(third), /a part of "d\/large" is missing/],
  ['has a chunk that overlaps', set(second, { chunkOffset: 900 }), /do not follow each other/],
  ['has a chunk after a gap', set(second, { chunkOffset: 1100 }), /do not follow each other/],
  ['has a chunk that is too large', set(second, { chunkSize: 5000 }), /do not follow each other/],
  ['has a chunk too many', (toc) => ({ ...toc, entries: toc.entries.flatMap(twice) }), /do not follow each other/],
  ['has a chunk of an empty file', set(empty, { type: 'chunk' }), /out of place/],
];

function sizes(toc: Toc): Toc {
  const huge = { size: 2 ** 53 - 1, chunkSize: 0, chunkOffset: 0, chunkDigest: undefined };
  const { entries } = toc;
  return {
    ...toc,
    entries: [
      { ...entries[large], ...huge, name: 'one' },
      { ...entries[small], ...huge, name: 'two' },
    ],
  };
}

function twice(entry: TocJson, at: number): TocJson[] {
  return at === third ? [entry, entry] : [entry];
}

describe('readTocOrReason of hostile layers', () => {
  for (const [what, change, reason] of lies) {
    it(`does not use a table of contents that ${what}`, async () => {
      const said = await reasonOf(await estargzOf(files, { chunkBytes: 1000, change }));
      assert.match(said, /^the table of contents is not used: /);
      assert.match(said, reason);
    });
  }

  const texts: readonly (readonly [string, (json: Buffer) => Uint8Array])[] = [
    ['empty', () => Buffer.alloc(0)],
    ['cut short', (json) => json.subarray(0, -1)],
    ['followed by something', (json) => Buffer.concat([json, Buffer.from('[]')])],
    ['opened too often', () => Buffer.from('['.repeat(1000))],
    ['closed too often', () => Buffer.from('}'.repeat(1000))],
    ['not JSON', () => Buffer.from('{"version":1,"entries":[{]}]}')],
    ['JSON of another kind', () => Buffer.from('{"version":1,"entries":[{"name":"x","type":"dir"} {"name":"y"}]}')],
    ['without an end of a text', () => Buffer.from('{"version":1,"entries":[{"name":"x')],
    ['a text of 2 MiB in an entry', () => Buffer.from(`{"version":1,"entries":[{"name":"${'x'.repeat(2 << 20)}"}]}`)],
    ['20 MiB beside the entries', () => Buffer.from(`{"version":1,"more":"${'x'.repeat(20 << 20)}","entries":[]}`)],
    ['full of other bytes', () => Buffer.alloc(1000, 0xff)],
  ];
  for (const [what, rewrite] of texts) {
    it(`does not use a table of contents that is ${what}`, async () => {
      assert.match(await reasonOf(await estargzOf(files, { rewrite })), /^the table of contents is not used: /);
    });
  }

  it('does not use a table of contents with a name of 100,000 levels', async () => {
    const deep = `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`;
    const json = Buffer.from(`{"version":1,"entries":[{"name":"x","type":"dir","xattrs":${deep}}]}`);
    assert.match(await reasonOf(await estargzOf(files, { rewrite: () => json })), /not base64/);
  });

  it('is not led astray by names that every object has', async () => {
    const json = Buffer.from(
      '{"version":1,"entries":[{"name":"__proto__","type":"dir","__proto__":{"mode":511},"xattrs":{"__proto__":"eA=="}}]}',
    );
    const index = await tocOf(await estargzOf(files, { rewrite: () => json }));
    assert.ok(typeof index === 'object');
    assert.deepEqual(
      index.entries.map(({ path, mode, xattrs }) => [path, mode, Object.entries(xattrs ?? {})]),
      [['__proto__', 0, [['__proto__', '78']]]],
    );
    assert.equal(Object.hasOwn(Object.prototype, 'mode'), false);
  });
});
