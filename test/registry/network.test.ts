import assert from 'node:assert/strict';
import { isLoopback, networkClass } from '../../src/registry/network.ts';

const hosts: readonly (readonly [string, string | undefined])[] = [
  ['http://0x7f.1/', 'loopback'],
  ['http://2130706433/', 'loopback'],
  ['http://017700000001/', 'loopback'],
  ['http://127.0.0.1./', 'loopback'],
  ['http://１２７.0.0.1/', 'loopback'],
  ['http://localhost./', 'loopback'],
  ['http://Registry.LOCALHOST:5000/', 'loopback'],
  ['http://[::1]/', 'loopback'],
  ['http://[::ffff:127.0.0.1]/', 'loopback'],
  ['http://[::127.0.0.1]/', 'loopback'],
  ['http://[64:ff9b::7f00:1]/', 'loopback'],
  ['http://[2002:7f00:1::]/', 'loopback'],
  ['http://169.254.169.254./', 'link-local'],
  ['http://[::ffff:169.254.169.254]/', 'link-local'],
  ['http://192.0.0.192/', 'link-local'],
  ['http://[fe80::1]/', 'link-local'],
  ['http://10.1.2.3/', 'private'],
  ['http://172.16.0.1/', 'private'],
  ['http://172.32.0.1/', 'public'],
  ['http://192.168.1.1/', 'private'],
  ['http://100.100.100.200/', 'private'],
  ['http://[fd00:ec2::254]/', 'private'],
  ['http://[::ffff:10.0.0.1]/', 'private'],
  ['http://0.0.0.0/', 'reserved'],
  ['http://0/', 'reserved'],
  ['http://[::]/', 'reserved'],
  ['http://224.0.0.1/', 'reserved'],
  ['http://255.255.255.255/', 'reserved'],
  ['http://[ff02::1]/', 'reserved'],
  ['http://8.8.8.8/', 'public'],
  ['http://[2606:4700::1111]/', 'public'],
  ['http://registry.example.com/', undefined],
  ['http://localhost.example.com/', undefined],
  ['http://notlocalhost/', undefined],
];

describe('networkClass', () => {
  for (const [url, expected] of hosts) {
    it(`38: knows ${url} as ${expected ?? 'a name'}`, () => {
      assert.equal(networkClass(new URL(url).hostname), expected);
    });
  }

  it('38: reads what a resolver gives', () => {
    assert.equal(networkClass('fe80::1%eth0'), 'link-local');
    assert.equal(networkClass('::ffff:a9fe:a9fe'), 'link-local');
  });
});

describe('isLoopback', () => {
  it('takes host and port', () => {
    assert.equal(isLoopback('127.0.0.1:5000'), true);
    assert.equal(isLoopback('[::1]:5000'), true);
    assert.equal(isLoopback('[::1]'), true);
    assert.equal(isLoopback('localhost:5000'), true);
    assert.equal(isLoopback('registry.example.com:5000'), false);
  });
});
