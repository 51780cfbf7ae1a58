import type { Override } from '../support/fakeRegistry.ts';

/** A fault of one request, and whether a client can recover from it. */
export type Fault = readonly [name: string, answer: Override, transient: boolean];

const without =
  (header: string): Override =>
  (_request, next) => {
    const answer = next();
    return { ...answer, headers: { ...answer.headers, [header]: [] } };
  };

/** What may happen to any one request. */
export const faults: readonly Fault[] = [
  ['reset before', () => 'reset', true],
  [
    'lost acknowledgement',
    (_request, next) => {
      next();
      return 'reset';
    },
    true,
  ],
  ...[408, 416, 429, 500, 502, 503, 504].map((status): Fault => [`${status}`, () => ({ status }), true]),
  ...[400, 403, 404, 405, 413, 507].map((status): Fault => [`${status}`, () => ({ status }), false]),
  ['a web page', () => ({ status: 200, headers: { 'content-type': 'text/html' }, body: '<html></html>' }), true],
  ['early 201', () => ({ status: 201 }), true],
  ['early 202', () => ({ status: 202 }), true],
  ['early 204', () => ({ status: 204 }), true],
  ['no Location', without('location'), true],
  ['no digest', without('docker-content-digest'), true],
  ['no Range', without('range'), true],
  ['another server', () => ({ status: 202, headers: { location: 'http://127.0.0.1:1/' } }), false],
];
