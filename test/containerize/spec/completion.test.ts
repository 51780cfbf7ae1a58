import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { completionsAt, explanationAt } from '../../../src/containerize/spec/completion.ts';
import { readSpec } from '../../../src/containerize/spec/gantrySpec.ts';
import { specMembers } from '../../../src/containerize/spec/specMembers.ts';
import { parseSchema } from '../../../src/containerize/spec/specSchema.ts';
import { parseYaml } from '../../../src/containerize/spec/yamlDocument.ts';

const schema = parseSchema(readFileSync(path.join(import.meta.dirname, '../../../media/gantry.schema.json'), 'utf8'));

/** Asks where the text has a ‸. */
function place(marked: string): readonly [string, number, number] {
  const at = marked.indexOf('‸');
  const before = marked.slice(0, at).split('\n');
  return [marked.replace('‸', ''), before.length - 1, before.at(-1)?.length ?? 0];
}

function labelsAt(marked: string): readonly string[] {
  return completionsAt(schema, ...place(marked)).items.map(({ label }) => label);
}

describe('completionsAt', () => {
  const rows: readonly (readonly [string, string, readonly string[]])[] = [
    ['every member of an empty file', '‸', specMembers.spec],
    [
      'members that are not there yet',
      'base: a\n‸\ntarget: b\nsbom: true\n',
      specMembers.spec.filter((name) => !['base', 'target', 'sbom'].includes(name)),
    ],
    ['members of a layer', 'layers:\n  - ‸', specMembers.layer],
    ['members of a list as far left as its name', 'layers:\n- ‸', specMembers.layer],
    ['members of the second layer', 'layers:\n  - name: a\n    files: []\n  - name: b\n    ‸\n', ['platform', 'files']],
    ['members of a layer above others', 'layers:\n  - ‸\n    name: a\n  - files: []\n', ['platform', 'files']],
    [
      'members of a file',
      'layers:\n  - files:\n      - from: a\n        ‸',
      ['to', 'mode', 'owner', 'include', 'exclude'],
    ],
    [
      'members of a file in lists as far left as can be',
      'layers:\n- files:\n  - from: a\n    ‸',
      ['to', 'mode', 'owner', 'include', 'exclude'],
    ],
    [
      'members of a file after another',
      'layers:\n  - files:\n      - from: a\n        to: /b\n      - ‸',
      specMembers.file,
    ],
    [
      'members of a layer after its files',
      'layers:\n  - files:\n      - from: a\n        to: /b\n    ‸',
      ['name', 'platform'],
    ],
    [
      'members of the file after everything nested',
      'layers:\n  - files:\n      - from: a\n‸',
      specMembers.spec.filter((name) => name !== 'layers'),
    ],
    [
      'members of a health check',
      'healthcheck:\n  test: x\n  ‸',
      ['interval', 'timeout', 'startPeriod', 'startInterval', 'retries'],
    ],
    ['members of the ignore rules', 'ignore:\n  ‸', specMembers.ignore],
    ['nothing for names of the user', 'labels:\n  ‸', []],
    ['choices', 'compression: ‸', ['gzip', 'zstd', 'none']],
    ['true and false', 'base: a\nsbom: ‸', ['true', 'false']],
    ['platforms of a list', 'platforms:\n  - ‸', ['linux/amd64', 'linux/arm64', 'linux/arm/v7']],
    ['platforms of a list in one line', 'platforms: [linux/amd64, ‸', ['linux/amd64', 'linux/arm64', 'linux/arm/v7']],
    [
      'recipes',
      'recipe: g‸',
      ['go', 'rust', 'java', 'node', 'deno', 'bun', 'python', 'dotnet', 'static-site', 'binary', 'folder'],
    ],
    ['a list with texts before, and its item', 'entrypoint:\n  - a\n  - ‸', []],
    ['the way to have no health check', 'healthcheck: ‸', ['none']],
    ['nothing in a comment', 'base: a # ‸', []],
    ['nothing behind a text in quotes', 'author: "a" ‸', []],
    ['nothing in a line with tabs', '\t‸', []],
  ];
  for (const [what, marked, expected] of rows) {
    it(`offers ${what}`, () => assert.deepEqual([...labelsAt(marked)].sort(), [...expected].sort()));
  }

  it('offers variables, those of the platform only where they have a value', () => {
    const target = labelsAt('target: example.com/a:${‸');
    assert.deepEqual(target.filter((name) => name.startsWith('git.')).length, 6);
    assert.ok(target.includes('env.NAME') && !target.includes('platform.arch'));
    assert.ok(labelsAt('layers:\n  - files:\n      - from: dist/${pl‸').includes('platform.arch'));
    assert.equal(completionsAt(schema, ...place('tags: ["${git.t‸')).word, 'git.t');
    assert.deepEqual(labelsAt('author: $${‸'), []);
  });

  it('writes snippets that the reader takes', () => {
    const [found] = completionsAt(schema, '', 0, 0).items.filter(({ label }) => label === 'layers');
    const text = (found?.snippet ?? '').replace(/\$\{\d:([^}]*)\}/g, '$1').replace('$0', '');
    const [layer] = readSpec(parseYaml(`base: a\n${text}\n`, 'x')).layers;
    assert.deepEqual([layer?.name, layer?.files[0]?.from, layer?.files[0]?.to], ['app', 'dist', '/app']);
    assert.deepEqual(
      completionsAt(schema, '', 0, 0)
        .items.filter(({ label }) => ['base', 'entrypoint', 'healthcheck', 'env'].includes(label))
        .map(({ snippet }) => snippet),
      ['base: ', 'entrypoint: [$1]$0', 'env:\n  $0', 'healthcheck:\n  $0'],
    );
  });

  it('answers any text and place', () => {
    const parts = [
      'layers:',
      '  - ',
      'files:',
      '- ',
      ' ',
      '\n',
      'from: ',
      '${',
      '[',
      '{',
      '"',
      '#',
      ':',
      'healthcheck:',
      '\t',
      '__proto__:',
      'constructor:\n  ',
    ];
    let seed = 11;
    const next = (limit: number): number => (seed = (seed * 1103515245 + 12345) % 2147483648) % limit;
    for (let round = 0; round < 3000; round += 1) {
      const text = Array.from({ length: next(20) }, () => parts[next(parts.length)]).join('');
      const line = next(text.split('\n').length + 1);
      assert.ok(Array.isArray(completionsAt(schema, text, line, next(12)).items));
      explanationAt(schema, text, line, next(12));
    }
  });

  it('answers long files and lines quickly', () => {
    const start = performance.now();
    completionsAt(schema, '- '.repeat(100_000), 0, 200_000);
    completionsAt(schema, 'a:\n'.repeat(100_000), 100_000, 0);
    completionsAt(schema, `x: ${'"'.repeat(100_000)}`, 0, 100_000);
    completionsAt(schema, `x: [${','.repeat(100_000)}`, 0, 100_000);
    explanationAt(schema, `x: ${'${'.repeat(100_000)}`, 0, 5);
    explanationAt(schema, `x: \${a${':-'.repeat(100_000)}`, 0, 5);
    assert.ok(performance.now() - start < 3000, String(performance.now() - start));
  });
});

