import type { Io, OpenContent } from '../content/store.ts';
import { isOciError, OciError } from '../errors.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { discard } from './answer.ts';
import { sizeOfBlob } from './blobs.ts';
import { ContentCursor } from './contentCursor.ts';
import type { Endpoint } from './endpoint.ts';
import type { HttpResponse } from './http.ts';
import { RegistryError, registryError } from './registryError.ts';
import { sendChunks } from './uploadChunks.ts';
import { opening, UploadSession } from './uploadSession.ts';

/** How one blob is uploaded. */
export interface UploadOptions {
  /** Bytes of one chunk, where chunks are needed. */
  readonly chunkSize: number;
  /** A session that is open already. */
  readonly session?: UploadSession | undefined;
  /** The registry was seen to hold a damaged copy: its word that all is well is not enough. */
  readonly mistrusted?: boolean | undefined;
}

/** No chunk is larger, whatever the registry wants: it gets the content in one piece instead. */
const maxChunk = 512 << 20;
/** Sessions that are tried for one blob. */
const tries = 4;

/**
 * Uploads a blob (distribution-spec, pushing blobs): in one piece, or in chunks where the registry wants them. Done when it
 * returns: the registry confirmed the digest after the last byte, or was asked for the blob's size afterwards.
 * @throws OciError content-mismatch where the content is not what the descriptor says, or what the content itself failed with
 */
export async function uploadBlob(
  endpoint: Endpoint,
  descriptor: Descriptor,
  open: OpenContent,
  options: UploadOptions,
  io: Io,
): Promise<void> {
  const upload = new Upload(endpoint, descriptor, open, options);
  try {
    await upload.run(io);
  } finally {
    await upload.close();
  }
}

class Upload {
  readonly #endpoint: Endpoint;
  readonly #descriptor: Descriptor;
  readonly #cursor: ContentCursor;
  readonly #options: UploadOptions;
  /** Open on the registry's side, and this upload's to close. */
  #session: UploadSession | undefined;
  #chunked = false;
  #rereads = 0;

  constructor(endpoint: Endpoint, descriptor: Descriptor, open: OpenContent, options: UploadOptions) {
    this.#endpoint = endpoint;
    this.#descriptor = descriptor;
    this.#cursor = new ContentCursor(open, descriptor);
    this.#options = options;
    this.#session = options.session;
  }

  async run(io: Io): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        this.#session ??= await openSession(this.#endpoint, io);
        const answer = await this.#send(this.#session, io);
        if (await this.#isProven(answer, io)) {
          this.#session = undefined;
          return;
        }
        throw this.#vanished();
      } catch (error) {
        io.signal.throwIfAborted();
        if (await this.#isThereAfter(error, io)) return;
        await this.#prepareNext(error, attempt, io);
      }
    }
  }

  /** Lets go of the content and of a session that is not ended. */
  async close(): Promise<void> {
    this.#cursor.close();
    const session = this.#session;
    this.#session = undefined;
    await session?.cancel();
  }

  #send(session: UploadSession, io: Io): Promise<HttpResponse> {
    const { size, digest } = this.#descriptor;
    const chunk = Math.max(this.#options.chunkSize, session.minChunk);
    const chunked = this.#chunked || (session.minChunk > 0 && size > session.minChunk);
    if (!chunked || chunk > maxChunk) return session.finish(digest, this.#cursor.body(0, size), io);
    const [endpoint, cursor, descriptor] = [this.#endpoint, this.#cursor, this.#descriptor];
    return sendChunks({ endpoint, session, cursor, descriptor, chunk }, io);
  }

  /** A registry may answer before it has everything: only the digest, after the last byte, is proof; else the blob's size is. */
  async #isProven(answer: HttpResponse, io: Io): Promise<boolean> {
    const { digest, size } = this.#descriptor;
    const confirmed = [201, 204].includes(answer.status) && answer.headers['docker-content-digest'] === digest;
    if (confirmed && this.#cursor.finished && this.#options.mistrusted !== true) return true;
    const held = await sizeOfBlob(this.#endpoint, this.#descriptor, io);
    if (held === undefined || held === size) return held === size;
    this.#rereads++;
    throw new OciError(
      'content-mismatch',
      `${this.#endpoint.title} keeps a damaged copy of blob ${digest} (${held} of ${size} bytes) and does not take a new one. Ask whoever runs the registry to delete it.`,
    );
  }

  /** Reads back where the failure leaves it open what the registry did: an acknowledgement may have been lost. */
  async #isThereAfter(error: unknown, io: Io): Promise<boolean> {
    if (this.#cursor.failure !== undefined || !isOciError(error, 'unavailable', 'protocol-violation', 'not-found'))
      return false;
    if (this.#session === undefined) return false;
    try {
      if ((await sizeOfBlob(this.#endpoint, this.#descriptor, io)) !== this.#descriptor.size) return false;
      this.#session = undefined;
      return true;
    } catch {
      io.signal.throwIfAborted();
      return false;
    }
  }

  /** Clears up for the next try. @throws the failure where another try makes no sense */
  async #prepareNext(error: unknown, attempt: number, io: Io): Promise<void> {
    const opened = this.#session !== undefined;
    const failure = this.#cursor.failure ?? error;
    if (attempt === tries || !this.#mayRepeat(failure, opened)) throw this.#explained(failure);
    await this.close();
    await this.#endpoint.pauseFor(failure instanceof RegistryError ? failure.retryAfter : undefined, attempt, io);
  }

  #mayRepeat(failure: unknown, opened: boolean): boolean {
    if (!(failure instanceof OciError)) return false;
    // The same bytes would fail again; read anew they may be right.
    if (failure.code === 'content-mismatch') return this.#rereads++ === 0;
    if (this.#cursor.failure !== undefined) return false;
    if (!opened) return failure.code === 'protocol-violation';
    if (failure instanceof RegistryError && failure.status === 507) return false;
    if (this.#wantsChunks(failure)) {
      this.#chunked = true;
      return true;
    }
    return isOciError(failure, 'unavailable', 'protocol-violation', 'rate-limited', 'not-found');
  }

  #wantsChunks(failure: OciError): boolean {
    if (this.#chunked || this.#descriptor.size === 0 || !(failure instanceof RegistryError)) return false;
    return failure.status === 413 || (failure.status === 400 && failure.says('BLOB_UPLOAD_INVALID'));
  }

  #explained(failure: unknown): unknown {
    if (!(failure instanceof RegistryError) || failure.code !== 'content-mismatch') return failure;
    return new OciError(
      'content-mismatch',
      `${failure.message} The data of ${this.#descriptor.digest} changed while it was read, or on its way.`,
      { cause: failure },
    );
  }

  #vanished(): OciError {
    return new OciError(
      'protocol-violation',
      `${this.#endpoint.title} said that it stored blob ${this.#descriptor.digest}, but does not have it. Try again.`,
    );
  }
}

async function openSession(endpoint: Endpoint, io: Io): Promise<UploadSession> {
  const response = await endpoint.send('blobs/uploads/', { method: 'POST', scopes: endpoint.push, ...opening }, io);
  const doing = `open an upload to ${endpoint.title}`;
  if (response.status !== 202) throw await registryError('POST', response, doing, io);
  await discard(response);
  return UploadSession.of(endpoint, response, io);
}
