import { isOciError } from '../errors.ts';
import { type Digest, parseDigest } from '../oci/digest.ts';

/** The error codes of the distribution-spec, with UNKNOWN for what is nobody's fault but this server's. */
export type ApiErrorCode =
  | 'BLOB_UNKNOWN'
  | 'BLOB_UPLOAD_INVALID'
  | 'BLOB_UPLOAD_UNKNOWN'
  | 'DIGEST_INVALID'
  | 'MANIFEST_BLOB_UNKNOWN'
  | 'MANIFEST_INVALID'
  | 'MANIFEST_UNKNOWN'
  | 'NAME_INVALID'
  | 'NAME_UNKNOWN'
  | 'SIZE_INVALID'
  | 'DENIED'
  | 'UNSUPPORTED'
  | 'TOOMANYREQUESTS'
  | 'UNKNOWN';

export interface ApiErrorOptions {
  readonly detail?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** An answer of the local registry that is an error (distribution-spec, error codes). */
export class ApiError extends Error {
  readonly status: number;
  readonly code: ApiErrorCode;
  readonly detail: unknown;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, code: ApiErrorCode, message: string, options: ApiErrorOptions = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.detail = options.detail;
    this.headers = options.headers ?? {};
  }
}

/** What `read` makes of a client's input; its OciError is the client's fault, where one of the storage never is. */
export function ofClient<T>(code: ApiErrorCode, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw isOciError(error) ? new ApiError(400, code, error.message) : error;
  }
}

/** A digest of a URL. @throws ApiError DIGEST_INVALID */
export function askedDigest(text: string): Digest {
  return ofClient('DIGEST_INVALID', () => parseDigest(text));
}
