import assert from 'node:assert/strict';
import { digestOf } from '../../src/oci/digest.ts';
import { mediaTypes } from '../../src/oci/mediaTypes.ts';
import { LocalRegistry } from '../../src/serve/localRegistry.ts';
import { contractImage } from './contractImage.ts';
import { type Answer, send, type SendOptions } from './send.ts';
import { newTempDir, removeTempDir } from './tempDir.ts';

/** The image that most tests of the local registry push. */
export const image = contractImage();
export const { digest } = image.descriptor;
export const layerDigest = digestOf(image.layer);

/** The body of an answer as text. */
export const text = (answer: Answer): string => answer.body.toString('utf8');
/** The body of an answer as JSON. */
export const json = (answer: Answer): unknown => JSON.parse(text(answer));
/** The address of the next page. */
export const nextOf = (answer: Answer): string | undefined =>
  /^<([^>]+)>; rel="next"$/.exec(String(answer.headers['link'] ?? ''))?.[1];

/** A local registry over a new folder, for one test. */
export class ServedRegistry {
  directory = '';
  host = '';
  readonly lines: string[] = [];
  #registry: LocalRegistry | undefined;

  get registry(): LocalRegistry {
    assert.ok(this.#registry !== undefined);
    return this.#registry;
  }

  get port(): number {
    return Number(this.host.split(':')[1]);
  }

  async open(): Promise<void> {
    this.directory = await newTempDir();
    this.lines.length = 0;
    this.#registry = new LocalRegistry({ directory: this.directory, log: (line) => this.lines.push(line) });
    await this.start();
  }

  async start(): Promise<void> {
    this.host = (await this.registry.start()).host;
  }

  async close(): Promise<void> {
    await this.registry.close();
    await removeTempDir(this.directory);
  }

  async ask(method: string, url: string, options?: SendOptions): Promise<Answer> {
    return send(this.host, method, url, options);
  }

  /** The status of a HEAD request. */
  async head(url: string): Promise<number> {
    return (await this.ask('HEAD', url)).status;
  }

  async pushBlob(repository: string, bytes: string | Uint8Array): Promise<string> {
    const named = digestOf(Buffer.from(bytes));
    const answer = await this.ask('POST', `/v2/${repository}/blobs/uploads/?digest=${named}`, { body: bytes });
    assert.equal(answer.status, 201, text(answer));
    return named;
  }

  async putManifest(
    repository: string,
    reference: string,
    body: Uint8Array | string,
    type: string = mediaTypes.manifest,
  ): Promise<Answer> {
    return this.ask('PUT', `/v2/${repository}/manifests/${reference}`, { body, headers: { 'content-type': type } });
  }

  /** Pushes the blobs of `image`, and the manifest under each tag. */
  async pushImage(repository: string, ...tags: string[]): Promise<void> {
    await this.pushBlob(repository, image.layer);
    await this.pushBlob(repository, image.config);
    for (const tag of tags) assert.equal((await this.putManifest(repository, tag, image.manifest)).status, 201);
  }

  /** The location of a new upload. */
  async startUpload(repository: string): Promise<string> {
    const answer = await this.ask('POST', `/v2/${repository}/blobs/uploads/`);
    assert.equal(answer.status, 202);
    return answer.headers.location ?? '';
  }
}

/** Serves a new local registry for each test of a suite. */
export function serveEach(): ServedRegistry {
  const served = new ServedRegistry();
  beforeEach(() => served.open());
  afterEach(() => served.close());
  return served;
}
