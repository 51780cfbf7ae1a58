import assert from 'node:assert/strict';
import { parseImageConfig } from '../../src/oci/imageConfig.ts';
import { compareConfig } from '../../src/operations/compareConfig.ts';

function configOf(json: object | string): ReturnType<typeof parseImageConfig> {
  return parseImageConfig(Buffer.from(typeof json === 'string' ? json : JSON.stringify(json)));
}

/** `name: before -> after`, with `-` for what is absent. */
function differences(left: object | string, right: object | string): readonly string[] {
  return compareConfig(configOf(left), configOf(right)).map(
    ({ name, before, after }) => `${name}: ${before ?? '-'} -> ${after ?? '-'}`,
  );
}

describe('compareConfig', () => {
  it('names what differs, in the order of the names', () => {
    const left = {
      architecture: 'amd64',
      os: 'linux',
      created: '2024-01-01T00:00:00Z',
      author: 'A',
      config: {
        Env: ['PATH=/bin', 'A=1=2', 'GONE=x', 'SAME=s'],
        Entrypoint: ['/run', 'a b'],
        Cmd: ['x'],
        User: 'root',
        WorkingDir: '/',
        Labels: { version: '1', same: 's', empty: '' },
        ExposedPorts: { '80/tcp': {}, '443/tcp': {} },
        Volumes: { '/data': {} },
        StopSignal: 'SIGTERM',
        Healthcheck: { Test: ['CMD', 'x'], Interval: 3 },
      },
      history: [{}, {}],
    };
    const right = {
      architecture: 'arm64',
      variant: 'v8',
      os: 'linux',
      created: '2025-01-01T00:00:00Z',
      config: {
        Env: ['SAME=s', 'PATH=/usr/bin', 'A=1=3', 'NEW'],
        Entrypoint: ['/run', 'a', 'b'],
        User: '65532',
        WorkingDir: '/app',
        Labels: { version: '2', same: 's' },
        ExposedPorts: { '80/tcp': {}, '53/udp': {} },
        StopSignal: 'SIGQUIT',
        Healthcheck: { Interval: 3, Test: ['CMD', 'y'] },
      },
      history: [{}, {}, {}],
    };
    assert.deepEqual(differences(left, right), [
      'Cmd: ["x"] -> -',
      'Entrypoint: ["/run","a b"] -> ["/run","a","b"]',
      'Env.A: 1=2 -> 1=3',
      'Env.GONE: x -> -',
      'Env.NEW: - -> ',
      'Env.PATH: /bin -> /usr/bin',
      'ExposedPorts.443/tcp: {} -> -',
      'ExposedPorts.53/udp: - -> {}',
      'Healthcheck: {"Interval":3,"Test":["CMD","x"]} -> {"Interval":3,"Test":["CMD","y"]}',
      'Labels.empty:  -> -',
      'Labels.version: 1 -> 2',
      'StopSignal: SIGTERM -> SIGQUIT',
      'User: root -> 65532',
      'Volumes./data: {} -> -',
      'WorkingDir: / -> /app',
      'architecture: amd64 -> arm64',
      'author: A -> -',
      'created: 2024-01-01T00:00:00Z -> 2025-01-01T00:00:00Z',
      'history.length: 2 -> 3',
      'variant: - -> v8',
    ]);
  });

  const same: readonly (readonly [string, object | string, object | string])[] = [
    ['the order of members', '{"config":{"H":{"a":1,"b":2}}}', '{"config":{"H":{"b":2,"a":1}}}'],
    ['the order of variables', { config: { Env: ['A=1', 'B=2'] } }, { config: { Env: ['B=2', 'A=1'] } }],
    ['what is empty', { config: { User: '', Cmd: null, Volumes: {}, OnBuild: [] } }, { config: {} }],
    ['a variable that is set again', { config: { Env: ['A=1', 'A=2'] } }, { config: { Env: ['A=2'] } }],
    ['what builders leave behind', { docker_version: '1', container_config: { Cmd: ['x'] }, id: 'a' }, {}],
    ['layers', { rootfs: { diff_ids: ['a'] } }, { rootfs: { diff_ids: ['b'] } }],
  ];
  for (const [what, left, right] of same) {
    it(`does not count ${what}`, () => assert.deepEqual(differences(left, right), []));
  }

  it('takes everything of one side for absent where there is no config', () => {
    const found = compareConfig(undefined, configOf({ os: 'linux', config: { Labels: { a: 'b' } } }));
    assert.deepEqual(found, [
      { name: 'Labels.a', before: null, after: 'b' },
      { name: 'os', before: null, after: 'linux' },
    ]);
    assert.deepEqual(compareConfig(undefined, undefined), []);
  });

  it('shows members that do not fit their type, and names of prototypes, as they are', () => {
    const left = '{"config":{"Env":{"A":"1"},"Labels":["x"],"__proto__":1,"ExposedPorts":7}}';
    const right = '{"config":{"Env":[1,"constructor=2"],"Labels":{"__proto__":"x","n":3}}}';
    assert.deepEqual(differences(left, right), [
      'Env: {"A":"1"} -> -',
      'Env.constructor: - -> 2',
      'ExposedPorts: 7 -> -',
      'Labels: ["x"] -> -',
      'Labels.__proto__: - -> x',
      'Labels.n: - -> 3',
      '__proto__: 1 -> -',
    ]);
  });

  it('is not brought down by nesting', () => {
    const deep = `{"config":{"X":${'['.repeat(200_000)}${']'.repeat(200_000)}}}`;
    const [found] = compareConfig(configOf('{}'), configOf(deep));
    assert.equal(found?.after, `${'['.repeat(65)}…${']'.repeat(65)}`);
  });
});
