import assert from 'node:assert/strict';
import { helperServer, matchingKeys, parseRegistryKey } from '../../src/credentials/registryKeys.ts';

describe('parseRegistryKey', () => {
  const cases: readonly (readonly [string, string, string])[] = [
    ['registry.example.com', 'registry.example.com', ''],
    ['https://registry.example.com/v1/', 'registry.example.com', ''],
    ['https://registry.example.com/v2/', 'registry.example.com', ''],
    ['https://registry.example.com/v2', 'registry.example.com', ''],
    ['http://registry.example.com', 'registry.example.com', ''],
    ['registry.example.com/', 'registry.example.com', ''],
    ['registry.example.com:443', 'registry.example.com', ''],
    ['https://registry.example.com:443/', 'registry.example.com', ''],
    ['registry.example.com:5000', 'registry.example.com:5000', ''],
    ['REGISTRY.Example.COM', 'registry.example.com', ''],
    ['HTTPS://Registry.example.com:5000/v1/', 'registry.example.com:5000', ''],
    ['registry.example.com/team', 'registry.example.com', 'team'],
    ['registry.example.com/team/app/', 'registry.example.com', 'team/app'],
    ['https://index.docker.io/v1/', 'docker.io', ''],
    ['index.docker.io', 'docker.io', ''],
    ['docker.io', 'docker.io', ''],
    ['registry-1.docker.io', 'docker.io', ''],
    ['docker.io/team', 'docker.io', 'team'],
    ['localhost:5000', 'localhost:5000', ''],
    ['127.0.0.1:5000', '127.0.0.1:5000', ''],
    ['[::1]:5000', '[::1]:5000', ''],
    ['[2001:db8::1]', '[2001:db8::1]', ''],
    ['2001:db8::1', '[2001:db8::1]', ''],
  ];
  for (const [key, registry, namespace] of cases) {
    it(`19: reads ${key} as ${registry} ${namespace}`, () => {
      assert.deepEqual(parseRegistryKey(key), { registry, namespace });
    });
  }

  for (const key of ['', 'a b', 'https://', 'host:99999', 'host\r\nother', '../x', 'user@host']) {
    it(`19: finds no registry in ${JSON.stringify(key)}`, () => {
      assert.equal(parseRegistryKey(key), undefined);
    });
  }
});

describe('matchingKeys', () => {
  const keys = [
    'https://host.example/v1/',
    'host.example/team',
    'other.example',
    'host.example/team/app',
    'host.example',
  ];

  it('19: puts the most specific key first, then the plain spelling', () => {
    assert.deepEqual(matchingKeys(keys, 'host.example', 'team/app'), [
      'host.example/team/app',
      'host.example/team',
      'host.example',
      'https://host.example/v1/',
    ]);
  });

  it('19: keeps a namespace’s key from other namespaces', () => {
    const plain = ['host.example', 'https://host.example/v1/'];
    assert.deepEqual(matchingKeys(keys, 'host.example', 'teamwork/app'), plain);
    assert.deepEqual(matchingKeys(keys, 'host.example', undefined), plain);
  });

  it('1: takes linear time for a key of many slashes', () => {
    const start = performance.now();
    assert.deepEqual(matchingKeys([`host.example/${'/'.repeat(100_000)}x`], 'host.example', undefined), []);
    assert.ok(performance.now() - start < 50);
  });

  it('48: keeps two ports of one host apart', () => {
    const ports = ['host.example:5000', 'host.example:5001', 'host.example'];
    assert.deepEqual(matchingKeys(ports, 'host.example:5001', undefined), ['host.example:5001']);
    assert.deepEqual(matchingKeys(ports, 'host.example:443', undefined), ['host.example']);
  });

  it('7: finds Docker Hub’s login under each of its names', () => {
    const hub = ['docker.io', 'index.docker.io', 'https://index.docker.io/v1/'];
    assert.deepEqual(matchingKeys(hub, 'docker.io', 'library/redis'), [
      'docker.io',
      'https://index.docker.io/v1/',
      'index.docker.io',
    ]);
  });
});

describe('helperServer', () => {
  it('7: asks for Docker Hub by its historical address', () => {
    assert.equal(helperServer('docker.io'), 'https://index.docker.io/v1/');
    assert.equal(helperServer('registry.example.com:5000'), 'registry.example.com:5000');
  });
});
