import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { manifestMediaTypes } from '../../src/oci/mediaTypes.ts';

/** One repository of a running registry as it really is: asked directly, with nothing of this program between. */
export interface RepositoryState {
  /** The digest of what a tag names, from its bytes; undefined where there is no such tag. */
  tagged(tag: string): Promise<string | undefined>;
  /** Reads everything a tag stands for. @throws AssertionError where something is missing, or of another size or digest */
  assertComplete(tag: string): Promise<void>;
  /** Upload sessions that are open. */
  openUploads(): Promise<readonly string[]>;
}

export function repositoryState(
  registry: { readonly host: string; readonly directory: string },
  name: string,
): RepositoryState {
  const base = `http://${registry.host}/v2/${name}`;

  async function get(place: string): Promise<Buffer | undefined> {
    const answer = await fetch(`${base}/${place}`, { headers: { accept: manifestMediaTypes.join(', ') } });
    const body = Buffer.from(await answer.arrayBuffer());
    if (answer.status === 404) return undefined;
    assert.equal(answer.status, 200, `${place} of ${name}`);
    return body;
  }

  async function check(kind: 'blobs' | 'manifests', wanted: Content, seen: Set<string>): Promise<void> {
    if (seen.has(wanted.digest)) return;
    seen.add(wanted.digest);
    const body = await get(`${kind}/${wanted.digest}`);
    assert.ok(body !== undefined, `${name} lacks ${wanted.digest}`);
    assert.deepEqual([body.length, sha256(body)], [wanted.size, wanted.digest], name);
    if (kind === 'manifests') await checkChildren(body, seen);
  }

  async function checkChildren(body: Buffer, seen: Set<string>): Promise<void> {
    const { config, layers = [], manifests = [] } = JSON.parse(body.toString('utf8')) as Children;
    for (const child of manifests) await check('manifests', child, seen);
    for (const child of config === undefined ? [] : [config, ...layers]) await check('blobs', child, seen);
  }

  return {
    tagged: async (tag) => {
      const body = await get(`manifests/${tag}`);
      return body === undefined ? undefined : sha256(body);
    },
    assertComplete: async (tag) => {
      const body = await get(`manifests/${tag}`);
      if (body !== undefined) await checkChildren(body, new Set());
    },
    openUploads: async () => {
      const uploads = path.join(registry.directory, 'docker/registry/v2/repositories', name, '_uploads');
      const left: string[] = [];
      // What a session has received. Its directory stays when it is over, and other files in it where a DELETE met a PUT.
      for (const session of await list(uploads)) {
        if ((await list(path.join(uploads, session))).includes('data')) left.push(session);
      }
      return left;
    },
  };
}

interface Content {
  readonly digest: string;
  readonly size: number;
}

interface Children {
  readonly config?: Content;
  readonly layers?: readonly Content[];
  readonly manifests?: readonly Content[];
}

function sha256(body: Uint8Array): string {
  return `sha256:${createHash('sha256').update(body).digest('hex')}`;
}

async function list(directory: string): Promise<readonly string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}
