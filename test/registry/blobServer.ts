import type http from 'node:http';
import { readAll } from '../../src/content/bytes.ts';
import { describe as describeBytes, type Descriptor } from '../../src/oci/descriptor.ts';
import { mediaTypes } from '../../src/oci/mediaTypes.ts';
import type { Repository } from '../../src/registry/repository.ts';
import { testIo } from '../support/io.ts';
import { openRegistry, serving } from './open.ts';

/** A blob of 3 MiB. */
export const blob = Buffer.alloc(3 << 20, 'the content of a layer, ');
export const descriptor = describeBytes(blob, mediaTypes.layer);

/** The verified bytes of a blob. */
export async function read(repository: Repository, wanted: Descriptor = descriptor): Promise<Uint8Array> {
  return readAll(await repository.fetch(wanted, testIo()), 64 << 20, 'the blob');
}

/** Answers GETs of the blob: `answer` gets the number of the request, from 1, and its Range. */
export async function answering(
  answer: (response: http.ServerResponse, n: number, range: string | undefined) => void,
  action: (repository: Repository, ranges: (string | undefined)[]) => Promise<void>,
): Promise<void> {
  const ranges: (string | undefined)[] = [];
  await serving(
    (request, response) => answer(response, ranges.push(request.headers.range), request.headers.range),
    async (host) => action(openRegistry(host).repository('app'), ranges),
  );
}

/** Sends `bytes` and then breaks the connection. */
export function breakAfter(response: http.ServerResponse, bytes: Uint8Array): void {
  response.write(bytes, () => setImmediate(() => response.destroy()));
}

/** The blob from one byte on, as an answer to a Range. */
export function partial(response: http.ServerResponse, from: number, total: number | string = blob.length): void {
  response.writeHead(206, { 'content-range': `bytes ${from}-${blob.length - 1}/${total}` });
  response.end(blob.subarray(from));
}

/** The first byte that a Range asks for. */
export function startOf(range: string | undefined): number {
  return Number(/^bytes=(\d+)-$/.exec(range ?? '')?.[1]);
}

/** Ends the answer early without having said how long it would be. */
export function endEarly(response: http.ServerResponse): void {
  response.useChunkedEncodingByDefault = false;
  response.end(blob.subarray(0, 1_000_000));
}

/** Sends the blob from one byte on, a byte at a time, for as long as anybody listens. */
export function trickle(response: http.ServerResponse, from: number): void {
  response.writeHead(from === 0 ? 200 : 206, {
    'content-length': blob.length - from,
    ...(from === 0 ? {} : { 'content-range': `bytes ${from}-${blob.length - 1}/${blob.length}` }),
  });
  const next = (at: number): void => {
    if (!response.destroyed) response.write(blob.subarray(at, at + 1), () => setImmediate(next, at + 1));
  };
  next(from);
}
