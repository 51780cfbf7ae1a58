import assert from 'node:assert/strict';
import fc from 'fast-check';
import { MemoryStore } from '../../src/content/memoryStore.ts';
import type { ImageStore } from '../../src/content/store.ts';
import type { Descriptor } from '../../src/oci/descriptor.ts';
import { parseManifest, successors } from '../../src/oci/manifest.ts';
import { isManifestType } from '../../src/oci/mediaTypes.ts';
import { copyImage } from '../../src/operations/copy.ts';
import { countingStore } from '../support/countingStore.ts';
import { testIo } from '../support/io.ts';
import { putContent, putIndexOf, putJson } from '../support/seededImage.ts';
import { validateImage } from '../support/validateImage.ts';
import { RepositoryLike } from './repositoryLike.ts';

/** One node of a random graph: a number chooses its content, the others the earlier nodes that it lists. */
interface NodeModel {
  readonly image: boolean;
  readonly picks: readonly number[];
}

const node = fc.record({ image: fc.boolean(), picks: fc.array(fc.nat(40), { maxLength: 8 }) });
const levels = fc.array(fc.array(node, { minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 6 });

/** Builds the graph level by level; each index lists nodes of all levels below, some of them twice. */
async function build(store: MemoryStore, graph: readonly (readonly NodeModel[])[]): Promise<readonly Descriptor[]> {
  const io = testIo();
  const blobs = await Promise.all(
    ['a', 'b', 'c', 'd', 'e'].map((text) => putContent(store, Buffer.from(text), 'application/x-blob', io)),
  );
  const [config] = blobs;
  const made: Descriptor[] = [];
  for (const level of graph) {
    const below = [...made];
    for (const { image, picks } of level) {
      const pool = image || below.length === 0 ? blobs : below;
      const chosen = picks.flatMap((pick) => pool[pick % pool.length] ?? []);
      const mediaType = 'application/vnd.oci.image.manifest.v1+json';
      made.push(
        pool === blobs
          ? await putJson(store, { mediaType, config, layers: chosen }, io)
          : await putIndexOf(store, chosen, io),
      );
    }
  }
  return [...blobs, ...made];
}

const settings = { seed: 20261121 + 161, numRuns: 300 };

describe('copyImage on random graphs', () => {
  it('161: writes children before parents and the tag last, each digest once', async () => {
    await fc.assert(
      fc.asyncProperty(levels, async (graph) => {
        const io = testIo();
        const source = new MemoryStore();
        const root = (await build(source, graph)).at(-1);
        assert.ok(root !== undefined);
        const target = countingStore(new RepositoryLike());
        await copyImage(source, root.digest, target.store, { tag: 'all', overwrite: false }, io);
        const writes = target.calls.filter(({ call }) => call === 'push' || call === 'pushTagged').map(({ of }) => of);
        assert.equal(new Set(writes).size, writes.length);
        assert.equal(writes.at(-1), root.digest);
        for (const digest of writes) await assertChildrenBefore(source, digest, writes);
        assert.equal((await validateImage(target.store, 'all', io)).digest, root.digest);
      }),
      settings,
    );
  }).timeout(60_000);

  it('160: writes no parent of what is missing, and no tag', async () => {
    await fc.assert(
      fc.asyncProperty(levels, fc.nat(1000), async (graph, choice) => {
        const io = testIo();
        const source = new MemoryStore();
        const nodes = await build(source, graph);
        const [root, missing] = [nodes.at(-1), nodes[choice % nodes.length]];
        assert.ok(root !== undefined && missing !== undefined);
        const below = await descendants(source, root);
        await source.deleteManifest(missing.digest);
        const target = countingStore(new MemoryStore());
        const copying = copyImage(source, root.digest, target.store, { tag: 'all', overwrite: false }, io);
        if (!below.has(missing.digest)) {
          await copying;
          return;
        }
        await assert.rejects(copying, { code: 'not-found', side: 'source' });
        const parents = new Set([...below].filter(([, digests]) => digests.includes(missing.digest)).map(([of]) => of));
        const writes = target.calls.filter(({ call }) => call === 'push');
        assert.deepEqual(
          writes.filter(({ of }) => parents.has(of)),
          [],
        );
        assert.equal(target.count('tag'), 0);
      }),
      settings,
    );
  }).timeout(60_000);
});

async function assertChildrenBefore(source: ImageStore, digest: string, writes: readonly string[]): Promise<void> {
  const manifest = await manifestOf(source, digest);
  for (const child of manifest) assert.ok(writes.indexOf(child) < writes.indexOf(digest), `${child} before ${digest}`);
}

async function manifestOf(source: ImageStore, digest: string): Promise<readonly string[]> {
  const descriptor = await source.resolve(digest, testIo());
  if (!isManifestType(descriptor.mediaType)) return [];
  const chunks: Uint8Array[] = [];
  for await (const chunk of await source.fetch(descriptor, testIo())) chunks.push(chunk);
  return successors(parseManifest(Buffer.concat(chunks), '')).map((child) => child.digest);
}

/** Everything at and below a root, with what each lists. */
async function descendants(source: ImageStore, root: Descriptor): Promise<Map<string, readonly string[]>> {
  const found = new Map<string, readonly string[]>();
  const queue: string[] = [root.digest];
  for (let digest = queue.pop(); digest !== undefined; digest = queue.pop()) {
    if (found.has(digest)) continue;
    const children = await manifestOf(source, digest);
    found.set(digest, children);
    queue.push(...children);
  }
  return found;
}
