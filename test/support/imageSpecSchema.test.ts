import assert from 'node:assert/strict';
import path from 'node:path';
import type { ImageStore } from '../../src/content/store.ts';
import { LayoutStore } from '../../src/layout/layoutStore.ts';
import { mediaTypes } from '../../src/oci/mediaTypes.ts';
import { checkSchemas, needsSchemaValidator } from './imageSpecSchema.ts';
import { testIo } from './io.ts';
import { putContent, putIndex, putJson } from './seededImage.ts';
import { withTempDir } from './tempDir.ts';

/** What is found in a layout with one tag. */
async function found(put: (store: ImageStore) => ReturnType<typeof putJson>): Promise<ReturnType<typeof checkSchemas>> {
  return withTempDir(async (folder) => {
    const layout = path.join(folder, 'layout');
    const store = await LayoutStore.open(layout, testIo(), { create: true });
    await store.tag(await put(store), 'it', testIo());
    return checkSchemas(layout);
  });
}

async function imageOfConfig(store: ImageStore, config: object, more: object = {}): ReturnType<typeof putJson> {
  const descriptor = await putContent(store, Buffer.from(JSON.stringify(config)), mediaTypes.config, testIo());
  const manifest = { schemaVersion: 2, mediaType: mediaTypes.manifest, config: descriptor, layers: [], ...more };
  return putJson(store, manifest, testIo());
}

const rootfs = { type: 'layers', diff_ids: [] };

describe('checkSchemas', function () {
  this.timeout(30_000);
  beforeEach(function () {
    needsSchemaValidator(this);
  });

  it('has nothing against an index of right images, and looks at all of it', async () => {
    const { documents, problems } = await found((store) => putIndex(store, {}, testIo()));
    assert.deepEqual(problems, []);
    assert.equal(documents, 7);
  });

  it('finds a config without architecture', async () => {
    const { problems } = await found((store) => imageOfConfig(store, { os: 'linux', rootfs }));
    assert.match(problems.join(), /'architecture' is a required property/);
  });

  it('finds an environment that is no list', async () => {
    const config = { os: 'linux', architecture: 'amd64', rootfs, config: { Env: 'A=1' } };
    const { problems } = await found((store) => imageOfConfig(store, config));
    assert.match(problems.join(), /config\/Env: 'A=1' is not of type 'array'/);
  });

  it('finds annotations that are no texts', async () => {
    const config = { os: 'linux', architecture: 'amd64', rootfs };
    const { problems } = await found((store) => imageOfConfig(store, config, { annotations: { a: 1 } }));
    assert.match(problems.join(), /annotations\/a: 1 is not of type 'string'/);
  });
});
