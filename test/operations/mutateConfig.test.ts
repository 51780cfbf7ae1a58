import assert from 'node:assert/strict';
import type { ConfigChanges } from '../../src/api.ts';
import { mutateConfig } from '../../src/operations/mutateConfig.ts';

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
  ];
  for (const changes of bad) {
    it(`refuses ${JSON.stringify(changes)}`, () => {
      assert.throws(() => mutateConfig(base, changes), { code: 'invalid-reference' });
    });
  }

  it('shows no value of a variable in the error', () => {
    assert.throws(() => mutateConfig(base, { env: ['s3cret'] }), {
      message: 'the env cannot be set: write it as NAME=value.',
    });
  });
});
