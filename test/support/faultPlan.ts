/** What a fault proxy can do to one request. */
export const faultKinds = [
  // The connection.
  'refuse',
  'rst_before_forward',
  'rst_mid_request',
  'lost_ack',
  'stale_keepalive',
  'hang',
  'slow_drip',
  'delay',
  // The answer's status: the request is not forwarded.
  's401',
  's404',
  's413',
  's416',
  's429',
  's500',
  's502',
  's503',
  's504',
  's507',
  'retry_after',
  'html200',
  'early_200_before_body',
  // The answer's content.
  'resp_truncate',
  'resp_flip',
  'drop_location',
  'bad_location_host',
  'drop_dcd',
  'wrong_dcd',
  'chunked_no_len',
  'gzip_encode_answer',
  'wrong_content_type',
  'huge_header',
  // The registry behind.
  'dup_forward',
  'meddle',
] as const;

export type FaultKind = (typeof faultKinds)[number];
export type PathClass = 'ping' | 'blob' | 'upload' | 'manifest' | 'tags' | 'referrers' | 'catalog' | 'other';

/** Details of a fault; what is absent has a default. */
export interface FaultParams {
  /** `retry_after`: the header's value. Default: `0`. */
  readonly retryAfter?: string;
  /** `delay`, and how long `refuse` lasts. Default: 30. */
  readonly milliseconds?: number;
  /** `resp_flip`: which byte of the body. Default: the middle one. */
  readonly offset?: number;
  /** `bad_location_host`: where Location then leads. Default: a port nobody listens on. */
  readonly origin?: string;
  /** `meddle`: a request that reaches the registry directly before the client's: another writer, a deletion. */
  readonly request?: {
    readonly method: string;
    readonly path: string;
    readonly contentType?: string;
    readonly body?: string;
  };
}

/** One fault. It happens once, at the first request that matches everything it names. */
export interface FaultRule {
  /** Ordinal of the request, from 0. */
  readonly index?: number;
  readonly method?: string;
  readonly pathClass?: PathClass;
  readonly kind: FaultKind;
  readonly params?: FaultParams;
}

/** Pure data: written to the log when a test fails, and enough to repeat it. */
export type FaultPlan = readonly FaultRule[];

/** One request as the proxy saw it. */
export interface TraceEntry {
  readonly index: number;
  readonly method: string;
  /** Without its query. */
  readonly path: string;
  readonly pathClass: PathClass;
  fault?: FaultKind;
  /** False where the fault had nothing to act on, such as a header that was not there. */
  applied?: boolean;
  /** What the client was sent; absent where the connection broke. */
  status?: number;
}

/** The registry endpoint a path belongs to. */
export function pathClassOf(path: string): PathClass {
  if (/^\/v2\/?$/.test(path)) return 'ping';
  if (path === '/v2/_catalog') return 'catalog';
  if (path.includes('/blobs/uploads/')) return 'upload';
  if (path.includes('/blobs/')) return 'blob';
  if (path.includes('/manifests/')) return 'manifest';
  if (path.includes('/referrers/')) return 'referrers';
  return path.endsWith('/tags/list') ? 'tags' : 'other';
}

export function matches(rule: FaultRule, entry: TraceEntry): boolean {
  return (
    (rule.index === undefined || rule.index === entry.index) &&
    (rule.method === undefined || rule.method === entry.method) &&
    (rule.pathClass === undefined || rule.pathClass === entry.pathClass)
  );
}
