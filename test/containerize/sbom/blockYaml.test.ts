import assert from 'node:assert/strict';
import { parse } from 'yaml';
import { blockYaml } from '../../../src/containerize/sbom/blockYaml.ts';

describe('blockYaml', () => {
  const same: readonly string[] = [
    "a: b\n'@s/c@1.0.0':\n  d: {e: f, g: [h, 'i, j'], k: {l: m}}\n  n: true\n",
    'a:\n  b:\n    c: x\nd:\n  e: y\n',
    'x@https://codeload.example.com/a:b:\n  version: "1.0"\n',
    "deprecated: it's over, see {x}\nos: [linux, '!win32']\n",
  ];
  for (const text of same) {
    it(`reads ${JSON.stringify(text)} as a parser of YAML does`, () => {
      assert.deepEqual(JSON.parse(JSON.stringify(blockYaml(text))), parse(text));
    });
  }

  it('passes over lists and texts of several lines', () => {
    const text = 'a:\n  deprecated: |-\n    see\n    b: c\n  version: 1.2.3\n  files:\n    - x\n    - y: z\n# c: d\n';
    assert.deepEqual(JSON.parse(JSON.stringify(blockYaml(text))), {
      a: { deprecated: '|-', version: '1.2.3', files: {} },
    });
  });

  it('changes no prototype, and takes no long time', () => {
    const began = performance.now();
    const hostile = [
      '__proto__:\n  x: y\n',
      `a: ${'{a: '.repeat(200_000)}${'}'.repeat(200_000)}`,
      'a:\n'.repeat(200_000),
      Array.from({ length: 3000 }, (_, at) => `${' '.repeat(at)}a:`).join('\n'),
      `"${'\\"'.repeat(200_000)}`,
    ];
    for (const text of hostile) blockYaml(text);
    assert.equal(Object.hasOwn(Object.prototype, 'x'), false);
    assert.ok(performance.now() - began < 2000);
  });
});
