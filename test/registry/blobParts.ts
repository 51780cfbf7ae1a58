import type http from 'node:http';
import { readAll } from '../../src/content/bytes.ts';
import type { ByteRange } from '../../src/content/store.ts';
import type { Descriptor } from '../../src/oci/descriptor.ts';
import type { Repository } from '../../src/registry/repository.ts';
import { testIo } from '../support/io.ts';
import { blob, descriptor } from './blobServer.ts';

/** Asks for a part and reads it. */
export async function part(
  repository: Repository,
  range: ByteRange,
  wanted: Descriptor = descriptor,
): Promise<Uint8Array> {
  return readAll(await repository.fetchRange(wanted, range, testIo()), 64 << 20, 'the part');
}

/** Answers with bytes `from` up to `to`, and says so. */
export function partialAnswer(
  response: http.ServerResponse,
  from: number,
  to: number,
  size: number | string = blob.length,
): void {
  response.writeHead(206, { 'content-range': `bytes ${from}-${to - 1}/${size}`, 'content-length': to - from });
  response.end(blob.subarray(from, to));
}

/** The bytes that a Range asks for, the end not included. */
export function bounds(range: string | undefined): readonly [number, number] {
  const [, from, last] = /^bytes=(\d+)-(\d+)$/.exec(range ?? '') ?? [];
  return [Number(from), Number(last) + 1];
}
