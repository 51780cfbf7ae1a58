import type { Io } from '../content/store.ts';
import { streamOf } from '../content/bytes.ts';
import { OciError } from '../errors.ts';
import { escapeText } from '../oci/reference.ts';
import { discard, readRefusal } from './answer.ts';
import type { Clock } from './clock.ts';
import { BodyFailure, ConnectionError } from './connectionError.ts';
import type { HttpMiddleware, HttpRequest, HttpResponse } from './http.ts';
import { redactUrl } from './redact.ts';
import { describeWait, retryAfter } from './retryAfter.ts';

/** Answers that may be better a moment later. */
const passing = new Set([408, 429, 499, 500, 502, 503, 504, 522, 529]);
const longestWait = 60_000;
const firstBackoff = 250;

/** Tries after the first where the other side kept silent: each costs the whole time-out. */
const silentRetries = 1;

export interface RetryOptions {
  /** Tries after the first. */
  readonly retries: number;
  readonly clock: Clock;
}

/**
 * Sends a request again after lost connections and passing failures, with doubled and jittered pauses or as long as
 * Retry-After says. A request with `retry: 'once'` is repeated only where nothing of it can have reached the server. The last
 * answer is returned as it is, but for a rate limit.
 * @throws OciError rate-limited where the limit stays or lasts for more than a minute; the last failure, with the tries counted
 */
export function retrying(options: RetryOptions): HttpMiddleware {
  const { retries, clock } = options;
  return (next) => async (request, io) => {
    for (let retried = 0; ; retried++) {
      const outcome = await attempt(() => next(request, io), request, io);
      if (outcome.kind === 'final') return outcome.response;
      const last =
        retried >= retries || (outcome.kind === 'failed' && outcome.error.silent && retried >= silentRetries);
      const wait = outcome.kind === 'failed' ? undefined : retryAfter(outcome.response.headers);
      if (last || (wait !== undefined && wait > longestWait)) return conclude(outcome, request, retried + 1, wait, io);
      if (outcome.kind !== 'failed') await discard(outcome.response);
      await clock.sleep(wait ?? clock.random() * firstBackoff * 2 ** retried, io);
    }
  };
}

type Outcome =
  | { readonly kind: 'final' | 'passing' | 'limited'; readonly response: HttpResponse }
  | { readonly kind: 'failed'; readonly error: ConnectionError };

async function attempt(send: () => Promise<HttpResponse>, request: HttpRequest, io: Io): Promise<Outcome> {
  try {
    const response = await send();
    if (request.retry === 'once') return { kind: 'final', response };
    return await classified(request, response, io);
  } catch (error) {
    if (error instanceof BodyFailure) throw error.cause;
    if (!(error instanceof ConnectionError) || !error.transient) throw error;
    if (request.retry === 'once' && !error.unsent) throw error;
    return { kind: 'failed', error };
  }
}

async function classified(request: HttpRequest, response: HttpResponse, io: Io): Promise<Outcome> {
  if (response.status === 429) return { kind: 'limited', response };
  if (passing.has(response.status)) return { kind: 'passing', response };
  if (response.status !== 403) return { kind: 'final', response };
  // GitHub answers 403 to too many requests, and only the text tells.
  const { bytes } = await readRefusal(request.method, response, io);
  const again = { ...response, body: streamOf(bytes) };
  const limit = /secondary rate limit/i.test(Buffer.from(bytes).toString('latin1'));
  return { kind: limit ? 'limited' : 'final', response: again };
}

async function conclude(
  outcome: Exclude<Outcome, { kind: 'final' }>,
  request: HttpRequest,
  tries: number,
  wait: number | undefined,
  io: Io,
): Promise<HttpResponse> {
  if (outcome.kind === 'failed') throw tries === 1 ? outcome.error : counted(outcome.error, tries);
  if (outcome.kind === 'passing') return { ...outcome.response, tries };
  throw await rateLimited(request, outcome.response, wait, io);
}

function counted(error: ConnectionError, tries: number): ConnectionError {
  return new ConnectionError(error.code, `${error.message} (after ${tries} tries)`, {
    cause: error,
    transient: error.transient,
    unreached: error.unreached,
    unsent: error.unsent,
    silent: error.silent,
  });
}

async function rateLimited(
  request: HttpRequest,
  response: HttpResponse,
  wait: number | undefined,
  io: Io,
): Promise<OciError> {
  const { bytes } = await readRefusal(request.method, response, io);
  const said = /"message"\s*:\s*"((?:[^"\\]|\\.){1,200})/.exec(Buffer.from(bytes).toString('utf8'))?.[1];
  const remaining = response.headers['ratelimit-remaining'];
  const facts = [
    `it answered ${response.status}`,
    said === undefined ? '' : escapeText(said),
    remaining === undefined ? '' : `remaining: ${escapeText(remaining.slice(0, 50))}`,
  ];
  const next = wait === undefined ? 'Wait a while' : `Wait ${describeWait(wait)}`;
  return new OciError(
    'rate-limited',
    `${redactUrl(request.url)}: the registry limits requests (${facts.filter((fact) => fact !== '').join(', ')}). ` +
      `${next}, or sign in for a higher limit.`,
  );
}
