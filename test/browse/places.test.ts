import assert from 'node:assert/strict';
import path from 'node:path';
import fc from 'fast-check';
import {
  canBeNamed,
  formatPlace,
  identifierAt,
  isArchive,
  isLocal,
  isRelative,
  nameOfPlace,
  placeOf,
  placeOfSegment,
  placeSegment,
} from '../../src/browse/places.ts';
import type { Reference } from '../../src/oci/reference.ts';

const digest = `sha256:${'ab'.repeat(32)}` as const;

describe('placeOf', () => {
  const places: readonly (readonly [string, Reference])[] = [
    ['r.example/team/app:1.0', { registry: 'r.example', repository: 'team/app', tag: '1.0' }],
    ['oci:/ws/layout', { registry: 'oci', repository: '/ws/layout' }],
    ['oci:/ws/layout:v1', { registry: 'oci', repository: '/ws/layout', tag: 'v1' }],
    [`oci-archive:/ws/a b.tar@${digest}`, { registry: 'oci-archive', repository: '/ws/a b.tar', digest }],
    [
      'docker-archive:/ws/a.tar:r.example:5000/app:1.0',
      { registry: 'docker-archive', repository: '/ws/a.tar', tag: 'r.example:5000/app:1.0' },
    ],
  ];
  for (const [text, place] of places) {
    it(`reads ${text}, and back`, () => {
      assert.deepEqual(placeOf(text), place);
      assert.equal(formatPlace(place), text);
      assert.equal(canBeNamed(place), true);
    });
  }

  it('makes a path whole, and says which one was not', () => {
    assert.equal(placeOf('oci:layout').repository, path.resolve('layout'));
    assert.deepEqual(['oci:layout', 'oci:/layout', 'app'].map(isRelative), [true, false, false]);
  });

  it('asks for the only image of an archive where it is named by nothing', () => {
    assert.equal(identifierAt(placeOf('oci-archive:/ws/a.tar')), '');
    assert.equal(identifierAt(placeOf('oci-archive:/ws/a.tar:1.0')), '1.0');
    assert.equal(identifierAt(placeOf(`oci:/ws/a@${digest}`)), digest);
    assert.equal(identifierAt(placeOf('alpine')), 'latest');
  });
});

describe('canBeNamed', () => {
  for (const [repository, tag] of [
    ['/ws/a:b', undefined],
    ['/ws/a@sha256:00', undefined],
    ['/ws/a', 'not a tag'],
    ['/ws/a', ''],
    ['ws/a', 'v1'],
    ['', 'v1'],
  ] as const) {
    it(`is false for ${JSON.stringify([repository, tag])}`, () => {
      assert.equal(canBeNamed({ registry: 'oci', repository, ...(tag === undefined ? {} : { tag }) }), false);
    });
  }
});

describe('isLocal', () => {
  it('tells what is on disk from registries, and archives from layouts', () => {
    const names = ['oci', 'oci-archive', 'docker-archive', 'oci.example', 'localhost', 'OCI'];
    assert.deepEqual(
      names.map((registry) => [isLocal({ registry }), isArchive({ registry })]),
      [
        [true, false],
        [true, true],
        [true, true],
        [false, false],
        [false, false],
        [false, false],
      ],
    );
  });
});

describe('nameOfPlace', () => {
  it('is the last part of a repository or path, of Windows too', () => {
    const names = ['team/app', '/ws/app.tar', 'C:\\ws\\app.tar', '/', 'app'];
    assert.deepEqual(
      names.map((repository) => nameOfPlace({ registry: 'oci', repository })),
      ['app', 'app.tar', 'app.tar', '/', 'app'],
    );
  });
});

describe('placeSegment', () => {
  it('names a path on disk by one part of an address', () => {
    const place = { registry: 'oci-archive', repository: '/ws/a b@c%2f\u2215.tar' };
    assert.equal(placeSegment(place), '∕ws∕a b%40c%252f%E2%88%95.tar');
    assert.deepEqual(placeOfSegment('oci-archive', '∕ws∕a b%40c%252f%E2%88%95.tar'), place);
    assert.equal(placeSegment({ registry: 'r.example', repository: 'team/app' }), 'team/app');
  });

  it('comes back for every path, and holds nothing that ends a part', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme', minLength: 1 })), (parts) => {
        const repository = path.resolve('/', ...parts.map((part) => part.replaceAll('/', '')));
        const segment = placeSegment({ registry: 'oci', repository });
        assert.doesNotMatch(segment, /[/@\\?#\p{C}]/u);
        assert.deepEqual(placeOfSegment('oci', segment), { registry: 'oci', repository });
      }),
    );
  });

  const wrong: readonly (readonly [string, string])[] = [
    ['oci', '/ws/a'],
    ['oci', '%2Fws%2Fa'],
    ['oci', 'ws∕a'],
    ['oci', '∕ws∕..∕etc'],
    ['oci', '∕ws∕'],
    ['oci', '∕ws∕∕a'],
    ['oci', '∕ws∕%61'],
    ['oci', '∕ws∕a\u202e'],
    ['oci', '∕ws%zz'],
    ['oci', '%'],
    ['oci', ''],
    ['r.example', '∕ws∕a'],
    ['r.example', 'Team/app'],
    ['r.example', '../app'],
  ];
  for (const [registry, segment] of wrong) {
    it(`216 knows no place ${registry} ${JSON.stringify(segment)}`, () => {
      assert.equal(placeOfSegment(registry, segment), undefined);
    });
  }
});
