import assert from 'node:assert/strict';
import type { ConfigChanges } from '../../src/api.ts';
import { isStopSignal, mutateConfig } from '../../src/operations/mutateConfig.ts';

const base = {
  User: 'app',
  Env: ['PATH=/bin', 'A=1', 'AB=2'],
  Entrypoint: ['/entry'],
  Cmd: ['serve'],
  Labels: { kept: 'yes', version: '1' },
  ExposedPorts: { '80/tcp': {} },
  WorkingDir: '/srv',
  Healthcheck: { Test: ['CMD', 'true'] },
};

describe('mutateConfig', () => {
  it('changes nothing where nothing is asked for', () => assert.deepEqual(mutateConfig(base, {}), base));

  const cases: readonly (readonly [string, ConfigChanges, object])[] = [
    [
      'clears the command where the entry point changes',
      { entrypoint: ['/new', '-v'] },
      { Entrypoint: ['/new', '-v'], Cmd: undefined },
    ],
    [
      'keeps a command that is given with the entry point',
      { entrypoint: ['/new'], cmd: ['run'] },
      { Entrypoint: ['/new'], Cmd: ['run'] },
    ],
    ['keeps the entry point where only the command changes', { cmd: ['run'] }, { Cmd: ['run'] }],
    ['takes the entry point away', { entrypoint: [] }, { Entrypoint: null, Cmd: undefined }],
    [
      'replaces a variable by its name, in its place',
      { env: ['A=9', 'NEW=x=y', 'NEW=z'] },
      { Env: ['PATH=/bin', 'A=9', 'AB=2', 'NEW=z'] },
    ],
    ['adds a folder to the end of PATH, once', { path: ['/app', '/bin'] }, { Env: ['PATH=/bin:/app', 'A=1', 'AB=2'] }],
    [
      'adds it to a PATH that is new too',
      { env: ['PATH=/x'], path: ['/app'] },
      { Env: ['PATH=/x:/app', 'A=1', 'AB=2'] },
    ],
    ['sets a variable to nothing', { env: ['A='] }, { Env: ['PATH=/bin', 'A=', 'AB=2'] }],
    [
      'adds labels over those there are',
      { labels: { version: '2', more: 'x' } },
      { Labels: { kept: 'yes', version: '2', more: 'x' } },
    ],
    [
      'adds ports, tcp where it is not said',
      { ports: ['8080', '53/udp', '80'] },
      { ExposedPorts: { '80/tcp': {}, '8080/tcp': {}, '53/udp': {} } },
    ],
    [
      'adds a range of ports',
      { ports: ['2000-2002/udp'] },
      { ExposedPorts: { '80/tcp': {}, '2000/udp': {}, '2001/udp': {}, '2002/udp': {} } },
    ],
    [
      'adds volumes, and sets signal and shell',
      { volumes: ['/data', '/a b'], stopSignal: 'SIGRTMIN+3', shell: ['/bin/bash', '-c'] },
      { Volumes: { '/data': {}, '/a b': {} }, StopSignal: 'SIGRTMIN+3', Shell: ['/bin/bash', '-c'] },
    ],
    [
      'sets a health check in the form of docker, without what is 0',
      {
        healthcheck: {
          test: ['CMD', 'x'],
          interval: 5e9,
          timeout: 0,
          startPeriod: 1e9,
          startInterval: 2e9,
          retries: 3,
        },
      },
      { Healthcheck: { Test: ['CMD', 'x'], Interval: 5e9, StartPeriod: 1e9, StartInterval: 2e9, Retries: 3 } },
    ],
    ['switches the health check off', { healthcheck: { test: ['NONE'] } }, { Healthcheck: { Test: ['NONE'] } }],
    ['takes the health check away', { healthcheck: null }, { Healthcheck: undefined }],
    ['takes the shell away', { shell: [] }, { Shell: null }],
    ['leaves the author to the config above', { author: 'me' }, {}],
    ['sets user and folder', { user: '1000:1000', workdir: '/app' }, { User: '1000:1000', WorkingDir: '/app' }],
  ];
  for (const [name, changes, expected] of cases) {
    it(name, () => {
      assert.deepEqual(
        JSON.parse(JSON.stringify(mutateConfig(base, changes))),
        JSON.parse(JSON.stringify({ ...base, ...expected })),
      );
    });
  }

  it('sets what processes see of a variable that the base has twice: the last', () => {
    const twice = { Env: ['PATH=/old', 'A=1', 'PATH=/bin', 'A=2'] };
    const changed = mutateConfig(twice, { env: ['A=9'], path: ['/app'] });
    assert.deepEqual(changed, { Env: ['PATH=/old', 'A=1', 'PATH=/bin:/app', 'A=9'] });
  });

  it('145: takes a base config that is not one for empty', () => {
    const odd = { Env: 'A=1', Labels: ['x'], ExposedPorts: ['80'] };
    const changes = { env: ['B=2'], labels: { a: 'b' }, ports: ['1'] };
    const expected = { Env: ['B=2'], Labels: { a: 'b' }, ExposedPorts: { '1/tcp': {} } };
    assert.equal(JSON.stringify(mutateConfig(odd, changes)), JSON.stringify(expected));
    assert.deepEqual(mutateConfig(null, {}), {});
  });

  it('137: keeps labels with names of object members as data', () => {
    const labels = JSON.parse('{"__proto__": "x", "constructor": "y"}') as Record<string, string>;
    const changed = JSON.stringify(mutateConfig({ Labels: labels }, { labels: { toString: 'z' } }));
    assert.equal(changed, '{"Labels":{"__proto__":"x","constructor":"y","toString":"z"}}');
  });

  const bad: readonly ConfigChanges[] = [
    { path: ['app'] },
    { path: ['/a:/b'] },
    { env: ['A'] },
    { env: ['=1'] },
    { env: [''] },
    { ports: ['0'] },
    { ports: ['65536'] },
    { ports: ['80/http'] },
    { ports: ['9-8'] },
    { ports: ['x'] },
    { workdir: 'app' },
    { workdir: '' },
    { ports: ['1-65535', '1-65535/udp'] },
    { volumes: ['data'] },
    { volumes: ['/a\0b'] },
    { stopSignal: '' },
    { stopSignal: '0' },
    { stopSignal: '65' },
    { stopSignal: 'SIGNOPE' },
    { stopSignal: 'SIGRTMIN+16' },
    { stopSignal: 'SIGTERM\n' },
    { healthcheck: { test: [] } },
    { healthcheck: { test: ['CMD'] } },
    { healthcheck: { test: ['NONE', 'x'] } },
    { healthcheck: { test: ['CMD-SHELL', 'a', 'b'] } },
    { healthcheck: { test: ['x'] } },
    { healthcheck: { test: ['NONE'], interval: -1 } },
    { healthcheck: { test: ['NONE'], retries: 1.5 } },
  ];
  for (const changes of bad) {
    it(`refuses ${JSON.stringify(changes)}`, () => {
      assert.throws(() => mutateConfig(base, changes), { code: 'invalid-reference' });
    });
  }

  const signals = ['SIGTERM', 'term', 'SIGUSR1', 'RTMAX-14', 'SIGRTMIN', '1', '64'];
  for (const name of signals) it(`takes ${name} for a signal`, () => assert.ok(isStopSignal(name)));

  it('shows no value of a variable in the error', () => {
    assert.throws(() => mutateConfig(base, { env: ['s3cret'] }), {
      message: 'the env cannot be set: write it as NAME=value.',
    });
  });
});
