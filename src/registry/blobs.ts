import type { ByteStream, Io } from '../content/store.ts';
import { verified } from '../content/verified.ts';
import { OciError } from '../errors.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { discard, isSuccess } from './answer.ts';
import { BlobReader } from './blobReader.ts';
import type { Endpoint } from './endpoint.ts';
import type { HttpResponse } from './http.ts';
import { registryError } from './registryError.ts';

/**
 * The verified content of a blob (distribution-spec, pulling blobs). A connection that breaks is taken up where it broke.
 * A foreign layer's `urls` are never asked.
 * @throws OciError not-found, content-mismatch
 */
export async function fetchBlob(endpoint: Endpoint, descriptor: Descriptor, io: Io): Promise<ByteStream> {
  const doing = `read blob ${descriptor.digest} of ${endpoint.title}`;
  const response = await endpoint.send(`blobs/${descriptor.digest}`, { method: 'GET', scopes: endpoint.pull }, io);
  if (response.status !== 200) {
    const error = await registryError('GET', response, doing, io);
    throw error.status === 404 && descriptor.urls !== undefined ? foreign(descriptor, endpoint) : error;
  }
  const size = blobSize(response);
  if (size !== undefined && size !== descriptor.size) {
    await discard(response);
    throw wrongSize(endpoint, descriptor, size);
  }
  const reader = new BlobReader(endpoint, descriptor, response, io);
  return closable(verified(reader.chunks(), descriptor), () => discard(response));
}

/** How large the registry says the blob is, in bytes; undefined where it does not hold it or hides it from this user. */
export async function sizeOfBlob(endpoint: Endpoint, descriptor: Descriptor, io: Io): Promise<number | undefined> {
  const path = `blobs/${descriptor.digest}`;
  const response = await endpoint.send(path, { method: 'HEAD', scopes: endpoint.pull }, io);
  await discard(response);
  const size = response.status === 200 ? blobSize(response) : undefined;
  if (size !== undefined) return size;
  if ([200, 405, 501].includes(response.status)) return sizeByRange(endpoint, path, io);
  // A 400 is a registry that cannot hold such a digest; a 403 is how some hide that there is nothing.
  if ([400, 403, 404].includes(response.status)) return undefined;
  throw await registryError('HEAD', response, `look for blob ${descriptor.digest} in ${endpoint.title}`, io);
}

async function sizeByRange(endpoint: Endpoint, path: string, io: Io): Promise<number | undefined> {
  const headers = { range: 'bytes=0-0' };
  const response = await endpoint.send(path, { method: 'GET', headers, scopes: endpoint.pull }, io);
  const total = /^bytes 0-0\/(\d{1,16})$/.exec(response.headers['content-range'] ?? '')?.[1];
  await discard(response);
  if (!isSuccess(response)) return undefined;
  return response.status === 206 ? (total === undefined ? undefined : Number(total)) : blobSize(response);
}

/** Content-Length in bytes where it counts the blob's own bytes. */
export function blobSize({ headers }: HttpResponse): number | undefined {
  const text = headers['content-length'];
  const encoded = (headers['content-encoding'] ?? 'identity') !== 'identity';
  return encoded || text === undefined || !/^\d{1,16}$/.test(text) ? undefined : Number(text);
}

/** An iterable that gives its connection back also where it is left before it was begun. */
export function closable(stream: AsyncGenerator<Uint8Array, void, undefined>, close: () => Promise<void>): ByteStream {
  let begun = false;
  const iterator: AsyncIterator<Uint8Array, void, undefined> = {
    next: () => {
      begun = true;
      return stream.next();
    },
    return: async () => {
      if (!begun) await close();
      return stream.return();
    },
  };
  return { [Symbol.asyncIterator]: () => iterator };
}

/** Why a foreign layer cannot be had. */
export function foreign(descriptor: Descriptor, endpoint: Endpoint): OciError {
  return new OciError(
    'not-found',
    `${endpoint.title} does not hold layer ${descriptor.digest}: its manifest names another server for it, which is not asked. Fetch the layer from its vendor, or leave it out.`,
  );
}

/** What a blob that the registry holds with another size is refused with. */
export function wrongSize(endpoint: Endpoint, descriptor: Descriptor, size: number): OciError {
  return new OciError(
    'content-mismatch',
    `${endpoint.title} holds blob ${descriptor.digest} with ${size} bytes instead of ${descriptor.size}: it is damaged there. Push the image again.`,
  );
}
