import assert from 'node:assert/strict';
import { digestOf } from '../../src/oci/digest.ts';
import { parseImageConfig } from '../../src/oci/imageConfig.ts';
import type { JsonObject } from '../../src/oci/json.ts';
import { parseManifest } from '../../src/oci/manifest.ts';
import { mediaTypes } from '../../src/oci/mediaTypes.ts';
import { type BaseImage, deriveImage, type ImageChanges, type NewLayer } from '../../src/operations/deriveImage.ts';

const digest = (name: string): ReturnType<typeof digestOf> => digestOf(Buffer.from(name));
const layer: NewLayer = {
  digest: digest('new'),
  diffId: digest('new tar'),
  size: 123,
  compression: 'gzip',
  contents: ['/app'],
};
const changes: ImageChanges = { layers: [layer], created: '1970-01-01T00:00:00Z' };

interface Odd {
  readonly manifest?: JsonObject;
  readonly config?: JsonObject;
  readonly docker?: boolean;
}

function baseOf({ manifest = {}, config = {}, docker = false }: Odd = {}): BaseImage {
  const configJson = {
    architecture: 'arm64',
    os: 'linux',
    variant: 'v8',
    created: '2020-01-01T00:00:00Z',
    author: 'somebody',
    'x.unknown': [1],
    config: { Env: ['A=1'], Healthcheck: { Test: ['NONE'] } },
    rootfs: { type: 'layers', diff_ids: [digest('old tar')] },
    history: [{ created_by: 'ADD old' }, { created_by: 'ENV A=1', empty_layer: true }],
    ...config,
  };
  const bytes = Buffer.from(JSON.stringify(configJson));
  const mediaType = docker ? mediaTypes.dockerManifest : mediaTypes.manifest;
  const json = {
    schemaVersion: 2,
    mediaType,
    config: {
      mediaType: docker ? mediaTypes.dockerConfig : mediaTypes.config,
      digest: digestOf(bytes),
      size: bytes.length,
    },
    layers: [
      {
        mediaType: docker ? mediaTypes.dockerLayerGzip : mediaTypes.layerGzip,
        digest: digest('old'),
        size: 10,
        extra: 1,
      },
    ],
    ...manifest,
  };
  const parsed = parseManifest(Buffer.from(JSON.stringify(json)), mediaType);
  assert.ok(parsed.kind === 'image');
  return { ...parsed, config: parseImageConfig(bytes) };
}

function configOf(base: BaseImage, what: Partial<ImageChanges> = {}): unknown {
  return JSON.parse(Buffer.from(deriveImage(base, { ...changes, ...what }).config).toString());
}

