import { OciError, type OciErrorCode } from '../errors.ts';
import { escapeText } from '../oci/reference.ts';
import { ConnectionError } from './connectionError.ts';

/** What is known about a request that failed. */
export interface FailureFacts {
  /** `host[:port]` the request was for. */
  readonly host: string;
  /** `host:port` of the proxy on the way. */
  readonly proxy: string | undefined;
  readonly timeoutSeconds: number;
  /** Nothing of the request can have reached the server. */
  readonly unsent: boolean;
  /** Bytes of the answer's body that came; undefined before its headers. */
  readonly received: number | undefined;
}

interface Reason {
  readonly code?: OciErrorCode;
  readonly text: string;
  readonly advice: string;
  readonly kind?: 'unreached' | 'silent' | 'final';
}

const slow = 'TOO_SLOW';
const retry = 'Try again; if it stays, ask whoever runs the registry.';
const trust =
  "Give the certificate authority's PEM file as caFile of this registry, or mark this one registry insecure, in your user settings.";
const expired =
  "Its owner must renew it; or is this computer's clock wrong? To go on regardless, mark this one registry insecure.";

const certificate = (text: string, advice = trust): Reason => ({
  code: 'untrusted-origin',
  text,
  advice,
  kind: 'final',
});
const unreached = (text: string, advice: string): Reason => ({ text, advice, kind: 'unreached' });
const version: Reason = {
  code: 'protocol-violation',
  text: 'it offers only old TLS versions (1.0 or 1.1), which are not safe',
  advice: 'Its owner must enable TLS 1.2 or later.',
  kind: 'final',
};
const plain: Reason = {
  code: 'protocol-violation',
  text: 'it answers in plain HTTP where TLS was expected',
  advice: 'If that is meant, mark this one registry plainHttp in your user settings.',
  kind: 'final',
};
const network = unreached('there is no way to it from this network', 'Check the network, VPN and proxy.');
const unknownAuthority = certificate('its certificate is signed by an authority that is not known here');

const reasons: Readonly<Record<string, Reason | undefined>> = {
  ECONNREFUSED: unreached('it refuses connections', 'Check the name and port, and that it runs.'),
  ENOTFOUND: { text: 'there is no such host', advice: 'Check the spelling, the network and the proxy.', kind: 'final' },
  EAI_AGAIN: unreached('its name could not be looked up', 'Check the network and the DNS server.'),
  EHOSTUNREACH: network,
  ENETUNREACH: network,
  ENETDOWN: network,
  EADDRNOTAVAIL: network,
  ETIMEDOUT: unreached('it did not accept the connection in time', 'Check the network, VPN and proxy.'),
  UND_ERR_CONNECT_TIMEOUT: unreached('it did not accept the connection in time', 'Check the network, VPN and proxy.'),
  UND_ERR_HEADERS_OVERFLOW: {
    code: 'too-large',
    text: 'it sent more than 16 KiB of headers',
    advice: 'Ask whoever runs it.',
    kind: 'final',
  },
  DEPTH_ZERO_SELF_SIGNED_CERT: certificate('its certificate is self-signed'),
  SELF_SIGNED_CERT_IN_CHAIN: unknownAuthority,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: unknownAuthority,
  UNABLE_TO_GET_ISSUER_CERT: unknownAuthority,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: unknownAuthority,
  CERT_UNTRUSTED: unknownAuthority,
  CERT_HAS_EXPIRED: certificate('its certificate has expired', expired),
  CERT_NOT_YET_VALID: certificate('its certificate is not valid yet', expired),
  CERT_REVOKED: certificate('its certificate was revoked', 'Do not use it; ask whoever runs it.'),
  ERR_TLS_CERT_ALTNAME_INVALID: certificate(
    'its certificate is for another host name',
    'Use the name that the certificate holds, or mark this one registry insecure in your user settings.',
  ),
  ERR_SSL_WRONG_VERSION_NUMBER: plain,
  ERR_SSL_PACKET_LENGTH_TOO_LONG: plain,
  ERR_SSL_UNSUPPORTED_PROTOCOL: version,
  ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION: version,
  ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE: version,
  [slow]: { text: 'it sent less than 1 KiB a second for a minute', advice: retry },
  UND_ERR_PRX_CONN: { text: 'the proxy closed the connection', advice: 'Check the proxy settings.' },
};

