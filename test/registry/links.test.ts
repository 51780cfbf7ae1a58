import assert from 'node:assert/strict';
import { nextLink, sameOriginUrl } from '../../src/registry/links.ts';

describe('nextLink', () => {
  const cases: readonly (readonly [string | undefined, string | undefined])[] = [
    [undefined, undefined],
    ['', undefined],
    ['</v2/_catalog?last=b&n=2>; rel="next"', '/v2/_catalog?last=b&n=2'],
    ['</v2/a>; rel=next', '/v2/a'],
    ['</v2/a>;rel="NEXT"', '/v2/a'],
    ['</v2/a>; title="x"; rel="prev next"', '/v2/a'],
    ['</v2/a>; rel="prev", </v2/b>; rel="next"', '/v2/b'],
    ['</v2/a>; title="a, b; rel=next"; rel="prev", </v2/c>; rel="next"', '/v2/c'],
    ['</v2/a,b>; rel="next"', '/v2/a,b'],
    ['< https://r.example/v2/a >; rel="next"', 'https://r.example/v2/a'],
    ['</v2/a>; rel="nextish"', undefined],
    ['</v2/a>', undefined],
    ['</v2/a; rel="next"', undefined],
    ['rel="next"', undefined],
  ];
  for (const [header, expected] of cases) {
    it(`reads ${JSON.stringify(header)}`, () => assert.equal(nextLink(header), expected));
  }

  it('reads 16 KiB of hostile header in no time', () => {
    const start = performance.now();
    for (const text of ['<', '<>', '<>;rel', '<>;rel="', '<>; rel=" ', ',', '<>;;;'].map((part) =>
      part.repeat(20_000),
    )) {
      nextLink(text);
    }
    assert.ok(performance.now() - start < 500);
  });
});

describe('sameOriginUrl', () => {
  const base = new URL('https://r.example/');
  const given = new URL('https://r.example/v2/app/blobs/uploads/');
  const good: readonly (readonly [string, string])[] = [
    ['/v2/app/blobs/uploads/1?_state=a%3D', 'https://r.example/v2/app/blobs/uploads/1?_state=a%3D'],
    ['1', 'https://r.example/v2/app/blobs/uploads/1'],
    ['https://r.example:443/v2/x', 'https://r.example/v2/x'],
    ['https://R.EXAMPLE/v2/x#frag', 'https://r.example/v2/x'],
    ['//r.example/v2/x', 'https://r.example/v2/x'],
  ];
  for (const [text, expected] of good) {
    it(`resolves ${text}`, () => assert.equal(sameOriginUrl(text, given, base, 'address').href, expected));
  }

  const bad: readonly (readonly [string, string])[] = [
    ['http://r.example/v2/x', 'untrusted-origin'],
    ['https://r.example:8443/v2/x', 'untrusted-origin'],
    ['https://evil.example/v2/x', 'untrusted-origin'],
    ['//evil.example/v2/x', 'untrusted-origin'],
    ['https://user:pw@r.example/v2/x', 'untrusted-origin'],
    ['https://r.example.evil.example/', 'untrusted-origin'],
    ['file:///etc/passwd', 'untrusted-origin'],
    ['javascript:alert(1)', 'untrusted-origin'],
    ['https://[::', 'protocol-violation'],
    [`/${'x'.repeat(20_000)}`, 'protocol-violation'],
  ];
  for (const [text, code] of bad) {
    it(`71: refuses ${text.slice(0, 40)}`, () => {
      assert.throws(() => sameOriginUrl(text, given, base, 'upload address'), { code });
    });
  }

  it('71: never shows the query of another server', () => {
    assert.throws(
      () => sameOriginUrl('https://evil.example/x?token=hunter2', given, base, 'upload address'),
      (error: Error) => error.message.includes('https://evil.example') && !error.message.includes('hunter2'),
    );
  });
});
