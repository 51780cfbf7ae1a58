import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { LayoutStore } from '../../src/layout/layoutStore.ts';
import type { Compression } from '../../src/api.ts';
import { defaultNetwork } from '../../src/registry/options.ts';
import { createGantry } from '../../src/verbs/createGantry.ts';
import { Stores } from '../../src/verbs/stores.ts';
import { imageParts, oldDockerSave, tarOfMembers } from './archives.ts';
import { testIo } from './io.ts';
import { testLayers } from './layers.ts';
import { seededBytes, tarOf } from './seededImage.ts';
import { type ImageMembers, putTarImage } from './tarImage.ts';

const image: ImageMembers = [
  [
    { name: 'etc', type: '5' },
    { name: 'etc/app.json', content: '{"level":1}' },
    { name: 'etc/old', content: 'goes' },
  ],
  [{ name: 'etc/app.json', content: '{"level":2}' }, { name: 'etc/.wh.old' }],
];

/** The paths of a layout, and of archives of the same image: made by this program itself. */
export interface LocalFiles {
  /** With the tags `1.0` and `2.0`. */
  readonly layout: string;
  readonly ociArchive: string;
  /** Of `registry.example/team/app:1.0`. */
  readonly dockerArchive: string;
}

/** Writes an image into a folder: a layout, an OCI archive and a docker archive. */
export async function putLocalFiles(folder: string): Promise<LocalFiles> {
  const files = {
    layout: path.join(folder, 'layout'),
    ociArchive: path.join(folder, 'app.tar'),
    dockerArchive: path.join(folder, 'docker.tar'),
  };
  const store = await LayoutStore.open(files.layout, testIo(), { create: true });
  await putTarImage(store, '1.0', image, testIo());
  await putTarImage(store, '2.0', image.slice(0, 1), testIo());
  await save(`oci:${files.layout}:1.0`, `oci-archive:${files.ociArchive}:1.0`, folder);
  await save(`oci:${files.layout}:1.0`, `docker-archive:${files.dockerArchive}:registry.example/team/app:1.0`, folder);
  return files;
}

async function save(image: string, target: string, temporary: string): Promise<void> {
  const stores = new Stores({
    registries: () => [],
    network: () => defaultNetwork,
    credentials: { find: () => Promise.resolve(undefined) },
  });
  const layers = testLayers(temporary, 0);
  const compression = (): Compression => 'gzip';
  const gantry = createGantry({ stores, layers, platforms: () => [], compression, temporary, epoch: 0 });
  await gantry.saveImage({ image, target });
  await stores.close();
}

/** Writes what docker saves of an image without a name, as gzip. */
export async function putUnnamedArchive(file: string): Promise<void> {
  const parts = imageParts([tarOf('first', seededBytes(1, 3000))]);
  await writeFile(file, gzipSync(tarOfMembers(oldDockerSave(parts, []))));
}
