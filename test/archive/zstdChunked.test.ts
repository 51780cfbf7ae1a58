import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { defaultLayerLimits } from '../../src/archive/layerIndex.ts';
import { scanLayer } from '../../src/archive/scanLayer.ts';
import { fetchManifest, readAll, streamOf } from '../../src/content/bytes.ts';
import type { Descriptor } from '../../src/oci/descriptor.ts';
import { digestOf } from '../../src/oci/digest.ts';
import { mediaTypes } from '../../src/oci/mediaTypes.ts';
import { Registry } from '../../src/registry/registry.ts';
import type { Repository } from '../../src/registry/repository.ts';
import { fakeClock, open as openConnection, type Opened } from '../registry/harness.ts';
import { type RunningRegistry, startDockerRegistry } from '../support/dockerRegistry.ts';
import type { EstargzFile } from '../support/estargz.ts';
import { testIo } from '../support/io.ts';
import { putContent, putJson, seededBytes } from '../support/seededImage.ts';
import { tarEntryHead } from '../support/tarEntryHead.ts';
import { needs } from '../support/tools.ts';
import { zstdChunkedOf } from '../support/zstdChunked.ts';
import {
  contentOf,
  entryAt,
  indexOf,
  readToc,
  reasonOf,
  someFiles,
  storeOf,
  tocOf,
  withoutPlaces,
} from './tocContent.ts';

const position = 'io.github.containers.zstd-chunked.manifest-position';
const checksum = 'io.github.containers.zstd-chunked.manifest-checksum';

describe('readTocOrReason of zstd:chunked layers', () => {
  it('lists what scanning the layer lists', async () => {
    const layer = zstdChunkedOf(someFiles);
    const { entries, ...rest } = await indexOf(layer);
    const scanned = await scanLayer(streamOf(layer.blob), { limits: defaultLayerLimits }, testIo());
    assert.deepEqual(withoutPlaces(entries), withoutPlaces(scanned.entries));
    assert.deepEqual(rest, { compression: 'zstd', problems: [] });
  });

  for (const chunkBytes of [1, 1000, 1500, 1 << 20]) {
    it(`finds the content of files in chunks of ${chunkBytes} bytes`, async () => {
      const files = someFiles.filter(({ content = [] }) => content.length <= chunkBytes * 5000);
      const layer = zstdChunkedOf(files, { chunkBytes });
      const index = await indexOf(layer);
      for (const { name, content = new Uint8Array() } of files) {
        if (content.length === 0) continue;
        assert.deepEqual(contentOf(layer.blob, index, name), Buffer.from(content));
        assert.equal(entryAt(index, name).digest, digestOf(content));
      }
    });
  }

  it('takes one request', async () => {
    const layer = zstdChunkedOf(someFiles);
    const { source, ranges } = await storeOf(layer);
    assert.equal((await readToc(source, layer.descriptor, testIo()))?.entries.length, someFiles.length);
    assert.equal(ranges.length, 1);
  });

  it('knows the annotations of the first versions too', async () => {
    const layer = zstdChunkedOf(someFiles, { prefix: 'io.containers.zstd-chunked.' });
    assert.equal((await indexOf(layer)).entries.length, someFiles.length);
  });

  const unheeded: readonly (readonly [string, Readonly<Record<string, string | undefined>>])[] = [
    ['is of a type that is not known', { [position]: '100:100:100:2' }],
    ['has no checksum', { [checksum]: undefined }],
    ['has a checksum that is none', { [checksum]: 'sha256:0' }],
    ['has no position', { [position]: undefined }],
    ['has a position that is none', { [position]: '1:2:3' }],
    ['has a negative position', { [position]: '-100:100:100:1' }],
    ['has a position that is too large to be one', { [position]: '9999999999999999:100:100:1' }],
  ];
  for (const [what, annotations] of unheeded) {
    it(`asks for nothing where the table of contents ${what}`, async () => {
      const layer = zstdChunkedOf(someFiles, { annotations });
      const { source, ranges } = await storeOf(layer);
      assert.equal(await readToc(source, layer.descriptor, testIo()), undefined);
      assert.equal(await tocOf(layer), undefined);
      assert.deepEqual(ranges, []);
    });
  }

  const refused: readonly (readonly [string, (place: readonly string[]) => string, RegExp])[] = [
    ['begins at the layer', (place) => `0:${place[1]}:${place[2]}:1`, /outside the layer/],
    ['is empty', (place) => `${place[0]}:0:${place[2]}:1`, /outside the layer/],
    ['ends behind the layer', (place) => `${place[0]}:100000:${place[2]}:1`, /outside the layer/],
    ['is elsewhere', (place) => `${Number(place[0]) - 1}:${place[1]}:${place[2]}:1`, /digest mismatch/],
    ['is shorter', (place) => `${place[0]}:${Number(place[1]) - 1}:${place[2]}:1`, /digest mismatch/],
    ['has less in it', (place) => `${place[0]}:${place[1]}:${Number(place[2]) + 1}:1`, /another size/],
    ['has more in it', (place) => `${place[0]}:${place[1]}:${Number(place[2]) - 1}:1`, /another size/],
    ['has far too much in it', (place) => `${place[0]}:${place[1]}:999999999:1`, /limit of 268435456/],
  ];
  for (const [what, change, reason] of refused) {
    it(`does not use a table of contents that ${what} than the annotation says`, async () => {
      const { blob, descriptor } = zstdChunkedOf(someFiles);
      const said = descriptor.annotations?.[position] ?? '';
      const annotations = { ...descriptor.annotations, [position]: change(said.split(':')) };
      assert.match(await reasonOf({ blob, descriptor: { ...descriptor, annotations } }), reason);
    });
  }

  it('does not use one that is said to be larger than 64 MiB', async () => {
    const { descriptor } = zstdChunkedOf(someFiles);
    const annotations = { ...descriptor.annotations, [position]: `100:${(64 << 20) + 1}:100:1` };
    const { source } = await storeOf(zstdChunkedOf([]));
    assert.equal(await readToc(source, { ...descriptor, size: 1 << 30, annotations }, testIo()), undefined);
  });
});

