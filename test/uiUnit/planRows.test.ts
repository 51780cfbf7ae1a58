import assert from 'node:assert/strict';
import type { ConfigChanges, ContainerizeOptions, ContainerizeResult } from '../../src/api.ts';
import { changedConfig, type ConfigSetting } from '../../src/ui/planConfig.ts';
import { fails, plannedUser, plannedWords, planSections } from '../../src/ui/planRows.ts';

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

  it('offers to leave out only the files that the person let in: no change of secrets takes away what a spec lets in', () => {
    const included = { code: 'secret-included' as const, text: 'A file looks like a secret.' };
    const edits = (warnings: ContainerizeResult['warnings'], options: ContainerizeOptions = {}): unknown =>
      planSections({ ...plan, warnings, preflight: [] }, options)[0]?.rows.map((row) => [row.label, row.edits]);
    const files = { ...included, paths: ['.env'] };
    assert.deepEqual(edits([files], { secrets: true }), [['Lets in what looks like a secret', 'secrets']]);
    assert.deepEqual(edits([files]), [[included.text, undefined]]);
    const variable = { ...included, text: 'The value of the environment variable API_TOKEN goes into the image.' };
    assert.deepEqual(edits([variable]), [[variable.text, undefined]]);
    assert.deepEqual(edits([variable], { secrets: true }), [[variable.text, undefined]]);
  });

  it('shows which folders stand for stages', () => {
    const { Image = [] } = shown(plan, { stages: { build: '/w/out' } });
    assert.equal(Image.at(-1), 'COPY --from=build | /w/out');
  });
});

describe('plannedUser', () => {
  const withUser = { ...plan, config: [{ member: 'User', before: null, after: '65532' }] };

  it('is what the person said, else what the plan changes, and nothing where the base decides', () => {
    assert.equal(plannedUser(withUser, { config: { user: 'app' } }), 'app');
    assert.equal(plannedUser(withUser, {}), '65532');
    assert.equal(plannedUser(plan, {}), undefined);
  });
});

describe('changedConfig', () => {
  const lines: readonly (readonly [ConfigSetting, string, ConfigChanges | undefined])[] = [
    // Enter on a line as it was.
    ['entrypoint', '/app/server --name "two words"', undefined],
    ['cmd', '', undefined],
    ['user', ' ', undefined],
    ['env', '', undefined],
    ['user', '65532', { labels: { a: 'b' }, user: '65532' }],
    ['cmd', '--port "80 80"', { labels: { a: 'b' }, cmd: ['--port', '80 80'] }],
    ['entrypoint', '', { labels: { a: 'b' }, entrypoint: [] }],
  ];
  for (const [setting, line, config] of lines) {
    it(`takes ${JSON.stringify(line)} as ${setting} for ${config === undefined ? 'no change' : 'a change'}`, () => {
      assert.deepEqual(changedConfig(plan, { config: { labels: { a: 'b' } } }, setting, line), config);
    });
  }

  it('leaves the user to the base again where the line is emptied', () => {
    const options = { config: { user: 'app', labels: { a: 'b' } } };
    assert.deepEqual(changedConfig(plan, options, 'user', ''), { labels: { a: 'b' } });
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
