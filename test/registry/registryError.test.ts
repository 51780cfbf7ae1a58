import assert from 'node:assert/strict';
import type { Answer } from '../../src/registry/answer.ts';
import { answerError } from '../../src/registry/registryError.ts';

function answer(status: number, body: string | object, headers: Readonly<Record<string, string>> = {}): Answer {
  const bytes = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  const url = new URL('https://r.example/v2/team/app/manifests/v1?token=hunter2');
  return { method: 'GET', status, url, headers, bytes };
}

const errors = (...codes: string[]): object => ({ errors: codes.map((code) => ({ code, message: 'm' })) });

describe('answerError', () => {
  const table: readonly (readonly [number, string | object, string])[] = [
    [401, errors('UNAUTHORIZED'), 'unauthorized'],
    [403, errors('DENIED'), 'forbidden'],
    [403, { errors: [{ code: 'DENIED', message: 'You have exceeded a secondary rate limit' }] }, 'rate-limited'],
    [404, errors('NAME_UNKNOWN'), 'not-found'],
    [404, '404 page not found', 'not-found'],
    [400, errors('NAME_INVALID'), 'invalid-reference'],
    [400, errors('DIGEST_INVALID'), 'content-mismatch'],
    [400, errors('MANIFEST_INVALID'), 'invalid-manifest'],
    [400, errors('SOMETHING_ELSE', 'MANIFEST_BLOB_UNKNOWN'), 'not-found'],
    [400, 'what?', 'protocol-violation'],
    [405, errors('UNSUPPORTED'), 'forbidden'],
    [406, '', 'unsupported-media-type'],
    [413, '', 'too-large'],
    [416, '', 'protocol-violation'],
    [418, '', 'protocol-violation'],
    [429, errors('TOOMANYREQUESTS'), 'rate-limited'],
    [500, errors('UNKNOWN'), 'unavailable'],
    [507, '', 'unavailable'],
    [200, '', 'protocol-violation'],
    [302, '', 'protocol-violation'],
  ];
  for (const [status, body, code] of table) {
    it(`makes ${code} of ${status} ${JSON.stringify(body).slice(0, 60)}`, () => {
      assert.equal(answerError(answer(status, body), 'read tag v1').code, code);
    });
  }

  it('says what was done, what the registry said and what to do next, without the query', () => {
    const error = answerError(answer(404, errors('MANIFEST_UNKNOWN')), 'read tag v1 of r.example/team/app');
    assert.equal(
      error.message,
      'Cannot read tag v1 of r.example/team/app: not found (404 MANIFEST_UNKNOWN "m"). It does not exist, or your account may not see it: check the name, or sign in.',
    );
    assert.equal(error.url, 'https://r.example/v2/team/app/manifests/v1');
    assert.deepEqual(
      [error.method, error.status, error.errors],
      ['GET', 404, [{ code: 'MANIFEST_UNKNOWN', message: 'm' }]],
    );
  });

  it('93: says how often it tried', () => {
    const { message } = answerError({ ...answer(503, errors('UNAVAILABLE')), tries: 5 }, 'read tag v1');
    assert.match(message, /the registry failed \(503 UNAVAILABLE "m", after 5 tries\)/);
  });

  it('45: names both reasons of a 403', () => {
    const { message } = answerError(answer(403, errors('DENIED')), 'read tag v1');
    assert.match(message, /Your account may not do this, or there is no such repository/);
  });

  it('85: escapes and cuts what the registry says, and drops queries from it', () => {
    const text = `[Fix it](command:x)\u001b[31m\u202e see https://s3.example/x?sig=hunter2 ${'long '.repeat(200)}`;
    const { message } = answerError(answer(500, { errors: [{ code: 'UNKNOWN', message: text }] }), 'read tag v1');
    assert.ok(message.length < 500);
    assert.match(message, /\\u001b\[31m\\u202e see https:\/\/s3\.example\/x /);
    assert.doesNotMatch(message, /hunter2/);
  });

  it('109: keeps details such as server paths to itself', () => {
    const detail = { DriverName: 'filesystem', Enclosed: { Path: '/var/lib/registry' } };
    const { message } = answerError(
      answer(500, { errors: [{ code: 'UNKNOWN', message: 'unknown error', detail }] }),
      'x',
    );
    assert.doesNotMatch(message, /var\/lib/);
  });

  const pages: readonly (readonly [number, Readonly<Record<string, string>>, string])[] = [
    [200, { 'content-type': 'text/html; charset=utf-8' }, 'protocol-violation'],
    [200, {}, 'protocol-violation'],
    [403, { 'content-type': 'text/html' }, 'forbidden'],
    [503, { 'content-type': 'TEXT/HTML' }, 'unavailable'],
  ];
  for (const [status, headers, code] of pages) {
    it(`83: knows a web page with status ${status} by ${JSON.stringify(headers)}`, () => {
      const body = '<!DOCTYPE html><html><head><title>Sign <in></title></head>';
      const error = answerError(answer(status, body, headers), 'read tag v1');
      assert.equal(error.code, code);
      assert.match(error.message, /got a web page titled "Sign", not a registry's answer/);
    });
  }

  it('152: gives the digests that a manifest misses', () => {
    const [one, two] = [`sha256:${'1'.repeat(64)}`, `sha256:${'2'.repeat(64)}`];
    const body = {
      errors: [
        { code: 'MANIFEST_BLOB_UNKNOWN', message: 'blob unknown to registry', detail: one },
        { code: 'MANIFEST_BLOB_UNKNOWN', message: 'blob unknown to registry', detail: { Digest: two } },
        { code: 'UNKNOWN', message: '', detail: `sha256:${'3'.repeat(64)}` },
      ],
    };
    assert.deepEqual(answerError(answer(400, body), 'write').missing, [one, two]);
  });

  const hostile = [
    '{"errors":{}}',
    '{"errors":[null,1,"x",{"code":{}}]}',
    '[',
    '\u0000',
    `{"errors":${'['.repeat(5000)}`,
  ];
  for (const body of hostile) {
    it(`copes with ${JSON.stringify(body.slice(0, 40))}`, () => {
      assert.equal(answerError(answer(400, body), 'x').code, 'protocol-violation');
    });
  }

  it('keeps how long the registry asks to wait', () => {
    assert.equal(answerError(answer(429, '', { 'retry-after': '7' }), 'x').retryAfter, 7000);
  });
});
