import assert from 'node:assert/strict';
import { nearest } from '../../../src/containerize/spec/nearest.ts';
import { parseTemplate, type TemplatePart } from '../../../src/containerize/spec/template.ts';
import { checkVariables, expandWith, variablesIn } from '../../../src/containerize/spec/variables.ts';

const text = (words: string): TemplatePart => ({ kind: 'text', text: words });
const variable = (name: string): TemplatePart => ({ kind: 'variable', name });

describe('parseTemplate', () => {
  const rows: readonly (readonly [string, readonly TemplatePart[] | RegExp])[] = [
    ['', []],
    ['plain $HOME $ $$ }', [text('plain $HOME $ $$ }')]],
    ['a:${git.tag}', [text('a:'), variable('git.tag')]],
    ['${env.HOME}/${var.x_1}', [variable('env.HOME'), text('/'), variable('var.x_1')]],
    ['$${HOME} is ${env.HOME}', [text('${HOME} is '), variable('env.HOME')]],
    ['$$${git.tag}', [text('$${git.tag}')]],
    ['${git.tag:-}', [{ kind: 'variable', name: 'git.tag', fallback: '' }]],
    ['${git.tag:-a:-b}', [{ kind: 'variable', name: 'git.tag', fallback: 'a:-b' }]],
    ['${git.sha}', /There are \$\{git\.commit\}, \$\{git\.shortCommit\}, .*\$\{git\.isDirty\}$/],
    ['${git.comit}', /Did you mean \$\{git\.commit\}\?/],
    ['${HOME}', /\$\{env\.HOME\} is that of this machine; write \$\$\{ for the text/],
    ['${date}', /every build would differ\. \$\{git\.commitTimestamp\}/],
    ['${}', /"\$\{\}" is no variable/],
    ['${env.}', /is no variable/],
    ['${__proto__}', /is no variable/],
    ['${constructor}', /is no variable/],
    ['${git.tag', /has no \} at its end/],
  ];
  for (const [written, expected] of rows) {
    it(`reads ${JSON.stringify(written)}`, () => {
      const parts = parseTemplate(written);
      if (expected instanceof RegExp) assert.match(typeof parts === 'string' ? parts : '', expected);
      else assert.deepEqual(parts, expected);
    });
  }

  it('takes time in proportion to the length', () => {
    const start = performance.now();
    parseTemplate('$'.repeat(200_000));
    parseTemplate('${git.tag'.repeat(20_000));
    parseTemplate('$${'.repeat(60_000));
    assert.ok(performance.now() - start < 2000);
  });
});

describe('expandWith', () => {
  const commit = '0123456789abcdef0123456789abcdef01234567';
  const values = {
    git: { commit, branch: 'main', tags: ['v1.9', 'v1.10'], commitTimestamp: 1700000000, isDirty: false },
    env: { USER: 'ada', EMPTY: '' },
    args: { version: '2' },
    folderName: 'shop',
    platform: 'linux/arm/v7',
  };
  const rows: readonly (readonly [string, string])[] = [
    ['${git.commit}', commit],
    ['${git.shortCommit}', '0123456789ab'],
    ['${git.branch}-${git.tag}', 'main-v1.10'],
    ['${git.commitTimestamp} ${git.isDirty}', '1700000000 false'],
    ['${env.USER}${env.EMPTY}', 'ada'],
    ['${env.NONE:-nobody} ${var.version} ${folder.name}', 'nobody 2 shop'],
    ['${platform.os}-${platform.arch}${platform.variant}', 'linux-armv7'],
    ['$${git.tag}', '${git.tag}'],
  ];
  for (const [written, expected] of rows) {
    it(`fills in ${written}`, () => {
      assert.deepEqual(expandWith(values)(written, { usesPlatform: true }), { text: expected });
    });
  }

  const missing: readonly (readonly [string, object, RegExp])[] = [
    ['${env.NONE}', {}, /set it in the environment/],
    ['${env.toString}', {}, /set it in the environment/],
    ['${var.none}', {}, /give it in args/],
    ['${git.tag}', { git: { commit, tags: [] } }, /no tag names the commit/],
    ['${git.branch}', { git: { commit, tags: [] } }, /no branch is checked out/],
    ['${git.commit}', { git: { problem: 'the folder is in no git repository' } }, /the folder is in no git repository/],
    ['${git.isDirty}', { git: { commit, tags: [] } }, /cannot be told from the files in \.git alone/],
  ];
  for (const [written, other, expected] of missing) {
    it(`says why ${written} has no value`, () => {
      const { text: filled, problem } = expandWith({ ...values, ...other })(written, { usesPlatform: false });
      assert.equal(filled, undefined);
      assert.match(problem ?? '', expected);
    });
  }

  it('refuses the platform where the image is the same on all', () => {
    assert.match(expandWith(values)('${platform.os}', { usesPlatform: false }).problem ?? '', /only in from and to/);
  });

  it('shows no value in a problem', () => {
    const { problem = '' } = expandWith({ ...values, env: { TOKEN: 'hunter2' } })('${env.TOKEN}${env.NONE}', {
      usesPlatform: false,
    });
    assert.doesNotMatch(problem, /hunter2/);
  });
});

describe('checkVariables', () => {
  it('leaves open what has variables, and checks their names', () => {
    assert.deepEqual(checkVariables('a', { usesPlatform: false }), { text: 'a' });
    assert.deepEqual(checkVariables('$${a}', { usesPlatform: false }), { text: '${a}' });
    assert.deepEqual(checkVariables('${git.tag}', { usesPlatform: false }), {});
    assert.match(checkVariables('${git.tga}', { usesPlatform: false }).problem ?? '', /Did you mean \$\{git\.tag\}/);
  });
});

describe('variablesIn', () => {
  it('names them', () => assert.deepEqual(variablesIn('${git.tag} $${env.A} ${env.B}'), ['git.tag', 'env.B']));
  it('names none of a text that cannot be read', () => assert.deepEqual(variablesIn('${git.tag} ${x}'), []));
});

describe('nearest', () => {
  const names = ['entrypoint', 'env', 'cmd', 'labels', 'platforms'];
  const rows: readonly (readonly [string, string | undefined])[] = [
    ['entryPoint', 'entrypoint'],
    ['entrypiont', 'entrypoint'],
    ['envs', 'env'],
    ['platform', 'platforms'],
    ['CMD', 'cmd'],
    ['nothing', undefined],
    ['', undefined],
    ['x'.repeat(100_000), undefined],
  ];
  for (const [written, expected] of rows) {
    it(`finds ${expected ?? 'nothing'} for ${written.slice(0, 20)}`, () =>
      assert.equal(nearest(written, names), expected));
  }
});
