import assert from 'node:assert/strict';
import { type PlainCommand, plainCommand } from '../../../../src/containerize/recipes/node/commandWords.ts';
import { majorFor } from '../../../../src/containerize/recipes/node/nodeVersions.ts';
import { packageJson } from '../../../../src/containerize/recipes/node/packageJson.ts';
import {
  cleanPath,
  isDevServer,
  needsShell,
  nodeScript,
} from '../../../../src/containerize/recipes/node/startCommand.ts';

describe('plainCommand', () => {
  const cases: readonly (readonly [text: string, command: PlainCommand | undefined])[] = [
    ['node x.js', { env: [], words: ['node', 'x.js'] }],
    ['  node   x.js\t-a ', { env: [], words: ['node', 'x.js', '-a'] }],
    [`A=1 B='x y' node "a b.js"`, { env: ['A=1', 'B=x y'], words: ['node', 'a b.js'] }],
    ['cross-env A=1 node x', { env: ['A=1'], words: ['node', 'x'] }],
    [`node --title='a'"b"c`, { env: [], words: ['node', '--title=abc'] }],
    [`x ''`, { env: [], words: ['x', ''] }],
    ['A=1', undefined],
    ['', undefined],
    ['node x.js && y', undefined],
    ['node $X', undefined],
    ['node "$X"', undefined],
    [`node '$X'`, { env: [], words: ['node', '$X'] }],
    ['node `x`', undefined],
    ['node x | y', undefined],
    ['node x > y', undefined],
    ['node *.js', undefined],
    ['node ~/x', undefined],
    ['node "x', undefined],
    ['node x\\ y', undefined],
    ['node x\ny', undefined],
    ['node \0', undefined],
    ['x'.repeat(5000), undefined],
  ];
  for (const [text, command] of cases) {
    it(`reads ${JSON.stringify(text.slice(0, 40))}`, () => assert.deepEqual(plainCommand(text), command));
  }
});

describe('nodeScript', () => {
  const cases: readonly (readonly [start: string, file: string | undefined, args: readonly string[] | undefined])[] = [
    ['node x.js', 'x.js', ['x.js']],
    ['node --import ./a.mjs -r b x.js --c', 'x.js', ['--import', './a.mjs', '-r', 'b', 'x.js', '--c']],
    ['node --enable-source-maps=x x.js', 'x.js', ['--enable-source-maps=x', 'x.js']],
    ['node -e 1', undefined, ['-e', '1']],
    ['node', undefined, undefined],
    ['nodemon x.js', undefined, undefined],
    ['node a; node b', undefined, undefined],
  ];
  for (const [start, file, args] of cases) {
    it(`reads ${start}`, () => {
      const found = nodeScript(packageJson({ scripts: { start } }));
      assert.deepEqual([found?.file, found?.args], [file, args]);
    });
  }

  it('tells scripts that need a shell and servers for development', () => {
    const of = (start: string): readonly boolean[] => {
      const json = packageJson({ scripts: { start } });
      return [needsShell(json), isDevServer(json)];
    };
    assert.deepEqual(of('node x'), [false, false]);
    assert.deepEqual(of('node x && y'), [true, false]);
    assert.deepEqual(of('yarn serve'), [true, false]);
    assert.deepEqual(of('PORT=1 react-scripts start'), [false, true]);
  });
});

describe('cleanPath', () => {
  const cases: readonly (readonly [text: string, path: string | undefined])[] = [
    ['./dist//x.js', 'dist/x.js'],
    ['dist\\x.js', 'dist/x.js'],
    ['x/', 'x'],
    ['.', undefined],
    ['', undefined],
    ['/etc/passwd', undefined],
    ['C:\\x', undefined],
    ['a/../../x', undefined],
    ['a\0', undefined],
  ];
  for (const [text, expected] of cases) it(JSON.stringify(text), () => assert.equal(cleanPath(text), expected));
});

describe('majorFor', () => {
  const cases: readonly (readonly [range: string, major: number])[] = [
    ['*', 22],
    ['', 22],
    ['>=18', 22],
    ['>= 18.0.0', 22],
    ['>=18 <22', 20],
    ['>=18 <=22', 22],
    ['>22', 24],
    ['>22.1', 22],
    ['>=23', 24],
    ['>=26', 26],
    ['>24', 26],
    ['>=24.9 <25 || >=26.1', 24],
    ['^20.1', 20],
    ['~22.3.0', 22],
    ['24', 24],
    ['24.x', 24],
    ['v20.11.1', 20],
    ['18 || 20', 20],
    ['18 - 20', 20],
    ['18.x', 18],
    ['^16.13 || ^18', 18],
    ['<20.5', 20],
    ['<20', 19],
    ['20 21', 22],
    ['lts/*', 22],
    ['what', 22],
    ['>=1 '.repeat(100_000), 22],
    ['<'.repeat(100_000), 22],
  ];
  for (const [range, major] of cases) {
    it(`${range.slice(0, 30)} is ${major}`, () => assert.equal(majorFor(range), major));
  }
});
