import assert from 'node:assert/strict';
import { digestOf } from '../../src/oci/digest.ts';
import { buildManifest, parseManifest, successors } from '../../src/oci/manifest.ts';
import { mediaTypes } from '../../src/oci/mediaTypes.ts';

const descriptor = { mediaType: mediaTypes.config, digest: `sha256:${'1'.repeat(64)}`, size: 2 };
const layer = { mediaType: mediaTypes.layerGzip, digest: `sha256:${'2'.repeat(64)}`, size: 3 };
const image = { schemaVersion: 2, mediaType: mediaTypes.manifest, config: descriptor, layers: [layer] };
const index = {
  schemaVersion: 2,
  mediaType: mediaTypes.index,
  manifests: [{ ...descriptor, mediaType: mediaTypes.manifest }],
};

function parse(value: unknown, contentType = ''): ReturnType<typeof parseManifest> {
  return parseManifest(Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)), contentType);
}

describe('parseManifest', () => {
  it('keeps the bytes and the digest of them', () => {
    const bytes = Buffer.from(`${JSON.stringify(image, null, 3)}\n`);
    const manifest = parseManifest(bytes, mediaTypes.manifest);
    assert.equal(manifest.bytes, bytes);
    assert.equal(manifest.digest, digestOf(bytes));
    assert.deepEqual(
      successors(manifest).map((d) => d.digest),
      [descriptor.digest, layer.digest],
    );
  });

  it('133: decides by Content-Type, then by fields, where there is no mediaType', () => {
    const { schemaVersion, config, layers } = image;
    const bare = { schemaVersion, config, layers };
    assert.equal(parse(bare, mediaTypes.dockerManifest).mediaType, mediaTypes.dockerManifest);
    assert.equal(parse(bare).mediaType, mediaTypes.manifest);
    assert.equal(parse({ schemaVersion: 2, manifests: [] }).kind, 'index');
  });

  const refused: readonly (readonly [string, unknown, string, string])[] = [
    ['131: index and image fields', { ...image, manifests: [] }, '', 'invalid-manifest'],
    ['131: index with a config', { ...index, config: descriptor }, '', 'invalid-manifest'],
    ['132: a type other than the one it was served as', image, mediaTypes.index, 'invalid-manifest'],
    [
      '132: a mediaType without its fields',
      { schemaVersion: 2, mediaType: mediaTypes.index, layers: [] },
      '',
      'invalid-manifest',
    ],
    ['135: a name that stands twice', '{"schemaVersion":2,"config":{},"config":{}}', '', 'invalid-manifest'],
    ['140: trailing data', `${JSON.stringify(image)}x`, '', 'invalid-manifest'],
    ['140: a byte order mark', `\ufeff${JSON.stringify(image)}`, '', 'invalid-manifest'],
    ['129: a negative size', { ...image, layers: [{ ...layer, size: -5 }] }, '', 'invalid-manifest'],
    [
      '129: a size above 2^53',
      `{"schemaVersion":2,"config":{"mediaType":"a/b","digest":"${descriptor.digest}","size":9007199254740993},"layers":[]}`,
      '',
      'invalid-manifest',
    ],
    [
      '129: an infinite size',
      `{"schemaVersion":2,"config":{"mediaType":"a/b","digest":"${descriptor.digest}","size":1e400},"layers":[]}`,
      '',
      'invalid-manifest',
    ],
    ['129: a size as text', { ...image, config: { ...descriptor, size: '2' } }, '', 'invalid-manifest'],
    [
      '10: a digest that is a path',
      { ...image, layers: [{ ...layer, digest: 'sha256:../../canary' }] },
      '',
      'invalid-digest',
    ],
    ['142: schema 1', { schemaVersion: 1, fsLayers: [] }, '', 'unsupported-media-type'],
    [
      '142: signed schema 1',
      image,
      'application/vnd.docker.distribution.manifest.v1+prettyjws',
      'unsupported-media-type',
    ],
    ['139: too many layers', { ...image, layers: Array.from({ length: 10_001 }, () => layer) }, '', 'too-large'],
    ['a list', [], '', 'invalid-manifest'],
    ['an unknown media type', { ...image, mediaType: 'application/x' }, '', 'unsupported-media-type'],
  ];
  for (const [what, value, contentType, code] of refused) {
    it(`refuses ${what}`, () => assert.throws(() => parse(value, contentType), { code }));
  }

  it('140: refuses invalid UTF-8', () => {
    assert.throws(() => parseManifest(Buffer.from([0x7b, 0xff, 0x7d]), ''), {
      code: 'invalid-manifest',
      message: /UTF-8/,
    });
  });

  it('137: keeps odd annotation names as data', () => {
    const manifest = parse(`{"schemaVersion":2,"manifests":[],"annotations":{"__proto__":"x","constructor":"y"}}`);
    assert.deepEqual(Object.entries(manifest.annotations), [
      ['__proto__', 'x'],
      ['constructor', 'y'],
    ]);
    assert.equal(({} as Record<string, unknown>)['x'], undefined);
  });

  it('128: takes embedded data only where it is the content', () => {
    const data = Buffer.from('{}');
    const good = { mediaType: mediaTypes.empty, digest: digestOf(data), size: 2, data: data.toString('base64') };
    const first = (config: object): unknown => successors(parse({ ...image, config }))[0]?.data;
    assert.equal(first(good), 'e30=');
    assert.equal(first({ ...good, data: 'e3x9' }), undefined);
    assert.equal(first({ ...good, size: 3 }), undefined);
  });

  it('builds what it parses', () => {
    assert.equal(buildManifest(index).kind, 'index');
  });
});