describe('readTocOrReason of zstd:chunked layers of skopeo', () => {
  let registry: RunningRegistry | undefined;
  let opened: Opened | undefined;
  let repository: Repository;
  let layer: Descriptor;
  const files: readonly EstargzFile[] = [
    ...someFiles,
    ...Array.from({ length: 200 }, (_, at) => ({ name: `many/file-${at}`, content: seededBytes(at, 10_000) })),
    { name: 'random', content: seededBytes(99, 1_500_000) },
  ];

  before(async function () {
    needs(this, 'docker-registry', 'skopeo');
    this.timeout(30_000);
    registry = await startDockerRegistry();
    const { host } = registry;
    opened = openConnection({ registry: { registry: host, plainHttp: true } });
    const client = new Registry(opened.connection, { clock: fakeClock() });
    await putPlain(client.repository('plain'), files);
    const { status, stderr } = spawnSync(
      'skopeo',
      [
        'copy',
        '--src-tls-verify=false',
        '--dest-tls-verify=false',
        '--dest-compress-format=zstd:chunked',
        `docker://${host}/plain:1`,
        `docker://${host}/chunked:1`,
      ],
      { encoding: 'utf8' },
    );
    assert.equal(status, 0, stderr);
    repository = client.repository('chunked');
    const manifest = await fetchManifest(repository, await repository.resolve('1', testIo()), testIo());
    const found = manifest.kind === 'image' ? manifest.layers[0] : undefined;
    assert.ok(found !== undefined);
    layer = found;
  });
  after(async () => {
    await opened?.transport.close();
    await registry?.stop();
  });

  it('lists the layer with one request and a small part of its bytes', async () => {
    opened?.log.splice(0);
    const index = await readToc(repository, layer, testIo());
    assert.equal(index?.entries.length, files.length);
    assert.deepEqual(
      opened?.log.map(({ method, status }) => `${method} ${status}`),
      ['GET 206'],
    );
    const [, length] = (layer.annotations?.['io.containers.zstd-chunked.manifest-position'] ?? '')
      .split(':')
      .map(Number);
    assert.ok((length ?? NaN) < layer.size * 0.05, `${length} of ${layer.size}`);
  });

  it('lists what scanning the layer lists, and finds the content of every file', async () => {
    const index = await readToc(repository, layer, testIo());
    assert.ok(index !== undefined);
    const blob = Buffer.from(await readAll(await repository.fetch(layer, testIo()), 64 << 20, 'the layer'));
    const scanned = await scanLayer(streamOf(blob), { limits: defaultLayerLimits }, testIo());
    assert.deepEqual(withoutPlaces(index.entries), withoutPlaces(scanned.entries));
    for (const { name, content = new Uint8Array() } of files) {
      if (content.length > 0) assert.deepEqual(contentOf(blob, index, name), Buffer.from(content));
    }
    assert.ok((entryAt(index, 'random').chunks?.length ?? 0) > 1);
  });
});

/** An image whose one layer is an uncompressed tar. */
async function putPlain(target: Repository, files: readonly EstargzFile[]): Promise<void> {
  const tar = Buffer.concat([
    ...files.flatMap((file) => {
      const content = file.content ?? new Uint8Array();
      return [tarEntryHead(file), content, Buffer.alloc((512 - (content.length % 512)) % 512)];
    }),
    Buffer.alloc(1024),
  ]);
  const rootfs = { type: 'layers', diff_ids: [digestOf(tar)] };
  const config = Buffer.from(JSON.stringify({ os: 'linux', architecture: 'amd64', rootfs }));
  const manifest = {
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    config: await putContent(target, config, mediaTypes.config, testIo()),
    layers: [await putContent(target, tar, mediaTypes.layer, testIo())],
  };
  await target.tag(await putJson(target, manifest, testIo()), '1', testIo());
}
