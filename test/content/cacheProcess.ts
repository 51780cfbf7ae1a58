import { readdir } from 'node:fs/promises';
import { BlobCache } from '../../src/content/blobCache.ts';
import { describe as describeBytes } from '../../src/oci/descriptor.ts';
import { digestOf } from '../../src/oci/digest.ts';
import { mediaTypes } from '../../src/oci/mediaTypes.ts';
import { testIo } from '../support/io.ts';
import { bytesOf, TestSource } from '../support/layerBlobs.ts';
import { seededBytes, seededNumbers } from '../support/seededImage.ts';

/**
 * Reads some of five blobs of 1 MiB through a cache that may take `maxBytes`, in an order that `seed` decides, two at a time:
 * `cacheProcess.ts DIRECTORY MAXBYTES SEED COUNT`. Prints `ok` and the names of the files that stayed.
 */
const [directory = '', maxBytes = '', seed = '', count = ''] = process.argv.slice(2);
const blobs = [1, 2, 3, 4, 5].map((number) => {
  const bytes = seededBytes(number, 1 << 20);
  return { descriptor: describeBytes(bytes, mediaTypes.layer), bytes };
});
const cache = new BlobCache(() => ({ directory, maxBytes: Number(maxBytes) }));
const next = seededNumbers(Number(seed));
const one = async (): Promise<void> => {
  const blob = blobs[next() % blobs.length];
  if (blob === undefined) throw new Error('no blob');
  const { digest } = blob.descriptor;
  const read = await bytesOf(await cache.fetch(new TestSource(blobs), blob.descriptor, testIo()));
  if (digestOf(read) !== digest) throw new Error(`wrong content of ${digest}`);
  await cache.writeIndex(digest, (write) => write(Buffer.from(digest)));
  const index = await cache.readIndex(digest);
  if (index !== undefined && Buffer.from(index).toString() !== digest) throw new Error(`wrong index of ${digest}`);
};
for (let round = 0; round < Number(count); round += 2) await Promise.all([one(), one()]);
process.stdout.write(JSON.stringify(['ok', ...(await readdir(directory))]));
