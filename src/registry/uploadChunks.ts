import type { Io } from '../content/store.ts';
import { isOciError, OciError } from '../errors.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import type { ContentCursor } from './contentCursor.ts';
import type { Endpoint } from './endpoint.ts';
import type { HttpResponse } from './http.ts';
import { RegistryError } from './registryError.ts';
import type { UploadSession } from './uploadSession.ts';

/** Failures in a row of one chunk that are taken up again. */
const mends = 3;

export interface ChunkedUpload {
  readonly endpoint: Endpoint;
  readonly session: UploadSession;
  readonly cursor: ContentCursor;
  readonly descriptor: Descriptor;
  /** Bytes of one chunk. */
  readonly chunk: number;
}

/**
 * Uploads in chunks (distribution-spec, pushing a blob in chunks). After each the registry must have exactly what was sent;
 * after a failure it is asked how much it has, and the upload goes on there.
 * @returns the answer to the closing request
 * @throws OciError protocol-violation where the session cannot go on: another may
 */
export async function sendChunks(upload: ChunkedUpload, io: Io): Promise<HttpResponse> {
  const { endpoint, session, cursor, descriptor } = upload;
  let failures = 0;
  for (let offset = 0; offset < descriptor.size;) {
    try {
      offset = await sendChunk(upload, offset, io);
      failures = 0;
    } catch (error) {
      io.signal.throwIfAborted();
      if (cursor.failure !== undefined || !isMendable(error) || ++failures > mends) throw error;
      await endpoint.pause(failures, io);
      offset = await resumeAt(upload, error, io);
    }
  }
  return session.finish(descriptor.digest, cursor.body(descriptor.size, 0), io);
}

async function sendChunk(
  { endpoint, session, cursor, descriptor, chunk }: ChunkedUpload,
  offset: number,
  io: Io,
): Promise<number> {
  const end = Math.min(offset + chunk, descriptor.size);
  const committed =
    (await session.patch(offset, end - offset, cursor.body(offset, end - offset), io)) ?? (await session.committed(io));
  if (committed === end) return end;
  const has = committed === undefined ? 'an unknown number of' : committed;
  throw new OciError('protocol-violation', `${endpoint.title} has ${has} bytes of an upload after ${end} were sent.`);
}

/** A session that holds something else than was sent cannot be mended by going on. */
function isMendable(error: unknown): boolean {
  if (error instanceof RegistryError) return error.status === 416 || error.status >= 500 || error.status === 408;
  return isOciError(error, 'unavailable');
}

async function resumeAt({ session, descriptor }: ChunkedUpload, error: unknown, io: Io): Promise<number> {
  const committed = await session.committed(io);
  if (committed === undefined || committed > descriptor.size) throw error;
  return committed;
}
