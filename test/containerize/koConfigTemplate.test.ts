import assert from 'node:assert/strict';
import { expandTemplate, type TemplateValues } from '../../src/containerize/koConfigTemplate.ts';

const commit = '0123456789abcdef0123456789abcdef01234567';
const values: TemplateValues = {
  env: { VERSION: '1.2', EMPTY: '' },
  goEnv: { GOARCH: 'arm64' },
  seconds: 1_700_000_000,
  git: { commit, branch: 'main', tags: ['v1.0.0', 'v1.1.0'], commitTimestamp: 1_600_000_000, isDirty: true },
};
const at = (text: string) => ({ text, line: 3, column: 5 });

describe('expandTemplate', () => {
  for (const [text, expanded] of [
    ['-s -w', '-s -w'],
    ['-X main.v={{.Env.VERSION}}', '-X main.v=1.2'],
    ['{{ .Env.VERSION }}-{{.GoEnv.GOARCH}}', '1.2-arm64'],
    ['{{.Env.EMPTY}}|{{.Env.LDFLAGS}}|', '||'],
    ['{{.Date}} {{.Timestamp}}', '2023-11-14T22:13:20Z 1700000000'],
    ['{{.Git.FullCommit}} {{.Git.ShortCommit}}', `${commit} 0123456`],
    ['{{.Git.Branch}} {{.Git.Tag}}', 'main v1.1.0'],
    ['{{.Git.CommitDate}} {{.Git.CommitTimestamp}}', '2020-09-13T12:26:40Z 1600000000'],
    ['{{.Git.IsDirty}} {{.Git.IsClean}} {{.Git.TreeState}}', 'true false dirty'],
    ['}} { }', '}} { }'],
  ] as const) {
    it(`expands ${text}`, () => assert.equal(expandTemplate(at(text), values, '.ko.yaml'), expanded));
  }

  for (const [text, message] of [
    ['{{index .Env "A"}}', /"\{\{index \.Env \\"A\\"\}\}": only variables such as/],
    ['{{if .Git.IsDirty}}x{{end}}', /only variables/],
    ['{{.Env.VERSION | upper}}', /only variables/],
    ['{{.Env.A.B}}', /only variables/],
    ['a {{.Date', /"\{\{\.Date": it has no \}\} at its end/],
    ['{{.Env.SECRET}}', /the environment variable SECRET is not set/],
    ['{{.Env.constructor}}', /constructor is not set/],
    ['{{.GoEnv.GOVERSION}}', /of the variables of go env only/],
    ['{{.Nothing}}', /there is no such variable/],
    ['{{.Git.Nothing}}', /Nothing is not known here/],
  ] as const) {
    it(`refuses ${text} at its line`, () => {
      assert.throws(
        () => expandTemplate(at(text), values, '.ko.yaml'),
        (error) => {
          assert.ok(error instanceof Error && message.test(error.message), String(error));
          const { code, problems } = error as unknown as {
            code: unknown;
            problems: readonly { line: unknown; column: unknown }[];
          };
          assert.deepEqual([code, problems[0]?.line, problems[0]?.column], ['invalid-spec', 3, 5]);
          return true;
        },
      );
    });
  }

  it('says why nothing is known of git', () => {
    const git = { problem: 'the folder is in no git repository' };
    assert.throws(() => expandTemplate(at('{{.Git.Tag}}'), { ...values, git }, '.ko.yaml'), {
      message: '".ko.yaml", line 3: "{{.Git.Tag}}": there is no commit to tell of: the folder is in no git repository.',
    });
    const unknown = { commit, tags: [] };
    for (const name of ['Tag', 'IsDirty', 'IsClean', 'TreeState', 'CommitDate', 'CommitTimestamp']) {
      assert.throws(() => expandTemplate(at(`{{.Git.${name}}}`), { ...values, git: unknown }, '.ko.yaml'), {
        code: 'invalid-spec',
      });
    }
  });

  it('takes no long time for a long text', () => {
    const began = performance.now();
    for (const text of ['{{'.repeat(5000), '{{ '.repeat(3000) + '}}', '{{.Env.VERSION}}'.repeat(600)]) {
      try {
        expandTemplate(at(text), values, 'x');
      } catch (error) {
        assert.ok(error instanceof Error);
      }
    }
    assert.ok(performance.now() - began < 1000);
  });
});
