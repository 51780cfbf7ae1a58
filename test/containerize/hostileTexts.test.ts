import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { readClassFile } from '../../src/containerize/recipes/java/classFile.ts';
import { parsePom } from '../../src/containerize/recipes/java/pom.ts';
import { typescriptOutput } from '../../src/containerize/recipes/node/appLayer.ts';
import { ProjectFolder } from '../../src/containerize/recipes/projectFolder.ts';
import { requirementsOf } from '../../src/containerize/recipes/python/requirementNames.ts';
import { requirementsPackages } from '../../src/containerize/sbom/pythonLocks.ts';
import { completionsAt, explanationAt } from '../../src/containerize/spec/completion.ts';
import { testIo } from '../support/io.ts';
import { withTempDir } from '../support/tempDir.ts';

/** Milliseconds: what grows with the square of the text takes minutes. */
const enough = 2_000;
const long = 400_000;
const quotes = `"${'\\"'.repeat(long)}`;

async function output(tsconfig: string): Promise<string | undefined> {
  return withTempDir(async (folder) => {
    fs.writeFileSync(path.join(folder, 'tsconfig.json'), tsconfig);
    return typescriptOutput(await ProjectFolder.open(folder), '.', testIo());
  });
}

/** A class with many methods whose names are long. */
function classWithMethods(count: number): Uint8Array {
  const name = Buffer.alloc(60_000, 0x61);
  const u2 = (...values: readonly number[]): Buffer => {
    const bytes = Buffer.alloc(2 * values.length);
    values.forEach((value, at) => bytes.writeUInt16BE(value, 2 * at));
    return bytes;
  };
  const constants = [Buffer.from([1]), u2(name.length), name, Buffer.from([7]), u2(1)];
  const method = u2(9, 1, 1, 0);
  const head = Buffer.from([0xca, 0xfe, 0xba, 0xbe, 0, 0, 0, 61]);
  const methods = Array.from({ length: count }, () => method);
  return Buffer.concat([head, u2(3), ...constants, u2(1, 2, 2, 0, 0), u2(count), ...methods, u2(0)]);
}

describe('hostile texts', () => {
  const cases: readonly (readonly [what: string, read: () => unknown])[] = [
    ['a tsconfig.json of escaped quotes', () => output(quotes)],
    ['a tsconfig.json of comments that do not end', () => output('/*'.repeat(long))],
    ['a requirements.txt of comment signs in one line', () => requirementsOf(`a${' #'.repeat(long)}\u2028`)],
    ['a requirements.txt of blanks', () => requirementsPackages(`a${' '.repeat(1990)}\n`.repeat(4_000))],
    ['a requirements.txt of blanks inside', () => requirementsOf(`a${' '.repeat(1990)}x\n`.repeat(100))],
    ['a gantry.yaml of variables that do not end, explained', () => explanationAt({}, '${a:-'.repeat(long), 0, 3)],
    ['a gantry.yaml of escaped quotes, completed', () => completionsAt({}, quotes, 0, quotes.length)],
    ['a class of methods with long names', () => readClassFile(classWithMethods(65_535))],
  ];
  for (const [what, read] of cases) {
    it(`are read in a moment: ${what}`, async () => {
      const began = performance.now();
      await read();
      assert.ok(performance.now() - began < enough);
    });
  }

  it('cost no memory by properties that each module of a Maven build has too', () => {
    const properties = Array.from({ length: 50_000 }, (_, at) => `<p${at}>x</p${at}>`).join('');
    const pom = parsePom(`<project><artifactId>a</artifactId><properties>${properties}</properties></project>`);
    assert.equal(pom?.properties.size, 1000);
  });

  it('leave what is meant as it is', async () => {
    assert.equal(await output('{ /* "outDir": "no" */ "compilerOptions": { "outDir": "./lib", }, } // end'), 'lib');
    assert.equal(await output('{"outDir": "no"}'), undefined);
  });
});
