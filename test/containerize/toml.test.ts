import assert from 'node:assert/strict';
import fc from 'fast-check';
import { maxTomlLength, parseToml } from '../../src/containerize/toml.ts';
import { isOciError, SpecError } from '../../src/errors.ts';

describe('parseToml', () => {
  it('reads tables, arrays of tables and dotted keys', () => {
    const read = parseToml('a.b = 1\n[[bin]]\nname = "x"\n[[bin]]\nname = "y"\n', 'Cargo.toml');
    assert.equal(JSON.stringify(read), '{"a":{"b":1},"bin":[{"name":"x"},{"name":"y"}]}');
  });

  it('leaves out a byte order mark and takes Windows line ends', () => {
    assert.equal(parseToml('\ufeffname = "x"\r\n', 'Cargo.toml')['name'], 'x');
  });

  it('reads integers that are no exact numbers', () => {
    assert.equal(parseToml('x = 9223372036854775807', 'a.toml')['x'], 9223372036854775807n);
  });

  it('says where a text is no TOML, without quoting the file', () => {
    try {
      parseToml('[package]\nname = "secret-value\n', 'Cargo.toml');
      assert.fail('it was read');
    } catch (error) {
      assert.ok(error instanceof SpecError);
      assert.equal(error.code, 'invalid-spec');
      assert.match(error.message, /^"Cargo\.toml" is not TOML at line 2, column \d+: [^\n]+\.$/);
      assert.doesNotMatch(error.message, /secret-value/);
      assert.equal(error.problems[0]?.line, 2);
    }
  });

  for (const key of ['__proto__', 'constructor', 'prototype']) {
    it(`changes no prototype by the key ${key}`, () => {
      for (const text of [`[${key}]\nx = 1`, `"${key}".x = 1`, `a = { ${key} = { x = 1 } }`, `[[${key}]]\nx = 1`]) {
        const read = parseToml(text, 'a.toml');
        assert.equal(Object.getPrototypeOf(read), null);
        assert.equal(({} as Record<string, unknown>)['x'], undefined);
        assert.equal(Object.hasOwn(Object.prototype, 'x'), false);
      }
    });
  }

  it('refuses what is nested too deep or too long', () => {
    for (const text of [`a = ${'['.repeat(5000)}`, `a = ${'{a='.repeat(5000)}`, 'a'.repeat(maxTomlLength + 1)]) {
      assert.throws(
        () => parseToml(text, 'a.toml'),
        (error) => isOciError(error, 'invalid-spec') && error.message.length < 400,
      );
    }
  });

  it('answers every text with an object or invalid-spec, and soon', () => {
    const piece = fc.constantFrom(
      '[',
      ']',
      '"',
      "'",
      '"""',
      '.',
      '=',
      '\n',
      'a',
      '{',
      '}',
      ',',
      '#',
      '1979-05-27',
      '\\u',
      ' ',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(piece, fc.string({ maxLength: 4 })), { maxLength: 40 }), (pieces) => {
        try {
          assert.equal(typeof parseToml(pieces.join(''), 'a.toml'), 'object');
        } catch (error) {
          assert.ok(isOciError(error, 'invalid-spec'), String(error));
        }
      }),
      { numRuns: 2000 },
    );
    const began = performance.now();
    for (const text of ['[a]\n'.repeat(50_000), 'a.'.repeat(500_000), '"'.repeat(500_000), '#\n'.repeat(500_000)]) {
      try {
        parseToml(text, 'a.toml');
      } catch (error) {
        assert.ok(isOciError(error, 'invalid-spec'));
      }
    }
    assert.ok(performance.now() - began < 5000);
  });
});
