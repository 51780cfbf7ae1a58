import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseChallenges } from '../../src/registry/challenge.ts';

type Plain = readonly (readonly [string, Readonly<Record<string, string>>])[];

function plain(header: string): Plain {
  return parseChallenges(header).map(({ scheme, parameters }) => [scheme, Object.fromEntries(parameters)]);
}

const cases: readonly (readonly [string, string, Plain])[] = [
  [
    'the usual one',
    'Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:a/b:pull,push"',
    [
      [
        'bearer',
        { realm: 'https://auth.docker.io/token', service: 'registry.docker.io', scope: 'repository:a/b:pull,push' },
      ],
    ],
  ],
  ['another order, case and spacing', 'BEARER  Service=x ,  REALM = "r"', [['bearer', { service: 'x', realm: 'r' }]]],
  [
    'two in one header',
    'Basic realm="a, b", Bearer realm="c",scope="d"',
    [
      ['basic', { realm: 'a, b' }],
      ['bearer', { realm: 'c', scope: 'd' }],
    ],
  ],
  [
    'schemes without parameters and with a token68',
    'Negotiate, NTLM TlRMTVNTUAAB==, Basic realm=x',
    [
      ['negotiate', {}],
      ['ntlm', {}],
      ['basic', { realm: 'x' }],
    ],
  ],
  [
    'a URL without quotes',
    'Bearer realm=https://a.example/t?x=1,service=s',
    [['bearer', { realm: 'https://a.example/t?x=1', service: 's' }]],
  ],
  ['escaped quotes', 'Basic realm="a \\"b\\" \\\\c"', [['basic', { realm: 'a "b" \\c' }]]],
  ['a quote that never ends', 'Bearer realm="x', [['bearer', { realm: 'x' }]]],
  ['the first of a name that stands twice', 'Bearer realm="a",realm="b"', [['bearer', { realm: 'a' }]]],
  ['parameters before any scheme', 'realm="a", Basic', [['basic', {}]]],
  [
    'names of object members',
    'Bearer __proto__="a",constructor=b',
    [
      [
        'bearer',
        Object.fromEntries([
          ['__proto__', 'a'],
          ['constructor', 'b'],
        ]),
      ],
    ],
  ],
  ['nothing', '', []],
  ['nonsense', ',,= "x" @@, ;', []],
];

describe('parseChallenges', () => {
  for (const [name, header, expected] of cases) {
    it(`reads ${name}`, () => assert.deepEqual(plain(header), expected));
  }

  it('reads back whatever was written, however it was quoted and spaced', () => {
    const tokens = fc.stringMatching(/^[a-z][a-z0-9-]{0,8}$/);
    const values = fc.string({
      unit: fc.constantFrom('a', 'Z', '0', ' ', ',', '"', '\\', '=', ':', '/'),
      maxLength: 12,
    });
    const challenges = fc.array(fc.tuple(tokens, fc.dictionary(tokens, values, { minKeys: 1, maxKeys: 4 })), {
      maxLength: 4,
    });
    fc.assert(
      fc.property(challenges, fc.constantFrom('', ' ', '\t '), (list, space) => {
        const header = list
          .map(([scheme, parameters]) => {
            const pairs = Object.entries(parameters).map(
              ([name, value]) => `${name}${space}=${space}"${value.replace(/(["\\])/g, '\\$1')}"`,
            );
            return `${scheme} ${pairs.join(`${space},${space}`)}`;
          })
          .join(`${space},${space}`);
        assert.deepEqual(
          plain(header),
          list.map(([scheme, parameters]) => [scheme, { ...parameters }]),
        );
      }),
      { seed: 20261158, numRuns: 300 },
    );
  });

  it('reads 16 KiB of anything in linear time', () => {
    for (const piece of ['a ', '"', '\\"', 'a=', ', ', 'Bearer a="', '=']) {
      const start = performance.now();
      parseChallenges(piece.repeat(16_384 / piece.length));
      assert.ok(performance.now() - start < 500, JSON.stringify(piece));
    }
  });
});
