import { createReadStream, createWriteStream, type WriteStream } from 'node:fs';
import { mkdir, open, rm } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import path from 'node:path';
import { type Digest, algorithmOf, Hasher, randomName } from '../oci/digest.ts';
import { removeStale } from '../layout/scratch.ts';
import { ApiError } from './apiError.ts';

const maxSessions = 256;
const idleMilliseconds = 3_600_000;
const writeBufferBytes = 2 << 20;

/** The client closed its connection before its request was whole. */
export class ClientGone extends ApiError {
  constructor() {
    super(400, 'BLOB_UPLOAD_INVALID', 'the client went away');
  }
}

/** One upload under way: a file that grows, and the hash of what is in it. */
export interface UploadSession {
  readonly id: string;
  readonly repository: string;
  readonly file: string;
  /** Bytes received so far. */
  offset: number;
  algorithm: 'sha256' | 'sha512';
  hasher: Hasher;
  /** A request is writing to it. */
  busy: boolean;
  /** When it was last used, in milliseconds since 1970. */
  usedAt: number;
}

/** The upload sessions of this server. They end with it; the files of ended ones are removed at the next start. */
export class Uploads {
  readonly #directory: string;
  readonly #sessions = new Map<string, UploadSession>();

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** Removes what servers that have gone left behind. */
  async prepare(): Promise<void> {
    await mkdir(this.#directory, { recursive: true });
    await removeStale(this.#directory, idleMilliseconds);
  }

  /** @throws ApiError 429 where too many uploads are under way */
  async start(repository: string): Promise<UploadSession> {
    await this.#endIdle();
    if (this.#sessions.size >= maxSessions) {
      throw new ApiError(429, 'TOOMANYREQUESTS', `${maxSessions} uploads are under way; end one first`);
    }
    const id = randomName();
    const file = path.join(this.#directory, id);
    const session: UploadSession = {
      ...{ id, repository, file, offset: 0, busy: false, usedAt: Date.now() },
      ...{ algorithm: 'sha256', hasher: new Hasher('sha256') },
    };
    this.#sessions.set(id, session);
    await (await open(file, 'wx')).close();
    return session;
  }

  /** True where a client is uploading to the repository. */
  isOpen(repository: string): boolean {
    return [...this.#sessions.values()].some((session) => session.repository === repository);
  }

  has(id: string): boolean {
    return this.#sessions.has(id);
  }

  /** @throws ApiError 404 where the repository has no such upload */
  get(repository: string, id: string): UploadSession {
    const session = this.#sessions.get(id);
    if (session?.repository === repository) return session;
    throw new ApiError(404, 'BLOB_UPLOAD_UNKNOWN', 'there is no such upload; it may have ended. Start a new one');
  }

  /** Forgets an upload and removes its file. */
  async end(session: UploadSession): Promise<void> {
    this.#sessions.delete(session.id);
    await rm(session.file, { force: true });
  }

  async endAll(): Promise<void> {
    for (const session of [...this.#sessions.values()]) await this.end(session);
  }

  async #endIdle(): Promise<void> {
    const limit = Date.now() - idleMilliseconds;
    for (const session of [...this.#sessions.values()]) {
      if (!session.busy && session.usedAt < limit) await this.end(session);
    }
  }
}

/** Hashes with another algorithm from here on. Only for an upload without bytes. */
export function hashWith(session: UploadSession, digest: Digest): void {
  session.algorithm = algorithmOf(digest);
  session.hasher = new Hasher(session.algorithm);
}

/** Runs `action` while no other request may touch the upload. @throws ApiError where one does */
export async function exclusively<T>(session: UploadSession, action: () => Promise<T>): Promise<T> {
  if (session.busy) throw new ApiError(409, 'BLOB_UPLOAD_INVALID', 'another request is writing to this upload');
  session.busy = true;
  try {
    return await action();
  } finally {
    session.busy = false;
    session.usedAt = Date.now();
  }
}

/**
 * Appends a request's body, at most `limit` bytes, to an upload. Where the client goes away (`ClientGone`), what had arrived
 * stays and the upload can go on after it; after any other failure the upload is to be ended.
 * @throws ApiError, the file system's error
 */
export async function append(session: UploadSession, request: IncomingMessage, limit: number): Promise<void> {
  const file = createWriteStream(session.file, {
    ...{ flags: 'r+', start: session.offset, highWaterMark: writeBufferBytes },
  });
  await pump(session, request, file, session.offset + limit);
}

/** The digest of what an upload holds. The upload takes nothing more after this. */
export async function digestOfUpload(session: UploadSession, algorithm: 'sha256' | 'sha512'): Promise<Digest> {
  if (algorithm === session.algorithm) return session.hasher.digest();
  const hasher = new Hasher(algorithm);
  for await (const chunk of createReadStream(session.file, { highWaterMark: writeBufferBytes })) {
    if (chunk instanceof Uint8Array) hasher.update(chunk);
  }
  return hasher.digest();
}

/** Writes an upload's bytes through to the disk. */
export async function syncUpload(session: UploadSession): Promise<void> {
  const file = await open(session.file, 'r+');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Events and not an iterator: at 64 KiB a piece, a promise for each costs more than the copy. */
function pump(session: UploadSession, request: IncomingMessage, file: WriteStream, end: number): Promise<void> {
  return new Promise((resolve, reject) => {
    let failure: Error | undefined;
    const stop = (error: Error): void => {
      failure ??= error;
      request.off('data', take);
      file.end();
    };
    const take = (chunk: Buffer): void => {
      if (session.offset + chunk.length > end) {
        stop(new ApiError(400, 'SIZE_INVALID', 'the body is larger than Content-Range says'));
        return;
      }
      session.hasher.update(chunk);
      session.offset += chunk.length;
      if (!file.write(chunk)) request.pause();
    };
    request.on('data', take);
    request.once('end', () => file.end());
    request.once('close', () => {
      if (!request.readableEnded) stop(new ClientGone());
    });
    if (request.destroyed) stop(new ClientGone());
    file.on('drain', () => request.resume());
    file.once('error', (error) => {
      stop(error);
      request.resume();
    });
    file.once('close', () => (failure === undefined ? resolve() : reject(failure)));
  });
}
