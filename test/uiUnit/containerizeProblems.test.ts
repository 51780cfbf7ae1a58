import assert from 'node:assert/strict';
import type { BinaryDescription } from '../../src/api.ts';
import { problemOf } from '../../src/ui/containerizeProblems.ts';

function binary(file: string, more: Partial<BinaryDescription> = {}): BinaryDescription {
  const what = { format: 'elf', kind: 'program', platforms: ['linux/amd64'], summary: 'A program.' } as const;
  return { file: `/w/${file}`, size: 1, tools: [], problems: [], ...what, ...more };
}

describe('problemOf', () => {
  const script = binary('run.sh', { format: 'script', platforms: [] });
  const windows = binary('app.exe', { format: 'pe', advice: 'Build it with GOOS=linux.' });
  const several = 'Several files become one image where they are one program, built once for each platform.';
  const cases: readonly (readonly [string, readonly BinaryDescription[], string | undefined, boolean?])[] = [
    ['a program', [binary('app')], undefined],
    ['a script', [script], undefined],
    [
      'a text',
      [binary('a.txt', { format: 'text', kind: 'other', summary: 'A text.' })],
      'a.txt cannot be started by Linux. A text.',
      false,
    ],
    [
      'a program for Windows',
      [windows],
      'app.exe cannot be started by Linux. A program. Build it with GOOS=linux.',
      true,
    ],
    ['one program for each platform', [binary('a'), binary('b', { platforms: ['linux/arm64'] })], undefined],
    ['two for one platform', [binary('a'), binary('b')], `${several} a and b are both for linux/amd64.`, true],
    ['one that is no program', [binary('a'), windows], `${several} app.exe is no program for Linux.`, true],
    [
      'one for every platform last',
      [binary('a'), script],
      `${several} a and run.sh are both for every platform.`,
      true,
    ],
    ['one for every platform first', [script, binary('a')], `${several} run.sh and a are both for linux/amd64.`, true],
    ['two for every platform', [script, script], `${several} run.sh and run.sh are both for every platform.`, true],
  ];
  for (const [what, all, text, isFatal] of cases) {
    it(`${text === undefined ? 'takes' : 'says why not'}: ${what}`, () => {
      assert.deepEqual(problemOf(all), text === undefined ? undefined : { text, isFatal });
    });
  }
});
