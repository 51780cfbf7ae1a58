import http from 'node:http';
import { readBody } from './listen.ts';

export interface Answer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: Buffer;
  /** The `code` of the first error of a distribution-spec answer; undefined where there is none. */
  readonly code: string | undefined;
}

export interface SendOptions {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

/** Sends one request on a connection of its own, any header as it is given, and collects the answer. */
export async function send(host: string, method: string, path: string, options: SendOptions = {}): Promise<Answer> {
  const [hostname, port] = host.split(':');
  const hasLength = options.body !== undefined && options.headers?.['transfer-encoding'] === undefined;
  const length = hasLength ? { 'content-length': String(Buffer.byteLength(options.body ?? '')) } : {};
  const headers = { ...length, ...options.headers };
  const message = await new Promise<http.IncomingMessage>((resolve, reject) => {
    const request = http.request({ hostname, port, method, path, headers, agent: false, timeout: 10_000 });
    request.once('response', resolve);
    request.once('error', reject);
    request.once('timeout', () => request.destroy(new Error('no answer')));
    request.end(options.body);
  });
  const body = await readBody(message);
  return { status: message.statusCode ?? 0, headers: message.headers, body, code: codeOf(body) };
}

function codeOf(body: Buffer): string | undefined {
  try {
    const { errors } = JSON.parse(body.toString('utf8')) as { errors?: { code?: string }[] };
    return errors?.[0]?.code;
  } catch {
    return undefined;
  }
}
