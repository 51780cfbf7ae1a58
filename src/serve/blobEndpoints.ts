import { pipeline } from 'node:stream/promises';
import type { ByteRange } from '../content/store.ts';
import { mediaTypes } from '../oci/mediaTypes.ts';
import { ApiError, askedDigest } from './apiError.ts';
import { type Exchange, sendEmpty } from './exchange.ts';

/** GET and HEAD of a blob, whole or one range of it (distribution-spec end-2). */
export async function getBlob(exchange: Exchange): Promise<void> {
  const { request, response, storage, io } = exchange;
  const digest = askedDigest(exchange.reference);
  const size = await storage.blobSize(exchange.repository, digest);
  if (size === undefined) throw unknownBlob(digest);
  const range = parseRange(request.headers.range, size);
  const { start, end } = range ?? { start: 0, end: size };
  response.writeHead(range === undefined ? 200 : 206, {
    'content-type': mediaTypes.octetStream,
    'content-length': end - start,
    'accept-ranges': 'bytes',
    'docker-content-digest': digest,
    etag: `"${digest}"`,
    ...(range === undefined ? {} : { 'content-range': `bytes ${start}-${end - 1}/${size}` }),
  });
  if (request.method === 'HEAD') response.end();
  else await pipeline(storage.files.blobs.read(digest, io, { start, end }), response);
}

/** Takes a blob out of a repository (distribution-spec end-10). */
export async function deleteBlob(exchange: Exchange): Promise<void> {
  const digest = askedDigest(exchange.reference);
  if ((await exchange.storage.blobSize(exchange.repository, digest)) === undefined) throw unknownBlob(digest);
  await exchange.storage.repositories.remove(exchange.repository, 'blobs', digest);
  exchange.freed();
  sendEmpty(exchange, 202);
}

function unknownBlob(digest: string): ApiError {
  return new ApiError(404, 'BLOB_UNKNOWN', 'the repository does not hold this blob', { detail: { digest } });
}

/**
 * The one range of a Range header; undefined where the whole is to be sent: no header, another unit, or several ranges
 * (RFC 9110, 14.2).
 * @throws ApiError 416 where the range is outside
 */
function parseRange(header: string | undefined, size: number): ByteRange | undefined {
  const match = /^bytes=([0-9]{0,15})-([0-9]{0,15})$/.exec(header ?? '');
  const [, first = '', last = ''] = match ?? [];
  if (first === '' && last === '') return undefined;
  const start = first === '' ? Math.max(0, size - Number(last)) : Number(first);
  const end = first === '' || last === '' ? size : Math.min(size, Number(last) + 1);
  if (first !== '' && last !== '' && Number(last) < start) return undefined;
  if (start < end) return { start, end };
  throw new ApiError(416, 'SIZE_INVALID', 'the range is outside of the blob', {
    headers: { 'content-range': `bytes */${size}` },
  });
}
