import { isOciError } from '../errors.ts';
import { errnoOf } from '../layout/fileError.ts';
import { ApiError } from './apiError.ts';
import { type Exchange, sendJson } from './exchange.ts';

/** Answers a failed request in the JSON form of the distribution-spec; cuts the connection where an answer has begun. */
export function sendError(exchange: Pick<Exchange, 'request' | 'response'>, error: unknown): void {
  const { response } = exchange;
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const { status, code, message, detail, headers } = asApiError(error);
  const entry = { code, message, ...(detail === undefined ? {} : { detail }) };
  sendJson(exchange, status, { errors: [entry] }, headers);
}

/** What a failure means to the client. Paths of this machine stay out of it: the log has them. */
function asApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  const errno = errnoOf(isOciError(error) ? error.cause : error);
  return ['ENOSPC', 'EDQUOT', 'EFBIG'].includes(errno)
    ? new ApiError(507, 'UNKNOWN', 'the disk of the local registry is full')
    : new ApiError(500, 'UNKNOWN', 'the local registry could not do this; its log says why');
}
