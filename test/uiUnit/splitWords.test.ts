import assert from 'node:assert/strict';
import { joinWords, shortCommand, splitWords } from '../../src/ui/splitWords.ts';

describe('splitWords', () => {
  const lines: readonly (readonly [string, readonly string[]])[] = [
    ['', []],
    ['  ', []],
    ['/app/server', ['/app/server']],
    ['/app/server --port 8080', ['/app/server', '--port', '8080']],
    ['sh -c "echo $HOME; exit 1"', ['sh', '-c', 'echo $HOME; exit 1']],
    [`GREETING='good day' A=1`, ['GREETING=good day', 'A=1']],
    [`NAME="a \\"b\\" \\\\ c"`, ['NAME=a "b" \\ c']],
    [`'it''s'`, ['its']],
    [`"it's"`, [`it's`]],
    ['""', ['']],
    ['a\\b', ['a\\b']],
    ['half "open quote', ['half', '"open', 'quote']],
    ["it's", ["it's"]],
  ];
  for (const [line, words] of lines) {
    it(`takes ${JSON.stringify(line)} for ${JSON.stringify(words)}`, () => {
      assert.deepEqual(splitWords(line), words);
    });
  }

  it('takes a line of a hundred thousand quotes at once', () => {
    const before = performance.now();
    splitWords('"'.repeat(100_001));
    splitWords(`${`"'`.repeat(50_000)}\\`);
    assert.ok(performance.now() - before < 2000);
  });
});

describe('joinWords', () => {
  it('writes words so that they are read as the same words', () => {
    const words = [
      '/app/server',
      '',
      'two words',
      'a"b',
      "it's",
      'C:\\temp dir',
      'C:\\temp',
      '\\',
      'a\nb',
      '$HOME',
      '"',
    ];
    assert.deepEqual(splitWords(joinWords(words)), words);
    assert.equal(joinWords(['/app/server', '--name', 'two words']), '/app/server --name "two words"');
  });
});

describe('shortCommand', () => {
  const commands: readonly (readonly [string, string])[] = [
    ['npm run build', 'npm run build'],
    ['go build -o /home/me/.cache/builds/amd64/hello ./cmd/hello', 'go build -o …/hello ./cmd/hello'],
    ['OUT=/a/b/c make', 'OUT=…/c make'],
    ["sh '/a b/c d'", "sh '/a b/c d'"],
    [String.raw`C:\tools\go.exe build`, '…/go.exe build'],
    ['ls /', 'ls /'],
    ['ls /tmp', 'ls /tmp'],
  ];
  for (const [command, short] of commands) {
    it(`shows ${command} as ${short}`, () => {
      assert.equal(shortCommand(command), short);
    });
  }
});
