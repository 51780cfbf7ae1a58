import { promisify } from 'node:util';
import { inflateRaw } from 'node:zlib';
import { OciError } from '../errors.ts';

const inflateBytes = promisify<Uint8Array, { readonly maxOutputLength: number }, Uint8Array>(inflateRaw);

/**
 * The content of bytes in raw deflate format (RFC 1951), at most `limit` bytes of it.
 * @throws OciError corrupt-archive; too-large above `limit`
 */
export async function inflate(bytes: Uint8Array, limit: number): Promise<Uint8Array> {
  try {
    return await inflateBytes(bytes, { maxOutputLength: limit });
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ERR_BUFFER_TOO_LARGE') {
      throw new OciError('too-large', `it unpacks to more than the limit of ${limit} bytes.`, { cause });
    }
    const reason = cause instanceof Error ? cause.message : 'it cannot be unpacked';
    throw new OciError('corrupt-archive', `the deflate data is damaged: ${reason}.`, { cause });
  }
}
