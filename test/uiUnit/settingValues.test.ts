import assert from 'node:assert/strict';
import { parseSettings, type Settings } from '../../src/ui/settingValues.ts';

function parse(values: Readonly<Record<string, unknown>>): Settings {
  return parseSettings((name) => values[name]);
}

describe('parseSettings', () => {
  it('has a default for everything', () => {
    assert.deepEqual(parse({}), {
      registries: [],
      problems: [],
      credentials: { useDockerConfig: 'read', allowHelpers: true },
      network: { timeoutSeconds: 30, retries: 4, concurrency: 6, chunkSize: 16_777_216 },
      tree: { pageSize: 100, groupByPath: true, sortTags: 'semver' },
      platforms: [],
      overwrite: 'ask',
      compression: 'gzip',
      bases: [],
      sbom: true,
      deleteAllow: 'manifest',
      localRegistry: { enabled: true, port: 5050 },
      recentMax: 20,
      layerLimits: { entries: 2_000_000, tarBytes: 34_359_738_368 },
      cacheBytes: 2_147_483_648,
      maxFileBytes: 20_971_520,
    });
  });

  it('takes wrong types and values out of range for not set or bounds them', () => {
    const settings = parse({
      registries: 'x',
      'network.timeoutSeconds': '5',
      'network.retries': -3,
      'network.concurrency': 1e9,
      'network.chunkSizeMiB': NaN,
      'tree.sortTags': '__proto__',
      'tree.pageSize': 10.9,
      'delete.allow': 'everything',
      'platforms.default': ['linux/arm64', 7],
      'localRegistry.port': 70_000,
    });
    assert.deepEqual(settings.network, { timeoutSeconds: 30, retries: 0, concurrency: 32, chunkSize: 16_777_216 });
    assert.deepEqual(settings.tree, { pageSize: 10, groupByPath: true, sortTags: 'semver' });
    assert.deepEqual(settings.platforms, ['linux/arm64']);
    assert.equal(settings.deleteAllow, 'manifest');
    assert.equal(settings.localRegistry.port, 65_535);
  });

  it('reads registries, each once by its one spelling, and says which cannot be read', () => {
    const { registries, problems } = parse({
      registries: [
        { url: 'https://Registry.Example.com:5000/', alias: 'ours', tls: { caFile: '/ca.pem', insecure: 'yes' } },
        { url: 'index.docker.io' },
        { url: 'docker.io', readOnly: true, catalog: 'off', namespaces: ['team', 3] },
        { url: 'no host' },
        'x',
      ],
    });
    assert.deepEqual(registries, [
      { registry: 'registry.example.com:5000', alias: 'ours', caFile: '/ca.pem' },
      { registry: 'docker.io', catalog: 'off', namespaces: ['team'], readOnly: true },
    ]);
    assert.equal(problems.length, 2);
    assert.match(problems[0] ?? '', /^gantry\.registries\[3\]: "no host" is not a registry/);
  });
});