/** What breaks off an answer that only trickles; `failureOf` knows it. */
export function tooSlow(): Error {
  return Object.assign(new Error('the answer trickles'), { code: slow });
}

/** The typed error of what undici, TLS or the network threw; typed errors stay as they are. */
export function failureOf(thrown: unknown, facts: FailureFacts): OciError {
  const error = innermost(thrown);
  if (error instanceof OciError) return error;
  const code = codeOf(error);
  const reason = reasonOf(error, code, facts);
  const shown = code === '' || code.startsWith('UND_') || code === slow ? '' : ` (${code})`;
  const via = facts.proxy === undefined ? '' : ` via the proxy ${facts.proxy}`;
  const message = `No answer from ${facts.host}${via}: ${reason.text}${shown}. ${reason.advice}`;
  return new ConnectionError(reason.code ?? 'unavailable', message, {
    cause: thrown,
    transient: reason.kind !== 'final',
    unreached: reason.kind === 'unreached',
    unsent: facts.unsent || reason.kind === 'unreached',
    silent: reason.kind === 'silent',
  });
}

function reasonOf(error: unknown, code: string, facts: FailureFacts): Reason {
  const text = error instanceof Error ? error.message : '';
  const known = reasons[code];
  if (known !== undefined) return known;
  if (/\b407\b/.test(text)) {
    return {
      text: 'the HTTP proxy asks for a login',
      advice: 'Give it in the proxy address or in the setting http.proxyAuthorization.',
      kind: 'final',
    };
  }
  if (code === 'UND_ERR_HEADERS_TIMEOUT' || code === 'UND_ERR_BODY_TIMEOUT') {
    return { text: `nothing came for ${facts.timeoutSeconds} seconds`, advice: retry, kind: 'silent' };
  }
  const twoLengths = code === 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH' && facts.received === undefined;
  if (
    twoLengths ||
    (error instanceof Error && error.name === 'HTTPParserError') ||
    text === 'bad response' ||
    text === 'bad upgrade'
  )
    return notHttp(error, text);
  if (code === 'UND_ERR_REQ_CONTENT_LENGTH_MISMATCH') {
    return {
      code: 'content-mismatch',
      text: 'the content to send has another size than was announced',
      advice: 'It changed while it was read: try again.',
      kind: 'final',
    };
  }
  if (code.startsWith('ERR_SSL_') || code.startsWith('ERR_OSSL_') || code === 'EPROTO') {
    return { code: 'protocol-violation', text: 'TLS could not be agreed on', advice: retry, kind: 'final' };
  }
  if (facts.received !== undefined) {
    return { text: `the connection broke off after ${facts.received} bytes of the answer`, advice: retry };
  }
  if (/Proxy response \((\d+)\)/.test(text)) {
    return { text: escapeText(text), advice: 'Check the proxy settings.' };
  }
  return { text: 'the connection was lost', advice: retry };
}

/** A TLS alert (21, 3) instead of a status line is a TLS server that was spoken to in plain HTTP. */
function notHttp(error: unknown, text: string): Reason {
  const data = typeof error === 'object' && error !== null && 'data' in error ? String(error.data) : '';
  if (/^[\x15\x16]\x03/.test(data)) {
    return {
      code: 'protocol-violation',
      text: 'it speaks TLS where plain HTTP was expected',
      advice: 'Take plainHttp off this registry in your user settings.',
      kind: 'final',
    };
  }
  const detail = /\(([^()]{1,80})\)$/.exec(text)?.[1];
  return {
    code: 'protocol-violation',
    text: `it does not speak proper HTTP${detail === undefined ? '' : `: ${escapeText(detail)}`}`,
    advice: 'Check the name and port.',
    kind: 'final',
  };
}

/** What really happened is often a cause below, or one of several attempts. */
function innermost(thrown: unknown): unknown {
  let error = thrown;
  for (let depth = 0; depth < 5; depth++) {
    if (error instanceof OciError) return error;
    if (error instanceof AggregateError && reasons[codeOf(error)] === undefined) error = error.errors[0];
    else if (error instanceof Error && reasons[codeOf(error)] === undefined && error.cause instanceof Error)
      error = error.cause;
    else return error;
  }
  return error;
}

function codeOf(error: unknown): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : '';
  return typeof code === 'string' ? code : '';
}
