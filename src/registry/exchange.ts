import type { Dispatcher } from 'undici';
import type { Io, OpenContent } from '../content/store.ts';
import { abortReason } from '../content/abort.ts';
import type { Clock } from './clock.ts';
import { BodyFailure } from './connectionError.ts';
import type { Sender } from './dispatchers.ts';
import { failureOf, tooSlow } from './failures.ts';
import type { HttpBody, HttpRequest, HttpResponse } from './http.ts';
import { ResponseBody } from './responseBody.ts';
import { commitMilliseconds, SendWatch } from './sendWatch.ts';

export interface ExchangeOptions {
  readonly request: HttpRequest;
  /** Sent beside the request's own headers. */
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutSeconds: number;
  readonly clock: Pick<Clock, 'now'>;
  /** `host:port` of the proxy on the way, for messages. */
  readonly proxy: string | undefined;
}

/** One request and its answer on one connection, as undici's dispatcher tells of them. */
export class Exchange implements Dispatcher.DispatchHandler {
  readonly #options: ExchangeOptions;
  readonly #io: Io;
  readonly #answer = Promise.withResolvers<HttpResponse>();
  #controller: Dispatcher.DispatchController | undefined;
  #body: ResponseBody | undefined;
  #bodyFailure: BodyFailure | undefined;
  readonly #sending: SendWatch;
  #late: NodeJS.Timeout | undefined;
  #received = 0;
  #over = false;

  constructor(options: ExchangeOptions, io: Io) {
    this.#options = options;
    this.#io = io;
    const { request, timeoutSeconds } = options;
    this.#sending = new SendWatch(request.body, timeoutSeconds * 1000, (error) => this.#breakOff(error));
  }

  /** Bytes of the request's body that were given to the connection. */
  get bytesSent(): number {
    return this.#sending.sent;
  }

  /**
   * Sends the request; resolves when the answer's headers are in.
   * @throws ConnectionError, BodyFailure, or the signal's reason; so does reading the body
   */
  send(dispatcher: Sender): Promise<HttpResponse> {
    const { request, headers, timeoutSeconds } = this.#options;
    const milliseconds = Math.ceil(timeoutSeconds * 1000);
    this.#io.signal.addEventListener('abort', this.#cancel, { once: true });
    try {
      dispatcher.dispatch(
        {
          origin: request.url.origin,
          path: request.url.pathname + request.url.search,
          method: request.method,
          headers: { ...headers, ...request.headers, ...lengthOf(request.body) },
          body: this.#outgoing(request.body),
          headersTimeout: milliseconds + commitMilliseconds(request.body),
          bodyTimeout: milliseconds,
          // undici closes the connection after each HEAD unless told otherwise.
          reset: false,
        },
        this,
      );
    } catch (error) {
      this.#fail(error);
    }
    return this.#answer.promise;
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#io.signal.aborted) controller.abort(abortReason(this.#io.signal));
  }

  onBodySent(chunk: Uint8Array): void {
    this.#sending.add(chunk.length);
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    status: number,
    headers: Readonly<Record<string, string | readonly string[] | undefined>>,
  ): void {
    if (status < 200) return;
    const { timeoutSeconds, clock, request } = this.#options;
    const onTooSlow = (): void => this.#breakOff(tooSlow());
    this.#body = new ResponseBody(controller, { unreadMilliseconds: timeoutSeconds * 1000, clock, onTooSlow });
    const { url } = request;
    this.#answer.resolve({ status, url, headers: joined(headers), body: this.#body });
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Uint8Array): void {
    this.#received += chunk.length;
    this.#body?.push(chunk);
  }

  onResponseEnd(): void {
    this.#finish();
    this.#body?.end();
  }

  onResponseError(controller: Dispatcher.DispatchController | null, error: unknown): void {
    this.#fail(error);
    // A proxy's refusal comes as an error while its answer is still under way.
    if (controller?.aborted === false) controller.abort(new Error('refused'));
  }

  readonly #cancel = (): void => {
    const { lateMilliseconds = 0 } = this.#options.request;
    if (lateMilliseconds === 0 || this.#controller === undefined) this.#giveUp();
    else this.#late = setTimeout(this.#giveUp, lateMilliseconds);
  };

  readonly #giveUp = (): void => this.#breakOff(abortReason(this.#io.signal));

  #breakOff(reason: Error): void {
    this.#fail(reason);
    this.#controller?.abort(reason);
  }

  #fail(thrown: unknown): void {
    if (this.#over) return;
    this.#finish();
    const error = this.#errorOf(thrown);
    this.#answer.reject(error);
    this.#body?.fail(error);
  }

  #errorOf(thrown: unknown): Error {
    if (this.#io.signal.aborted) return abortReason(this.#io.signal);
    if (this.#bodyFailure !== undefined) return this.#bodyFailure;
    const { request, proxy, timeoutSeconds } = this.#options;
    const streamed = request.body !== undefined && !(request.body instanceof Uint8Array) && request.body.size > 0;
    return failureOf(thrown, {
      host: request.url.host,
      proxy,
      timeoutSeconds,
      // The head of a request with a streamed body goes out with the body's first bytes.
      unsent: this.#controller === undefined || (streamed && this.#sending.sent === 0),
      received: this.#body === undefined ? undefined : this.#received,
    });
  }

  #finish(): void {
    this.#over = true;
    this.#sending.end();
    clearTimeout(this.#late);
    this.#io.signal.removeEventListener('abort', this.#cancel);
  }

  #outgoing(body: HttpBody | undefined): Uint8Array | AsyncIterable<Uint8Array> | null {
    if (body === undefined) return null;
    if (body instanceof Uint8Array) return body;
    if (body.size === 0) return new Uint8Array();
    return sendable(body.open, (cause) => (this.#bodyFailure ??= new BodyFailure(cause)));
  }
}

/** Opens the content when its first byte is asked for, and passes what fails to `onFailure` on its way. */
function sendable(open: OpenContent, onFailure: (cause: unknown) => void): AsyncIterable<Uint8Array> {
  let chunks: AsyncIterator<Uint8Array> | undefined;
  const failed = (cause: unknown): never => {
    onFailure(cause);
    throw cause;
  };
  const first = async (): Promise<IteratorResult<Uint8Array>> => {
    chunks = (await open())[Symbol.asyncIterator]();
    return chunks.next();
  };
  return {
    [Symbol.asyncIterator]: () => ({
      next: () => (chunks === undefined ? first() : chunks.next()).catch(failed),
      return: async () => {
        await chunks?.return?.();
        return { done: true, value: undefined };
      },
    }),
  };
}

function lengthOf(body: HttpBody | undefined): Readonly<Record<string, string>> {
  if (body === undefined) return {};
  return { 'content-length': String(body instanceof Uint8Array ? body.length : body.size) };
}

function joined(
  headers: Readonly<Record<string, string | readonly string[] | undefined>>,
): Readonly<Record<string, string | undefined>> {
  const all: Record<string, string | undefined> = Object.create(null) as Record<string, string | undefined>;
  for (const [name, value] of Object.entries(headers)) {
    all[name.toLowerCase()] = typeof value === 'string' ? value : value?.join(', ');
  }
  return all;
}
