import { OciError } from '../errors.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import type { ByteRange } from './store.ts';

/** Refuses a range that is none or reaches beyond the blob. @throws OciError content-mismatch */
export function checkRange({ digest, size }: Descriptor, { start, end }: ByteRange): void {
  if (Number.isSafeInteger(start) && Number.isSafeInteger(end) && start >= 0 && start <= end && end <= size) return;
  throw new OciError(
    'content-mismatch',
    `blob ${digest} has ${size} bytes: there is no part of it from ${start} to ${end}. Read the blob as a whole.`,
  );
}
