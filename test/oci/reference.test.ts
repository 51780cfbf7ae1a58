import assert from 'node:assert/strict';
import fc from 'fast-check';
import { OciError } from '../../src/errors.ts';
import { apiHost, formatReference, identifierOf, parseReference, parseRegistry } from '../../src/oci/reference.ts';

const digest = `sha256:${'a'.repeat(64)}`;

describe('parseReference', () => {
  const spellings: readonly (readonly [string, string])[] = [
    ['redis', 'docker.io/library/redis:latest'],
    ['redis:latest', 'docker.io/library/redis:latest'],
    ['library/redis', 'docker.io/library/redis:latest'],
    ['docker.io/redis', 'docker.io/library/redis:latest'],
    ['docker.io/library/redis:latest', 'docker.io/library/redis:latest'],
    ['index.docker.io/library/redis', 'docker.io/library/redis:latest'],
    ['registry-1.docker.io/library/redis', 'docker.io/library/redis:latest'],
    ['https://hub.docker.com/_/redis', 'docker.io/library/redis:latest'],
    ['hub.docker.com/r/grafana/loki', 'docker.io/grafana/loki:latest'],
    ['library', 'docker.io/library/library:latest'],
    ['foo/bar', 'docker.io/foo/bar:latest'],
    ['foo.com/bar', 'foo.com/bar:latest'],
    ['FOO.com/bar', 'foo.com/bar:latest'],
    ['localhost/bar', 'localhost/bar:latest'],
    ['localhost', 'docker.io/library/localhost:latest'],
    ['foo:5000/bar', 'foo:5000/bar:latest'],
    ['foo:5000', 'docker.io/library/foo:5000'],
    ['localhost:5000/a/b/c:1.2', 'localhost:5000/a/b/c:1.2'],
    ['[::1]:5000/a:x', '[::1]:5000/a:x'],
    ['[2001:db8::1]/a', '[2001:db8::1]/a:latest'],
    ['127.0.0.1:5000/a__b/c-d.e_f:A_b-1.0', '127.0.0.1:5000/a__b/c-d.e_f:A_b-1.0'],
    ['ghcr.io/org/app---x:1', 'ghcr.io/org/app---x:1'],
    [`redis@${digest}`, `docker.io/library/redis@${digest}`],
    [`redis:7@${digest}`, `docker.io/library/redis:7@${digest}`],
  ];
  for (const [text, canonical] of spellings) {
    it(`6, 7: reads ${text} as ${canonical}`, () => assert.equal(formatReference(parseReference(text)), canonical));
  }

  it('8: asks for the digest where there are tag and digest', () => {
    assert.equal(identifierOf(parseReference(`redis:7@${digest}`)), digest);
    assert.equal(identifierOf(parseReference('redis')), 'latest');
  });

  const refused: readonly string[] = [
    '',
    ' ',
    '/',
    'a//b',
    '/a',
    'a/',
    'host.io/foo/../../admin/x:1',
    'host.io/./x',
    'host.io/a%2fb',
    'host.io/a?x=1',
    'host.io/a#f',
    'host.io/a\\b',
    'host.io/a\0',
    'host.io/a\r\nb',
    'host.io/a b',
    'host.io/\u0430',
    'a:.tag',
    'a:-tag',
    'a:tag!',
    'a:latest ',
    `a:${'t'.repeat(129)}`,
    `host.io/${'a'.repeat(250)}`,
    'a:',
    'a..b',
    'a_.b',
    '-a',
    'host.io:99999/a',
    'host..io/a',
    'user:pw@host.io/a',
    'file:///etc/passwd',
    '[::1/a',
    'a'.repeat(5000),
  ];
  for (const text of refused) {
    it(`3, 4, 11, 12: refuses ${JSON.stringify(text.slice(0, 40))}`, () => {
      assert.throws(
        () => parseReference(text),
        (error: unknown) => error instanceof OciError && error.code.startsWith('invalid-'),
      );
    });
  }

  it('2: proposes the lower-case name', () => {
    assert.throws(() => parseReference('docker.io/Ubuntu:latest'), {
      message: /did you mean docker\.io\/ubuntu:latest\?/,
    });
    assert.throws(() => parseReference('Repo/IMG'), { message: /did you mean repo\/img\?/ });
    assert.throws(() => parseReference('Ubuntu:latest'), { message: /did you mean ubuntu:latest\?/ });
  });

  it('4: shows what is not ASCII as code points', () => {
    assert.throws(() => parseReference('host.io/\u0430'), { message: /\\u0430/ });
  });

  it('1: takes linear time', () => {
    for (const text of [
      `${'a'.repeat(30)}!`,
      'a-'.repeat(30_000),
      `${'a.'.repeat(2_000)}!`,
      `${'a/'.repeat(2_000)}!`,
    ]) {
      const start = performance.now();
      assert.throws(() => parseReference(text));
      assert.ok(performance.now() - start < 50);
    }
  });

  it('parses what it formats, and throws nothing untyped', () => {
    const piece = fc.stringMatching(/^[a-z0-9._/:@[\]A-Z -]{0,60}$/);
    fc.assert(
      fc.property(piece, (text) => {
        try {
          const reference = parseReference(text);
          assert.deepEqual(parseReference(formatReference(reference)), reference);
          assert.doesNotMatch(reference.repository, /\.\.|%|\/\/|[^ -~]/);
        } catch (error) {
          assert.ok(error instanceof OciError, String(error));
        }
      }),
      { seed: 20261121, numRuns: 2000 },
    );
  });
});

describe('parseRegistry', () => {
  it('takes the pasted spellings of one registry', () => {
    assert.equal(parseRegistry('https://Registry.Example.com:5000/'), 'registry.example.com:5000');
    assert.equal(parseRegistry('index.docker.io'), 'docker.io');
    assert.equal(apiHost('docker.io'), 'registry-1.docker.io');
    assert.throws(() => parseRegistry('user:secret@host'), { code: 'invalid-reference' });
    assert.throws(() => parseRegistry('host/path'), { code: 'invalid-reference' });
  });

  it('1: takes linear time', () => {
    const start = performance.now();
    assert.throws(() => parseRegistry(`host${'/'.repeat(100_000)}x`), { code: 'invalid-reference' });
    assert.ok(performance.now() - start < 50);
  });
});
