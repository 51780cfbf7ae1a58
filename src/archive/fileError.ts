import { OciError, type OciErrorCode } from '../errors.ts';
import { escapeText } from '../oci/reference.ts';

const codes: Readonly<Record<string, { readonly code: OciErrorCode; readonly reason: string }>> = {
  ENOENT: { code: 'not-found', reason: 'there is no such file or folder' },
  ENOTDIR: { code: 'not-found', reason: 'there is no such file or folder' },
  EACCES: { code: 'forbidden', reason: 'you may not read it. Change its permissions or leave it out' },
  EPERM: { code: 'forbidden', reason: 'you may not read it. Change its permissions or leave it out' },
  ELOOP: { code: 'content-mismatch', reason: 'it is a symbolic link now, or a loop of links' },
  EISDIR: { code: 'content-mismatch', reason: 'it is a folder now' },
  ENOSPC: { code: 'unavailable', reason: 'the disk is full. Free some space and try again' },
  EDQUOT: { code: 'unavailable', reason: 'the disk quota is used up. Free some space and try again' },
};

/**
 * The OciError of a failed file operation on this machine: not-found, forbidden, content-mismatch or unavailable.
 * Gives `cause` back as it is where it is no failure of the file system (an OciError, a cancellation).
 * @param doing what was tried, such as `read`
 */
export function fileError(cause: unknown, doing: string, path: string): unknown {
  if (!(cause instanceof Error) || !('code' in cause) || typeof cause.code !== 'string' || !('syscall' in cause)) {
    return cause;
  }
  const known = codes[cause.code] ?? { code: 'unavailable', reason: cause.code };
  return new OciError(known.code, `cannot ${doing} ${escapeText(path)}: ${known.reason}.`, { cause });
}
