import { OciError, type OciErrorCode } from '../errors.ts';

export interface ConnectionErrorOptions {
  readonly cause: unknown;
  /** The same request may well succeed a moment later. */
  readonly transient: boolean;
  /** No connection came about: refused, not found, timed out. */
  readonly unreached: boolean;
  /** Nothing of the request can have reached the server. */
  readonly unsent: boolean;
  /** The other side kept silent for as long as it may. */
  readonly silent: boolean;
}

/** A request that got no answer, or an answer whose body broke off. The facts say whether to send it again. */
export class ConnectionError extends OciError implements Omit<ConnectionErrorOptions, 'cause'> {
  readonly transient: boolean;
  readonly unreached: boolean;
  readonly unsent: boolean;
  readonly silent: boolean;

  constructor(code: OciErrorCode, message: string, options: ConnectionErrorOptions) {
    super(code, message, { cause: options.cause });
    this.transient = options.transient;
    this.unreached = options.unreached;
    this.unsent = options.unsent;
    this.silent = options.silent;
  }
}

/** What a request's own body threw while it was sent: not a failure of the server. `cause` is what it threw. */
export class BodyFailure extends Error {
  constructor(cause: unknown) {
    super('the body of the request failed', { cause });
    this.name = 'BodyFailure';
  }
}
