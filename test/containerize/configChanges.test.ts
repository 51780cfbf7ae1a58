import assert from 'node:assert/strict';
import { configChanges } from '../../src/containerize/configChanges.ts';

const table: readonly (readonly [
  what: string,
  before: unknown,
  after: unknown,
  rows: readonly (readonly [member: string, before: string | null, after: string | null])[],
])[] = [
  ['nothing', { User: 'a', Env: ['A=1'] }, { User: 'a', Env: ['A=1'] }, []],
  [
    'members that come, go and change',
    { User: 'a', Cmd: ['x'] },
    { User: 'b', WorkingDir: '/w' },
    [
      ['Cmd', '["x"]', null],
      ['User', 'a', 'b'],
      ['WorkingDir', null, '/w'],
    ],
  ],
  [
    'variables one by one, with and without a value',
    { Env: ['A=1', 'FOO', 'B=x=y'] },
    { Env: ['A=2', 'B=x=y'] },
    [
      ['Env A', '1', '2'],
      ['Env FOO', '', null],
    ],
  ],
  [
    'labels, ports and volumes one by one',
    { Labels: { a: '1' }, ExposedPorts: { '80/tcp': {} } },
    {
      Labels: { a: '2' },
      ExposedPorts: { '80/tcp': {}, '81/tcp': {} },
      Volumes: { '/v': {} },
    },
    [
      ['ExposedPorts 81/tcp', null, '81/tcp'],
      ['Label a', '1', '2'],
      ['Volumes /v', null, '/v'],
    ],
  ],
  ['what is empty is not there', { User: '', Env: null }, {}, []],
  ['what is no config', 7, { User: 'a' }, [['User', null, 'a']]],
];

describe('configChanges', () => {
  for (const [what, before, after, rows] of table) {
    it(`tells ${what}`, () => {
      const expected = rows.map(([member, old, now]) => ({ member, before: old, after: now }));
      assert.deepEqual(configChanges(before, after), expected);
    });
  }
});
