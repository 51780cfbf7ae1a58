import type { IncomingMessage } from 'node:http';
import { algorithmOf, type Digest } from '../oci/digest.ts';
import { isRepositoryName } from '../oci/reference.ts';
import { ApiError, askedDigest } from './apiError.ts';
import { type Exchange, sendEmpty } from './exchange.ts';
import {
  append,
  ClientGone,
  digestOfUpload,
  exclusively,
  hashWith,
  syncUpload,
  type UploadSession,
} from './uploads.ts';

/** POST: a mount, a whole blob in one request, or a new upload (distribution-spec end-4a, end-4b, end-11). */
export async function startUpload(exchange: Exchange): Promise<void> {
  const { storage, query, repository } = exchange;
  const mounted = query.get('mount');
  if (mounted !== null && (await mount(exchange, askedDigest(mounted)))) return;
  const digest = mounted === null ? query.get('digest') : null;
  const wanted = digest === null ? undefined : askedDigest(digest);
  const session = await storage.uploads.start(repository);
  if (wanted === undefined) sendEmpty(exchange, 202, { ...sessionHeaders(session), range: '0-0' });
  else await receive(exchange, session, () => storeWhole(exchange, session, wanted));
}

/** PATCH: the next chunk, or a stream of unknown length (distribution-spec end-5). */
export async function appendUpload(exchange: Exchange): Promise<void> {
  const session = exchange.storage.uploads.get(exchange.repository, exchange.reference);
  await receive(exchange, session, async () => {
    await append(session, exchange.request, chunkSize(exchange.request, session));
    sendEmpty(exchange, 202, progressHeaders(session));
  });
}

/** PUT: the last chunk, if any, and the digest of the whole (distribution-spec end-6). */
export async function finishUpload(exchange: Exchange): Promise<void> {
  const { storage, query, repository, reference } = exchange;
  const digest = askedDigest(query.get('digest') ?? '');
  // The answer to the first PUT may have been lost: to ask again is no error.
  if (!storage.uploads.has(reference) && (await storage.blobSize(repository, digest)) !== undefined) {
    sendStored(exchange, digest);
    return;
  }
  const session = storage.uploads.get(repository, reference);
  await receive(exchange, session, () => storeWhole(exchange, session, digest));
}

/** GET: how far an upload is (distribution-spec end-13). */
export async function uploadStatus(exchange: Exchange): Promise<void> {
  const session = exchange.storage.uploads.get(exchange.repository, exchange.reference);
  sendEmpty(exchange, 204, progressHeaders(session));
}

/** DELETE: the client does not want to go on. */
export async function cancelUpload(exchange: Exchange): Promise<void> {
  const session = exchange.storage.uploads.get(exchange.repository, exchange.reference);
  await exclusively(session, () => exchange.storage.uploads.end(session));
  sendEmpty(exchange, 204);
}

async function mount(exchange: Exchange, digest: Digest): Promise<boolean> {
  const { storage, query, repository } = exchange;
  const from = query.get('from');
  const isHeld =
    from === null
      ? await storage.repositories.isHeld(digest, ['blobs'])
      : isRepositoryName(from) && (await storage.repositories.use(from, 'blobs', digest));
  if (!isHeld) return false;
  await storage.repositories.addBlob(repository, digest);
  // Looked at last: a blob that nobody held may go at any time until then.
  if ((await storage.blobSize(repository, digest)) === undefined) {
    await storage.repositories.remove(repository, 'blobs', digest);
    return false;
  }
  sendStored(exchange, digest);
  return true;
}

/** Runs a request that writes to an upload; the upload ends where it fails for another reason than a lost connection. */
async function receive(exchange: Exchange, session: UploadSession, action: () => Promise<void>): Promise<void> {
  await exclusively(session, async () => {
    try {
      await action();
    } catch (error) {
      if (!(error instanceof ClientGone) && !isWrongOrder(error)) await exchange.storage.uploads.end(session);
      throw error;
    }
  });
}

async function storeWhole(exchange: Exchange, session: UploadSession, digest: Digest): Promise<void> {
  const { request, storage, repository } = exchange;
  const limit = chunkSize(request, session);
  if (session.offset === 0) hashWith(session, digest);
  await append(session, request, limit);
  const actual = await digestOfUpload(session, algorithmOf(digest));
  if (actual !== digest) {
    throw new ApiError(400, 'DIGEST_INVALID', `the content has another digest: ${actual}`, { detail: { digest } });
  }
  await syncUpload(session);
  await storage.files.blobs.take(digest, session.file);
  await storage.repositories.addBlob(repository, digest);
  await storage.uploads.end(session);
  sendStored(exchange, digest);
}

/** How many bytes a request may bring: as Content-Range says, which must go on where the upload is. */
function chunkSize(request: IncomingMessage, session: UploadSession): number {
  const header = request.headers['content-range'];
  if (header === undefined) return Infinity;
  const match = /^(?:bytes[ =])?([0-9]{1,15})-([0-9]{1,15})(?:\/.*)?$/.exec(header);
  const [start, end] = [Number(match?.[1]), Number(match?.[2])];
  const length = request.headers['content-length'];
  const fits = length === undefined || Number(length) === end - start + 1;
  if (match !== null && start === session.offset && fits) return end - start + 1;
  throw new ApiError(416, 'BLOB_UPLOAD_INVALID', `the upload goes on at byte ${session.offset}`, {
    headers: progressHeaders(session),
  });
}

function isWrongOrder(error: unknown): boolean {
  return error instanceof ApiError && error.status === 416;
}

function sessionHeaders({ repository, id }: UploadSession): Readonly<Record<string, string>> {
  return { location: `/v2/${repository}/blobs/uploads/${id}`, 'docker-upload-uuid': id };
}

function progressHeaders(session: UploadSession): Readonly<Record<string, string>> {
  return { ...sessionHeaders(session), range: `0-${Math.max(0, session.offset - 1)}` };
}

function sendStored(exchange: Exchange, digest: Digest): void {
  const location = `/v2/${exchange.repository}/blobs/${digest}`;
  sendEmpty(exchange, 201, { location, 'docker-content-digest': digest });
}
