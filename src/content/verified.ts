import { OciError } from '../errors.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { algorithmOf, Hasher } from '../oci/digest.ts';
import type { ByteStream } from './store.ts';

/**
 * Passes bytes through and throws content-mismatch where they are more, fewer or others than the descriptor says.
 * The last chunk is held back until digest and size are known to be right, so no consumer ever sees a whole wrong blob.
 */
export async function* verified(
  stream: ByteStream,
  descriptor: Descriptor,
): AsyncGenerator<Uint8Array, void, undefined> {
  const hasher = new Hasher(algorithmOf(descriptor.digest));
  let size = 0;
  let held: Uint8Array | undefined;
  for await (const chunk of stream) {
    if (chunk.length === 0) continue;
    size += chunk.length;
    if (size > descriptor.size) throw wrongSize(descriptor, `more than ${descriptor.size}`);
    hasher.update(chunk);
    if (held !== undefined) yield held;
    held = chunk;
  }
  if (size !== descriptor.size) throw wrongSize(descriptor, `${size} of ${descriptor.size}`);
  const actual = hasher.digest();
  if (actual !== descriptor.digest) {
    throw new OciError(
      'content-mismatch',
      `digest mismatch: expected ${descriptor.digest}, got ${actual}. Nothing of it was used.`,
    );
  }
  if (held !== undefined) yield held;
}

function wrongSize(descriptor: Descriptor, got: string): OciError {
  return new OciError(
    'content-mismatch',
    `size mismatch of ${descriptor.digest}: got ${got} bytes. Nothing of it was used.`,
  );
}