describe('explanationAt', () => {
  const rows: readonly (readonly [string, string | undefined])[] = [
    ['ba‸se: a', 'Base'],
    ['base: ‸a', undefined],
    ['layers:\n  - fil‸es: []', 'Files'],
    ['layers:\n  - files:\n      - mo‸de: "0755"', 'Mode'],
    ['healthcheck:\n  ‸test: a', 'Test'],
    ['hea‸lthcheck: none', 'Health check'],
    ['ign‸ore:', 'Ignore rules'],
    ['target: a:${git.‸tag}', '${git.tag}'],
    ['target: a:${env.‸X:-y}', '${env.X}'],
    ['target: a:$${git.‸tag}', undefined],
    ['target: a:${‸x}', undefined],
    ['other‸: a', undefined],
    ['labels:\n  ba‸se: a', undefined],
  ];
  for (const [marked, expected] of rows) {
    it(`explains ${JSON.stringify(marked)}`, () =>
      assert.equal(explanationAt(schema, ...place(marked))?.title, expected));
  }

  it('gives examples as they would be written', () => {
    assert.deepEqual(explanationAt(schema, 'tags: []', 0, 1)?.examples, ['tags: [latest, "${git.tag:-none}"]']);
    assert.deepEqual(explanationAt(schema, 'ignore: {}', 0, 1)?.examples, ['ignore: {gitignore: true}']);
  });
});
