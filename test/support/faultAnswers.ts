import { gzipSync } from 'node:zlib';
import type { FaultKind, FaultParams } from './faultPlan.ts';

/** An answer on its way to the client. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

const statuses: Readonly<Partial<Record<FaultKind, readonly [number, string]>>> = {
  s401: [401, 'UNAUTHORIZED'],
  s404: [404, 'NOT_FOUND'],
  s413: [413, 'SIZE_INVALID'],
  s416: [416, 'RANGE_INVALID'],
  s429: [429, 'TOOMANYREQUESTS'],
  s500: [500, 'UNKNOWN'],
  s502: [502, 'UNKNOWN'],
  s503: [503, 'UNAVAILABLE'],
  s504: [504, 'UNKNOWN'],
  s507: [507, 'UNKNOWN'],
  retry_after: [429, 'TOOMANYREQUESTS'],
};

/** The answer of a fault that does not ask the registry; undefined for other faults. */
export function statusAnswer(kind: FaultKind, params: FaultParams): Answer | undefined {
  if (kind === 'html200') {
    return sized({ status: 200, headers: { 'content-type': 'text/html' }, body: Buffer.from('<html>Welcome</html>') });
  }
  const known = statuses[kind];
  if (known === undefined) return undefined;
  const [status, code] = known;
  const headers = {
    'content-type': 'application/json',
    ...(kind === 's401' ? { 'www-authenticate': 'Basic realm="fault"' } : {}),
    ...(kind === 'retry_after' ? { 'retry-after': params.retryAfter ?? '0' } : {}),
  };
  return sized({ status, headers, body: Buffer.from(JSON.stringify({ errors: [{ code, message: 'a fault' }] })) });
}

/** The registry's answer with the fault in it; undefined where there is nothing that it could change. */
export function changeAnswer(
  kind: FaultKind,
  params: FaultParams,
  answer: Answer,
  isHead: boolean,
): Answer | undefined {
  const { headers, body } = answer;
  const has = (name: string): boolean => headers[name] !== undefined;
  const set = (more: Readonly<Record<string, string>>): Answer => ({ ...answer, headers: { ...headers, ...more } });
  const ifHas = (name: string, changed: () => Answer): Answer | undefined => (has(name) ? changed() : undefined);
  const changes: Partial<Record<FaultKind, () => Answer | undefined>> = {
    resp_flip: () =>
      body.length === 0 ? undefined : { ...answer, body: flipped(body, params.offset ?? body.length >> 1) },
    drop_location: () => ifHas('location', () => without(answer, 'location')),
    bad_location_host: () =>
      ifHas('location', () => {
        const { pathname, search } = new URL(headers['location'] ?? '', 'http://127.0.0.1');
        return set({ location: new URL(pathname + search, params.origin ?? 'http://127.0.0.1:9').href });
      }),
    drop_dcd: () => ifHas('docker-content-digest', () => without(answer, 'docker-content-digest')),
    wrong_dcd: () =>
      ifHas('docker-content-digest', () => set({ 'docker-content-digest': `sha256:${'0123456789abcdef'.repeat(4)}` })),
    chunked_no_len: () =>
      body.length > 0 || isHead ? ifHas('content-length', () => without(answer, 'content-length')) : undefined,
    gzip_encode_answer: () => {
      if (body.length === 0) return undefined;
      const zipped = gzipSync(body);
      return { ...set({ 'content-encoding': 'gzip', 'content-length': String(zipped.length) }), body: zipped };
    },
    wrong_content_type: () => ifHas('content-type', () => set({ 'content-type': 'text/plain' })),
    huge_header: () => set({ 'x-huge': 'x'.repeat(20_000) }),
  };
  const change = changes[kind];
  if (change === undefined) throw new Error(`${kind} does not change an answer`);
  return change();
}

function sized(answer: Answer): Answer {
  return { ...answer, headers: { ...answer.headers, 'content-length': String(answer.body.length) } };
}

function without(answer: Answer, name: string): Answer {
  return { ...answer, headers: Object.fromEntries(Object.entries(answer.headers).filter(([key]) => key !== name)) };
}

function flipped(body: Buffer, offset: number): Buffer {
  const copy = Buffer.from(body);
  copy[offset] = (copy[offset] ?? 0) ^ 1;
  return copy;
}
