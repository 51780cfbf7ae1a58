import assert from 'node:assert/strict';
import { formatPlatform, matchesPlatform, parsePlatform } from '../../src/oci/platform.ts';

describe('platform', () => {
  const cases: readonly (readonly [string, string, boolean])[] = [
    ['linux/amd64', 'linux/amd64', true],
    ['linux/x86_64', 'linux/amd64', true],
    ['linux/arm64', 'linux/arm64/v8', true],
    ['linux/arm64/v8', 'linux/arm64', true],
    ['linux/arm', 'linux/arm/v7', true],
    ['linux/arm/v6', 'linux/arm/v7', false],
    ['linux/amd64', 'windows/amd64', false],
    ['linux/amd64', 'unknown/unknown', false],
  ];
  for (const [wanted, offered, expected] of cases) {
    it(`${offered} ${expected ? 'satisfies' : 'does not satisfy'} ${wanted}`, () => {
      assert.equal(matchesPlatform(parsePlatform(wanted), parsePlatform(offered)), expected);
    });
  }

  it('refuses what is not a platform', () => {
    for (const text of ['', 'linux', 'linux/', '/amd64', 'linux/amd64/v1/x', 'linux/a b', 'linux/$(x)']) {
      assert.throws(() => parsePlatform(text), { code: 'invalid-reference' });
    }
    assert.equal(formatPlatform(parsePlatform('Linux/AArch64/V8')), 'linux/arm64');
  });
});