describe('deriveImage', () => {
  it('adds layer, diff id and history, and keeps what it does not know', () => {
    const base = baseOf();
    const { manifest, config } = deriveImage(base, changes);
    assert.deepEqual(JSON.parse(Buffer.from(config).toString()), {
      architecture: 'arm64',
      os: 'linux',
      variant: 'v8',
      created: '1970-01-01T00:00:00Z',
      author: 'somebody',
      'x.unknown': [1],
      config: { Env: ['A=1'], Healthcheck: { Test: ['NONE'] } },
      rootfs: { type: 'layers', diff_ids: [digest('old tar'), digest('new tar')] },
      history: [
        { created_by: 'ADD old' },
        { created_by: 'ENV A=1', empty_layer: true },
        { created: '1970-01-01T00:00:00Z', created_by: 'gantry append /app' },
      ],
    });
    assert.deepEqual(manifest.json, {
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      config: { mediaType: 'application/vnd.oci.image.config.v1+json', digest: digestOf(config), size: config.length },
      layers: [
        { mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip', digest: digest('old'), size: 10, extra: 1 },
        { mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip', digest: digest('new'), size: 123 },
      ],
      annotations: { 'org.opencontainers.image.base.digest': base.digest },
    });
  });

  it('dates image and history as asked', () => {
    const config = configOf(baseOf(), { created: '2023-11-14T22:13:20Z' }) as { created: string; history: object[] };
    assert.equal(config.created, '2023-11-14T22:13:20Z');
    assert.deepEqual(config.history.at(-1), { created: '2023-11-14T22:13:20Z', created_by: 'gantry append /app' });
  });

  it('287: gives the same bytes for the same base and changes', () => {
    assert.equal(deriveImage(baseOf(), changes).manifest.digest, deriveImage(baseOf(), changes).manifest.digest);
  });

  it('says what the image was made from, over what the base says of its own', () => {
    const annotations = {
      kept: 'yes',
      'org.opencontainers.image.base.name': 'docker.io/library/debian:12',
      'org.opencontainers.image.base.digest': digest('debian'),
    };
    const base = baseOf({ manifest: { annotations } });
    assert.deepEqual(
      { ...deriveImage(base, changes).manifest.annotations },
      {
        kept: 'yes',
        'org.opencontainers.image.base.digest': base.digest,
      },
    );
    const named = deriveImage(base, { ...changes, baseName: 'docker.io/library/node:22' });
    assert.equal(named.manifest.annotations['org.opencontainers.image.base.name'], 'docker.io/library/node:22');
  });

  it('leaves out the subject of the base', () => {
    const subject = { mediaType: mediaTypes.manifest, digest: digest('x'), size: 1 };
    assert.equal(deriveImage(baseOf({ manifest: { subject } }), changes).manifest.subject, undefined);
  });

  it('follows the media types of the base, and puts no annotations into a Docker manifest', () => {
    const types = (base: BaseImage, compression: NewLayer['compression']): readonly unknown[] => {
      const { manifest } = deriveImage(base, { ...changes, layers: [{ ...layer, compression }] });
      return [manifest.mediaType, manifest.config.mediaType, manifest.layers.at(-1)?.mediaType];
    };
    const oci = ['application/vnd.oci.image.manifest.v1+json', 'application/vnd.oci.image.config.v1+json'];
    assert.deepEqual(types(baseOf(), 'gzip'), [...oci, 'application/vnd.oci.image.layer.v1.tar+gzip']);
    assert.deepEqual(types(baseOf(), 'zstd'), [...oci, 'application/vnd.oci.image.layer.v1.tar+zstd']);
    assert.deepEqual(types(baseOf(), 'none'), [...oci, 'application/vnd.oci.image.layer.v1.tar']);
    const docker = [
      'application/vnd.docker.distribution.manifest.v2+json',
      'application/vnd.docker.container.image.v1+json',
    ];
    assert.deepEqual(types(baseOf({ docker: true }), 'gzip'), [
      ...docker,
      'application/vnd.docker.image.rootfs.diff.tar.gzip',
    ]);
    assert.deepEqual(types(baseOf({ docker: true }), 'none'), [
      ...docker,
      'application/vnd.docker.image.rootfs.diff.tar',
    ]);
    assert.throws(() => types(baseOf({ docker: true }), 'zstd'), {
      code: 'unsupported-media-type',
      message: /Use gzip, or a base in OCI format/,
    });
    assert.equal('annotations' in deriveImage(baseOf({ docker: true }), changes).manifest.json, false);
  });

  it('keeps foreign layers as they are', () => {
    const foreign = {
      mediaType: mediaTypes.dockerForeignLayer,
      digest: digest('f'),
      size: 5,
      urls: ['https://example.com/f'],
    };
    const base = baseOf({ docker: true, manifest: { layers: [foreign] } });
    assert.deepEqual(deriveImage(base, changes).manifest.layers[0], foreign);
  });

  it('144: leaves a history alone that does not match the layers', () => {
    for (const history of [null, [], [{ created_by: 'a' }, { created_by: 'b' }]]) {
      const config = configOf(baseOf({ config: { history } })) as { history?: unknown };
      assert.deepEqual(config.history, history);
    }
  });

  const unsound: readonly (readonly [string, JsonObject])[] = [
    ['fewer diff ids than layers', { rootfs: { type: 'layers', diff_ids: [] } }],
    ['more diff ids than layers', { rootfs: { type: 'layers', diff_ids: [digest('a'), digest('b')] } }],
    ['a diff id that is none', { rootfs: { type: 'layers', diff_ids: ['sha256:zz'] } }],
    ['no rootfs', { rootfs: null }],
  ];
  for (const [name, config] of unsound) {
    it(`291: refuses a base with ${name}`, () => {
      assert.throws(() => deriveImage(baseOf({ config }), changes), {
        code: 'invalid-manifest',
        message: /Rebuild the base\.$/,
      });
    });
  }

  it('refuses a Windows base and says what to do', () => {
    assert.throws(() => deriveImage(baseOf({ config: { os: 'windows' } }), changes), {
      code: 'unsupported-media-type',
      message: /is a Windows image.*Choose other platforms\.$/,
    });
  });

  it('names at most five of what went in', () => {
    const contents = ['/a', '/b', '/c', '/d', '/e', '/f', '/g'];
    const config = configOf(baseOf(), { layers: [{ ...layer, contents }] }) as { history: { created_by: string }[] };
    assert.equal(config.history.at(-1)?.created_by, 'gantry append /a /b /c /d /e and 2 more');
  });
});
