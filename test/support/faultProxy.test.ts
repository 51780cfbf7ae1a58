import assert from 'node:assert/strict';
import { type FakeRegistry, startFakeRegistry } from './fakeRegistry.ts';
import { faultKinds, type FaultKind, type FaultPlan } from './faultPlan.ts';
import { startFaultProxy } from './faultProxy.ts';

const content = 'the content of a blob';

/** What a plain client sees of one blob request through a proxy with one fault. */
async function seen(registry: FakeRegistry, kind: FaultKind, method: string): Promise<string> {
  const digest = registry.putBlob('a', Buffer.from(content));
  const plan: FaultPlan = [{ index: 0, kind, params: { request: { method: 'GET', path: '/v2/' } } }];
  const proxy = await startFaultProxy(registry.host, plan);
  const before = registry.requests.length;
  try {
    const path = method === 'POST' ? 'blobs/uploads/' : `blobs/${digest}`;
    const request = { method, signal: AbortSignal.timeout(300), ...(method === 'POST' ? { body: content } : {}) };
    const answer = await fetch(`http://${proxy.host}/v2/a/${path}`, request);
    const text = await answer.text();
    const shown = text === content ? 'content' : text === '' ? 'nothing' : 'other';
    return `${answer.status} ${shown}, ${registry.requests.length - before} forwarded`;
  } catch {
    return `broken, ${registry.requests.length - before} forwarded`;
  } finally {
    assert.equal(proxy.trace[0]?.fault, kind);
    await proxy.stop();
  }
}

describe('startFaultProxy', () => {
  let registry: FakeRegistry;
  before(async () => {
    registry = await startFakeRegistry();
  });
  after(() => registry.stop());

  const get: Readonly<Record<FaultKind, string>> = {
    refuse: 'broken, 0 forwarded',
    rst_before_forward: 'broken, 0 forwarded',
    rst_mid_request: 'broken, 0 forwarded',
    lost_ack: 'broken, 1 forwarded',
    stale_keepalive: 'broken, 0 forwarded',
    hang: 'broken, 0 forwarded',
    slow_drip: '200 content, 1 forwarded',
    delay: '200 content, 1 forwarded',
    s401: '401 other, 0 forwarded',
    s404: '404 other, 0 forwarded',
    s413: '413 other, 0 forwarded',
    s416: '416 other, 0 forwarded',
    s429: '429 other, 0 forwarded',
    s500: '500 other, 0 forwarded',
    s502: '502 other, 0 forwarded',
    s503: '503 other, 0 forwarded',
    s504: '504 other, 0 forwarded',
    s507: '507 other, 0 forwarded',
    retry_after: '429 other, 0 forwarded',
    html200: '200 other, 0 forwarded',
    early_200_before_body: '200 nothing, 0 forwarded',
    resp_truncate: 'broken, 1 forwarded',
    resp_flip: '200 other, 1 forwarded',
    drop_location: '200 content, 1 forwarded',
    bad_location_host: '200 content, 1 forwarded',
    drop_dcd: '200 content, 1 forwarded',
    wrong_dcd: '200 content, 1 forwarded',
    chunked_no_len: '200 content, 1 forwarded',
    gzip_encode_answer: '200 content, 1 forwarded',
    wrong_content_type: '200 content, 1 forwarded',
    huge_header: 'broken, 1 forwarded',
    dup_forward: '200 content, 2 forwarded',
    meddle: '200 content, 2 forwarded',
  };
  for (const kind of faultKinds) {
    it(`shows a client ${kind}`, async () => {
      assert.equal(await seen(registry, kind, 'GET'), get[kind]);
    });
  }

  const post: readonly (readonly [FaultKind, string])[] = [
    ['rst_mid_request', 'broken, 0 forwarded'],
    ['lost_ack', 'broken, 1 forwarded'],
    ['early_200_before_body', '202 nothing, 0 forwarded'],
    ['resp_truncate', 'broken, 1 forwarded'],
  ];
  for (const [kind, expected] of post) {
    it(`shows an uploading client ${kind}`, async () => {
      assert.equal(await seen(registry, kind, 'POST'), expected);
    });
  }

  it('keeps the client on the proxy, and answers again after a refusal', async () => {
    const proxy = await startFaultProxy(registry.host, [{ method: 'PUT', pathClass: 'upload', kind: 'refuse' }]);
    try {
      const begin = await fetch(`http://${proxy.host}/v2/a/blobs/uploads/`, { method: 'POST' });
      const location = new URL(begin.headers.get('location') ?? '', `http://${proxy.host}`);
      await assert.rejects(fetch(location, { method: 'PUT', body: 'x' }));
      for (;;)
        if (
          await fetch(`http://${proxy.host}/v2/`).then(
            ({ ok }) => ok,
            () => false,
          )
        )
          break;
      assert.deepEqual(
        proxy.trace.slice(0, 2).map(({ method, pathClass, fault }) => [method, pathClass, fault]),
        [
          ['POST', 'upload', undefined],
          ['PUT', 'upload', 'refuse'],
        ],
      );
    } finally {
      await proxy.stop();
    }
  });

  it('refuses to stand in front of another machine', async () => {
    await assert.rejects(startFaultProxy('registry.example.com:443'), /not on loopback/);
  });
});
