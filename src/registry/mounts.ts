import type { Io } from '../content/store.ts';
import { OciError } from '../errors.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { discard } from './answer.ts';
import { sizeOfBlob } from './blobs.ts';
import type { Endpoint } from './endpoint.ts';
import type { HttpResponse } from './http.ts';
import { opening, UploadSession } from './uploadSession.ts';

/**
 * Takes a blob over from another repository of the same registry (distribution-spec, mounting a blob).
 * @returns true where it is here now, the upload session where the registry opened one instead, else false. No failure of
 * the registry is an error: the blob can be uploaded.
 */
export async function mountBlob(
  endpoint: Endpoint,
  descriptor: Descriptor,
  from: string,
  io: Io,
): Promise<UploadSession | boolean> {
  try {
    const query = `mount=${encodeURIComponent(descriptor.digest)}&from=${encodeURIComponent(from)}`;
    const scopes = [...endpoint.push, `repository:${from}:pull`];
    const request = { method: 'POST', scopes, retry: 'once', ...opening } as const;
    const response = await endpoint.send(`blobs/uploads/?${query}`, request, io);
    await discard(response);
    if (response.status === 202) return await UploadSession.of(endpoint, response, io);
    if (response.status !== 201) return false;
    return isProven(endpoint, response, descriptor) || (await sizeOfBlob(endpoint, descriptor, io)) === descriptor.size;
  } catch (error) {
    io.signal.throwIfAborted();
    if (error instanceof OciError) return false;
    throw error;
  }
}

/** A registry that names the blob and its place here has looked at it; of any other the blob is asked for. */
function isProven(endpoint: Endpoint, { headers, url }: HttpResponse, { digest }: Descriptor): boolean {
  const location = headers['location'] ?? '';
  const place = URL.canParse(location, url.href) ? new URL(location, url.href).pathname : '';
  return headers['docker-content-digest'] === digest && place.endsWith(`/v2/${endpoint.name}/blobs/${digest}`);
}
