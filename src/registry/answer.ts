import type { Io } from '../content/store.ts';
import { OciError } from '../errors.ts';
import type { HttpMethod, HttpResponse } from './http.ts';

/** An answer that has been read whole. */
export interface Answer {
  readonly method: HttpMethod;
  readonly status: number;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly bytes: Uint8Array;
  /** How often the request was sent, where it was repeated in vain. */
  readonly tries?: number;
}

/** Most bytes of an error's body that are read. */
const maxErrorBytes = 64 << 10;

/** True for 200 to 299. */
export function isSuccess(response: { readonly status: number }): boolean {
  return response.status >= 200 && response.status < 300;
}

/**
 * Reads an answer whole: at most `limit` bytes of a good one; of a bad one the first 64 KiB, however it ends.
 * @throws OciError too-large, or what broke the body of a good answer
 */
export async function readAnswer(method: HttpMethod, response: HttpResponse, limit: number, io: Io): Promise<Answer> {
  if (!isSuccess(response)) return readRefusal(method, response, io);
  const { status, url, headers } = response;
  return { method, status, url, headers, bytes: await readGood(response, limit) };
}

/** Reads the first 64 KiB of an answer that is not what was asked for, whatever its status. */
export async function readRefusal(method: HttpMethod, response: HttpResponse, io: Io): Promise<Answer> {
  const { status, url, headers, tries } = response;
  const bytes = await readBad(response, io);
  return { method, status, url, headers, bytes, ...(tries === undefined ? {} : { tries }) };
}

/** Lets an answer's body go by, so that its connection can serve again; how it ends says nothing. */
export async function discard(response: HttpResponse): Promise<void> {
  try {
    let size = 0;
    for await (const chunk of response.body) {
      size += chunk.length;
      if (size > maxErrorBytes) break;
    }
  } catch {
    // The status was the answer.
  }
}

async function readGood(response: HttpResponse, limit: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body) {
    size += chunk.length;
    if (size > limit) {
      const { origin, pathname } = response.url;
      throw new OciError('too-large', `the answer of ${origin}${pathname} is larger than the limit of ${limit} bytes`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size);
}

async function readBad(response: HttpResponse, io: Io): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of response.body) {
      chunks.push(chunk);
      size += chunk.length;
      if (size >= maxErrorBytes) break;
    }
  } catch {
    io.signal.throwIfAborted();
  }
  return Buffer.concat(chunks).subarray(0, maxErrorBytes);
}
