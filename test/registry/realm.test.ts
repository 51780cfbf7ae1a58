import assert from 'node:assert/strict';
import type { RegistryOptions } from '../../src/registry/options.ts';
import { checkRealm } from '../../src/registry/realm.ts';

type Case = readonly [realm: string, base: string, outcome: string, registry?: Partial<RegistryOptions>];

const secure = 'https://registry.example.com/';
const cases: readonly Case[] = [
  ['https://registry.example.com/token', secure, 'trusted'],
  ['https://auth.example.com/token', secure, 'trusted'],
  ['https://registry.example.com:8443/token', secure, 'trusted'],
  ['/service/token', secure, 'trusted'],
  ['https://auth.docker.io/token', 'https://registry-1.docker.io/', 'trusted'],
  ['https://evil.example.net/token', secure, 'anonymous'],
  ['//evil.example.net/token', secure, 'anonymous'],
  ['https://login.example.net/token', secure, 'trusted', { tokenRealms: ['https://login.example.net'] }],
  ['https://login.example.net:444/token', secure, 'anonymous', { tokenRealms: ['https://login.example.net'] }],
  ['https://login.example.net/token', secure, 'anonymous', { tokenRealms: ['nonsense'] }],
  ['http://registry.example.com/token', secure, 'untrusted-origin'],
  ['http://127.0.0.1:5997/token', secure, 'untrusted-origin'],
  ['http://login.example.net/token', secure, 'untrusted-origin', { tokenRealms: ['http://login.example.net'] }],
  ['http://127.0.0.1:5001/token', 'http://127.0.0.1:5000/', 'trusted'],
  ['http://localhost:5001/token', 'http://127.0.0.1:5000/', 'trusted'],
  ['http://evil.example.net/token', 'http://127.0.0.1:5000/', 'untrusted-origin'],
  ['http://10.0.0.5:5001/token', 'http://10.0.0.5:5000/', 'trusted'],
  ['file:///etc/passwd', secure, 'untrusted-origin'],
  ['javascript:alert(1)', secure, 'untrusted-origin'],
  ['https://user@registry.example.com/token', secure, 'untrusted-origin'],
  ['https://registry.example.com/token#x', secure, 'untrusted-origin'],
  ['', secure, 'protocol-violation'],
  ['https://', secure, 'protocol-violation'],
  [`https://registry.example.com/${'a'.repeat(20_000)}`, secure, 'protocol-violation'],
];

describe('checkRealm', () => {
  for (const [realm, base, expected, more] of cases) {
    it(`39: gives ${expected} to ${realm.slice(0, 60)} of ${base}${more === undefined ? '' : ' with tokenRealms'}`, () => {
      assert.equal(outcome(realm, base, more), expected);
    });
  }

  it('39: names the plain http', () => {
    assert.throws(
      () => checkRealm('http://auth.example.com/t?a=secret', new URL(secure), { registry: 'registry.example.com' }),
      {
        message:
          'registry.example.com asks for a token of http://auth.example.com/t: the token service uses plain http, which anyone on the way can read. ' +
          'Nothing was sent. Ask whoever runs the registry.',
      },
    );
  });
});

function outcome(realm: string, base: string, more: Partial<RegistryOptions> = {}): string {
  try {
    const url = new URL(base);
    return checkRealm(realm, url, { registry: url.host, ...more }).trusted ? 'trusted' : 'anonymous';
  } catch (error) {
    return (error as { code: string }).code;
  }
}
