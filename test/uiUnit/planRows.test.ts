import assert from 'node:assert/strict';
import type { ContainerizeOptions, ContainerizeResult } from '../../src/api.ts';
import { fails, plannedWords, planSections } from '../../src/ui/planRows.ts';

const digest = `sha256:${'0123456789ab'.padEnd(64, '0')}`;

const plan: ContainerizeResult = {
  digest,
  target: 'r.example/team/app:1',
  tags: ['latest'],
  layers: [
    { name: 'program', digest, diffId: digest, size: 2048, reused: false, entries: 1, platform: 'linux/arm64' },
    { name: 'files', digest, diffId: digest, size: 10, reused: true, entries: 3 },
  ],
  bytesTransferred: 2048,
  base: { reference: 'r.example/base:1', digest },
  platforms: ['linux/amd64', 'linux/arm64'],
  missingPlatforms: ['linux/s390x'],
  config: [
    { member: 'Entrypoint', before: null, after: '["/app/server","--name","two words"]' },
    { member: 'Cmd', before: '["bash"]', after: null },
    { member: 'Env PATH', before: '/bin', after: '/usr/bin' },
    { member: 'Env OLD', before: '1', after: null },
    { member: 'ExposedPorts 8080/tcp', before: null, after: '{}' },
  ],
  warnings: [
    { code: 'note', text: 'Something to know.' },
    { code: 'secret-left-out', text: 'A file looks like a secret.', paths: ['a', 'b', 'c', 'd'] },
  ],
  preflight: [
    {
      platform: 'linux/amd64',
      program: '/app/server',
      verdict: 'fails',
      reasons: [
        { code: 'no-time-zones', effect: 'note', text: 'No time zones.' },
        { code: 'no-interpreter', effect: 'fails', text: 'There is no loader.', fix: 'Choose another base.' },
      ],
    },
    { platform: 'linux/arm64', program: '/app/server', verdict: 'runs', reasons: [] },
  ],
  builds: [],
  annotations: {},
  attached: [],
};

function shown(result: ContainerizeResult, options: ContainerizeOptions = {}): Readonly<Record<string, string[]>> {
  return Object.fromEntries(
    planSections(result, options).map(({ title, rows }) => [
      title,
      rows.map(({ label, description, detail }) => [label, description, detail].filter(Boolean).join(' | ')),
    ]),
  );
}

describe('planSections', () => {
  it('says first whether the image will run, then what to know, then what it is', () => {
    assert.deepEqual(shown(plan), {
      'Will it run?': [
        '/app/server: will not run | linux/amd64 | There is no loader. Choose another base.',
        '/app/server: will run | linux/arm64',
      ],
      Warnings: [
        'Something to know.',
        'Leaves out what looks like a secret | a b c | Enter lets it in. A file looks like a secret.',
      ],
      Image: [
        'Base | r.example/base:1',
        'Target | r.example/team/app:1, latest',
        'Platforms | linux/amd64, linux/arm64 (left out: linux/s390x)',
        'Entrypoint | /app/server --name "two words"',
        'Arguments | none',
        "User | the base's",
        'Environment | PATH',
        'Ports | 8080/tcp',
      ],
      Layers: [
        'program | 2.0 KiB · 1 item · linux/arm64 · to upload · sha256:0123456789ab',
        'files | 10 B · 3 items · there already · sha256:0123456789ab',
      ],
      Config: [
        'Cmd | ["bash"] → removed',
        'Env PATH | /bin → /usr/bin',
        'Env OLD | 1 → removed',
        'ExposedPorts 8080/tcp | {}',
      ],
    });
  });

  it('says none where there is no base to have anything', () => {
    const { Image = [] } = shown({ ...plan, base: { reference: 'scratch', digest: null }, config: [] });
    assert.deepEqual(Image.slice(3), [
      'Entrypoint | none',
      'Arguments | none',
      'User | none: it runs as root',
      'Environment | none',
      'Ports | none',
    ]);
  });

  it('shows which folders stand for stages', () => {
    const { Image = [] } = shown(plan, { stages: { build: '/w/out' } });
    assert.equal(Image.at(-1), 'COPY --from=build | /w/out');
  });
});

describe('fails', () => {
  it('is true where one platform fails', () => {
    assert.equal(fails(plan), true);
    assert.equal(fails({ ...plan, preflight: plan.preflight.slice(1) }), false);
  });
});

describe('plannedWords', () => {
  it('reads a command, and leaves what the base has', () => {
    assert.deepEqual(plannedWords(plan, 'entrypoint'), ['/app/server', '--name', 'two words']);
    assert.deepEqual(plannedWords(plan, 'cmd'), []);
    assert.equal(plannedWords({ ...plan, config: [] }, 'cmd'), undefined);
    assert.equal(plannedWords(plan, 'env'), undefined);
    const odd = { ...plan, config: [{ member: 'Cmd', before: null, after: 'not JSON' }] };
    assert.deepEqual(plannedWords(odd, 'cmd'), ['not JSON']);
  });
});
