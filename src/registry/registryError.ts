import type { Io } from '../content/store.ts';
import { OciError, type OciErrorCode } from '../errors.ts';
import type { Digest } from '../oci/digest.ts';
import { escapeText } from '../oci/reference.ts';
import { type Answer, readRefusal } from './answer.ts';
import { isWebPage, readErrorBody, type RegistryErrorEntry, webPage } from './errorBody.ts';
import type { HttpMethod, HttpResponse } from './http.ts';
import { redactUrl } from './redact.ts';
import { retryAfter } from './retryAfter.ts';

/** The HTTP facts of a failed request. */
export interface RegistryErrorOptions {
  readonly method: HttpMethod;
  /** Without its query. */
  readonly url: string;
  readonly status: number;
  readonly errors: readonly RegistryErrorEntry[];
  /** How long the registry asks to wait, in milliseconds. */
  readonly retryAfter: number | undefined;
  /** The content that a manifest needs and the registry does not hold (MANIFEST_BLOB_UNKNOWN). */
  readonly missing: readonly Digest[];
}

/** An answer of a registry that is not what was asked for. */
export class RegistryError extends OciError implements RegistryErrorOptions {
  readonly method: HttpMethod;
  readonly url: string;
  readonly status: number;
  readonly errors: readonly RegistryErrorEntry[];
  readonly retryAfter: number | undefined;
  readonly missing: readonly Digest[];

  constructor(code: OciErrorCode, message: string, options: RegistryErrorOptions) {
    super(code, message);
    this.name = 'RegistryError';
    this.method = options.method;
    this.url = options.url;
    this.status = options.status;
    this.errors = options.errors;
    this.retryAfter = options.retryAfter;
    this.missing = options.missing;
  }

  /** True where the registry gave one of these codes. */
  says(...codes: readonly string[]): boolean {
    return this.errors.some(({ code }) => codes.includes(code));
  }
}

/** The error of an answer that was not read yet. `doing` says what was being done: `read tag v1 of localhost:5000/app`. */
export async function registryError(
  method: HttpMethod,
  response: HttpResponse,
  doing: string,
  io: Io,
): Promise<RegistryError> {
  return answerError(await readRefusal(method, response, io), doing);
}

/** The error of an answer. @param advice what to do next, in place of the usual words */
export function answerError(answer: Answer, doing: string, advice?: string): RegistryError {
  const { method, url, status, tries } = answer;
  const { errors, missing } = readErrorBody(answer);
  const code = codeOf(status, errors);
  const page = isWebPage(answer);
  const said = errors.slice(0, 3).map(quote).join(', ');
  const facts = [[status, said].join(' ').trimEnd(), tries === undefined ? '' : `after ${tries} tries`]
    .filter(Boolean)
    .join(', ');
  const reason = page ? webPage(answer) : `${reasons[code] ?? 'it failed'} (${facts})`;
  const next = page
    ? 'Is there a login page or a proxy in front of the registry?'
    : (advice ?? adviceFor(code, url.host));
  const options = {
    method,
    url: redactUrl(url),
    status,
    errors,
    retryAfter: retryAfter(answer.headers),
    missing,
  };
  return new RegistryError(
    page && status < 400 ? 'protocol-violation' : code,
    `Cannot ${doing}: ${reason}. ${next}`,
    options,
  );
}

const byCode: Readonly<Record<string, OciErrorCode | undefined>> = {
  UNAUTHORIZED: 'unauthorized',
  DENIED: 'forbidden',
  TOOMANYREQUESTS: 'rate-limited',
  UNSUPPORTED: 'unsupported-media-type',
  DIGEST_INVALID: 'content-mismatch',
  SIZE_INVALID: 'content-mismatch',
  MANIFEST_INVALID: 'invalid-manifest',
  MANIFEST_UNVERIFIED: 'invalid-manifest',
  MANIFEST_BLOB_UNKNOWN: 'not-found',
  MANIFEST_UNKNOWN: 'not-found',
  BLOB_UNKNOWN: 'not-found',
  BLOB_UPLOAD_UNKNOWN: 'not-found',
  NAME_UNKNOWN: 'not-found',
  NAME_INVALID: 'invalid-reference',
  TAG_INVALID: 'invalid-reference',
};

const byStatus: Readonly<Record<number, OciErrorCode | undefined>> = {
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not-found',
  405: 'forbidden',
  406: 'unsupported-media-type',
  408: 'unavailable',
  410: 'not-found',
  413: 'too-large',
  415: 'unsupported-media-type',
  429: 'rate-limited',
  499: 'unavailable',
};

function codeOf(status: number, errors: readonly RegistryErrorEntry[]): OciErrorCode {
  if (status === 403 && errors.some(({ message }) => /rate limit/i.test(message))) return 'rate-limited';
  const known = byStatus[status];
  if (known !== undefined) return known;
  if (status >= 500) return 'unavailable';
  const named = errors.map(({ code }) => byCode[code]).find((code) => code !== undefined);
  return (status >= 400 ? named : undefined) ?? 'protocol-violation';
}

const reasons: Readonly<Partial<Record<OciErrorCode, string>>> = {
  unauthorized: 'the registry wants a login',
  forbidden: 'the registry does not allow it',
  'not-found': 'not found',
  'rate-limited': 'the registry limits requests',
  'too-large': 'the registry does not take this much',
  unavailable: 'the registry failed',
  'protocol-violation': 'the registry gave an answer that does not fit',
  'unsupported-media-type': 'the registry does not support it',
  'content-mismatch': 'the registry got other bytes than the digest says',
  'invalid-manifest': 'the registry refuses the manifest',
  'invalid-reference': 'the registry refuses the name',
};

function adviceFor(code: OciErrorCode, host: string): string {
  if (code === 'unauthorized') return `Sign in to ${host}.`;
  if (code === 'forbidden')
    return 'Your account may not do this, or there is no such repository: check the name, or sign in with another account.';
  if (code === 'not-found') return 'It does not exist, or your account may not see it: check the name, or sign in.';
  if (code === 'rate-limited') return 'Wait a while, or sign in for a higher limit.';
  if (code === 'too-large') return `Ask whoever runs ${host} to raise its limit.`;
  if (code === 'unavailable') return `Try again later; if it stays, ask whoever runs ${host}.`;
  return `Check that ${host} is the address of a registry and that it supports this.`;
}

function quote({ code, message }: RegistryErrorEntry): string {
  const text = message.replace(/(https?:\/\/[^\s?#"]{0,300})[?#][^\s"]*/gi, '$1');
  return [code, message === '' ? '' : escapeText(text)].filter((part) => part !== '').join(' ');
}
