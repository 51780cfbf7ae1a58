import { OciError, type OciErrorCode } from '../errors.ts';

/** The system's name of a file error, such as ENOENT; `''` for every other error. */
export function errnoOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

/**
 * What a failed file operation means to a caller: an OciError whose message starts with `doing` and says what to do next.
 * An OciError is given back as it is.
 */
export function fileError(cause: unknown, doing: string): OciError {
  if (cause instanceof OciError) return cause;
  const errno = errnoOf(cause);
  const [code, reason] = reasons[errno] ?? ['unavailable', `the file system answered ${errno || 'an unknown error'}.`];
  return new OciError(code, `${doing}: ${reason}`, { cause });
}

const full: readonly [OciErrorCode, string] = [
  'unavailable',
  'there is no space left on the disk. Free some and try again; nothing half-written was kept.',
];
const denied: readonly [OciErrorCode, string] = [
  'forbidden',
  'the file system does not allow it. Check the owner and the permissions.',
];
const reasons: Readonly<Record<string, readonly [OciErrorCode, string] | undefined>> = {
  ENOENT: ['not-found', 'it is not there. Check the path.'],
  ENOTDIR: ['not-found', 'a part of the path is not a folder. Check the path.'],
  ENOSPC: full,
  EDQUOT: full,
  EFBIG: ['too-large', 'the file system does not take a file of this size.'],
  EACCES: denied,
  EPERM: denied,
  EROFS: denied,
};
