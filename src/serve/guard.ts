import type { IncomingMessage } from 'node:http';
import { ApiError } from './apiError.ts';

const maxUrlLength = 8192;
const loopbackHost = /^(?:localhost|127\.0\.0\.1|\[::1\]):([0-9]{1,5})$/i;

/**
 * Keeps web pages out. A page in a browser on this machine can reach loopback: by rebinding a name of its own to 127.0.0.1
 * (then Host has that name), or by a cross-site request (then the browser says so in Origin or Sec-Fetch-Site).
 * @throws ApiError
 */
export function refuseStrangers({ headers, url = '' }: IncomingMessage, port: number): void {
  const host = loopbackHost.exec(headers.host ?? '');
  if (host === null || Number(host[1]) !== port) {
    throw new ApiError(421, 'DENIED', 'this registry answers only to localhost and 127.0.0.1 with its own port');
  }
  const site = headers['sec-fetch-site'] ?? 'none';
  if (headers.origin !== undefined || site !== 'none') {
    throw new ApiError(403, 'DENIED', 'this registry does not answer web pages');
  }
  if (url.length > maxUrlLength) throw new ApiError(414, 'NAME_INVALID', 'the URL is too long');
}
