import assert from 'node:assert/strict';
import { publicUrl, sourceAnnotations } from '../../src/containerize/annotations.ts';

describe('publicUrl', () => {
  const cases: Readonly<Record<string, string | undefined>> = {
    'https://github.com/team/app.git': 'https://github.com/team/app',
    'https://anna:token@github.com/team/app.git?x=1#y': 'https://github.com/team/app',
    'https://git.example.com:8443/team/app/': 'https://git.example.com:8443/team/app',
    'http://git.example.com/app': 'http://git.example.com/app',
    'git@github.com:team/app.git': 'https://github.com/team/app',
    'github.com:team/app': 'https://github.com/team/app',
    'ssh://git@git.example.com:2222/team/app.git': 'https://git.example.com/team/app',
    'git+ssh://git@git.example.com/team/app': 'https://git.example.com/team/app',
    'git://git.example.com/team/app.git': 'https://git.example.com/team/app',
    'file:///home/anna/app': undefined,
    '/home/anna/app': undefined,
    '../app': undefined,
    'C:\\Users\\anna\\app': undefined,
    'C:/Users/anna/app': undefined,
    'https://': undefined,
    'https://github.com': undefined,
    'javascript://x/y': undefined,
    'https://github.com/team/app\nX: y': undefined,
    '': undefined,
    [`https://x.io/${'a'.repeat(5000)}`]: undefined,
  };
  for (const [remote, expected] of Object.entries(cases)) {
    it(`${JSON.stringify(remote.slice(0, 60))}: ${String(expected)}`, () => assert.equal(publicUrl(remote), expected));
  }
});

describe('sourceAnnotations', () => {
  it('says what is known, and nothing else', () => {
    assert.deepEqual(
      sourceAnnotations({
        git: { commit: 'a'.repeat(40), remote: 'git@github.com:team/app.git', tag: 'v1.2.3' },
        created: '2024-05-06T07:08:09Z',
        base: { reference: 'docker.io/library/debian:12', digest: 'sha256:abc' },
      }),
      {
        'org.opencontainers.image.created': '2024-05-06T07:08:09Z',
        'org.opencontainers.image.source': 'https://github.com/team/app',
        'org.opencontainers.image.revision': 'a'.repeat(40),
        'org.opencontainers.image.version': 'v1.2.3',
        'org.opencontainers.image.base.name': 'docker.io/library/debian:12',
        'org.opencontainers.image.base.digest': 'sha256:abc',
      },
    );
    assert.deepEqual(sourceAnnotations({ git: { remote: '/home/anna/app' } }), {});
    assert.deepEqual(sourceAnnotations({}), {});
  });
});
