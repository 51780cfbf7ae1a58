import assert from 'node:assert/strict';
import fc from 'fast-check';
import { scoreEfficiency } from '../../src/operations/efficiency.ts';
import { testIo } from '../support/io.ts';
import { entry, type EntrySpec, layerOf } from '../support/layers.ts';
import { modelScore } from './scoreModel.ts';

const file = (path: string, size: number): EntrySpec => ({ path, size });
const folder = (path: string): EntrySpec => ({ path, type: 'directory' });
const gone = (path: string): EntrySpec => ({ path: path.replace(/[^/]*$/, '.wh.$&') });
const hardlink = (path: string, linkname: string): EntrySpec => ({ path, type: 'hardlink', linkname });

interface Case {
  readonly it: string;
  readonly layers: readonly (readonly EntrySpec[])[];
  readonly efficiency: number;
  readonly files: readonly (readonly [path: string, count: number, bytes: number])[];
}

const cases: readonly Case[] = [
  // No layers: the denominator is 0, so the score is 1.
  { it: 'gives an image without layers full marks', layers: [], efficiency: 1, files: [] },
  // Only directories and empty files: 0 / 0, so 1.
  { it: 'gives an image without bytes full marks', layers: [[folder('a'), file('b', 0)]], efficiency: 1, files: [] },
  // Each path once: (10 + 30) / (10 + 30) = 1.
  { it: 'finds no waste in one layer', layers: [[file('a', 10), file('b/c', 30)]], efficiency: 1, files: [] },
  {
    // /a: min 40, bytes 40 + 60 = 100. /b: 100 and 100. (40 + 100) / (100 + 100) = 0.7.
    it: 'counts both versions of an overwritten file',
    layers: [[file('a', 40), file('b', 100)], [file('a', 60)]],
    efficiency: 0.7,
    files: [['/a', 2, 100]],
  },
  {
    // /a: min 20, bytes 50 + 20 + 30 = 100. 20 / 100 = 0.2.
    it: 'counts every version of a file that was overwritten twice',
    layers: [[file('a', 50)], [file('a', 20)], [file('a', 30)]],
    efficiency: 0.2,
    files: [['/a', 3, 100]],
  },
  {
    // The removal counts 0 bytes: min 0, bytes 80 + 0. /b: 20. (0 + 20) / (80 + 20) = 0.2.
    it: 'counts a removed file once',
    layers: [[file('a', 80), file('b', 20)], [gone('a')]],
    efficiency: 0.2,
    files: [['/a', 2, 80]],
  },
  {
    // Leaves of layer 0: /d/x 30, /d/y 50, /e 20; /d is no leaf. Removal of /d: 0 + 30 + 50 = 80, the first time that /d
    // counts: min 80, bytes 80. (30 + 50 + 20 + 80) / (30 + 50 + 20 + 80) = 1.
    it: 'does not take a removed folder for waste',
    layers: [[folder('d'), file('d/x', 30), file('d/y', 50), file('e', 20)], [gone('d')]],
    efficiency: 1,
    files: [],
  },
  {
    // /d has no entry of its own, so its removal counts 0: min 0, bytes 0. (30 + 20) / (30 + 20) = 1.
    it: 'counts nothing for a removed folder that has no entry',
    layers: [[file('d/x', 30), file('e', 20)], [gone('d')]],
    efficiency: 1,
    files: [],
  },
  {
    // The second layer names /d only by implying it, which makes it one without an entry. Removal of /d: 0.
    // /d/x: 30, /d/z: 5, /d: 0. (30 + 5 + 0) / 35 = 1.
    it: 'counts nothing for a removed folder that the last layer only implied',
    layers: [[folder('d'), file('d/x', 30)], [file('d/z', 5)], [gone('d')]],
    efficiency: 1,
    files: [],
  },
  {
    // /d is empty in layer 0, a leaf of 0 bytes. Layer 1 gives it /d/x 30. Layer 2 removes it: 0 + 30. /d: min 0, bytes 30,
    // twice. /d/x: 30. (0 + 30) / (30 + 30) = 0.5.
    it: 'takes a folder for waste that was empty before it was filled and removed',
    layers: [[folder('d')], [folder('d'), file('d/x', 30)], [gone('d')]],
    efficiency: 0.5,
    files: [['/d', 2, 30]],
  },
  {
    // .wh.b comes before c and z, and /b is not there: c 70 and z 50 of layer 1 are not read. /.wh.b's path /b stays with the
    // smallest size -1. (a 100 - 1) / 100 = 0.99.
    it: 'stops reading a layer where it removes what is not there',
    layers: [[file('a', 100)], [gone('b'), file('a', 70), file('z', 50)]],
    efficiency: 0.99,
    files: [],
  },
  {
    // Order is by name: "+" comes before ".wh.b", so +c is read and z is not. /a 100, /+c 25, /b -1. 124 / 125 = 0.992.
    it: 'reads what comes before the removal in the order of names',
    layers: [[file('a', 100)], [file('z', 50), gone('b'), file('+c', 25)]],
    efficiency: 0.992,
    files: [],
  },
  {
    // /b is -1 after layer 1, but layer 2 brings it: min 60, bytes 60, once. (100 + 60) / 160 = 1.
    it: 'forgets a removal of nothing where a later layer brings the path',
    layers: [[file('a', 100)], [gone('b')], [file('b', 60)]],
    efficiency: 1,
    files: [],
  },
  {
    // The path of nothing leaves -1 / 0 bytes: dive divides by 0 bytes to 1.
    it: 'gives full marks where nothing but a removal of nothing is there',
    layers: [[gone('b')]],
    efficiency: 1,
    files: [],
  },
  {
    // /b -1 of 10 bytes of /a, which is overwritten with 0 bytes: (-1 + 0) / 10 = -0.1, shown as 0.
    it: 'is never less than nothing',
    layers: [[file('a', 10)], [file('a', 0)], [gone('b')]],
    efficiency: 0,
    files: [['/a', 2, 10]],
  },
  {
    // Opaque markers are no entries for dive: /d/x twice, min 10, bytes 10 + 40. 10 / 50 = 0.2.
    it: 'passes over opaque markers',
    layers: [
      [folder('d'), file('d/x', 10)],
      [folder('d'), { path: 'd/.wh..wh..opq' }, file('d/x', 40)],
    ],
    efficiency: 0.2,
    files: [['/d/x', 2, 50]],
  },
  {
    // The file is 90, the hard link's header has no size. (90 + 0) / 90 = 1.
    it: 'counts nothing for a hard link',
    layers: [[file('a', 90), hardlink('b', 'a')]],
    efficiency: 1,
    files: [],
  },
  {
    // /b: 90, then 0 as a link to /a: min 0, bytes 90. /a 10. (0 + 10) / (90 + 10) = 0.1.
    it: 'counts a file that a hard link replaces as waste',
    layers: [[file('a', 10), file('b', 90)], [hardlink('b', 'a')]],
    efficiency: 0.1,
    files: [['/b', 2, 90]],
  },
  {
    // chmod copies the file into the layer: min 50, bytes 50 + 50. 50 / 100 = 0.5.
    it: 'counts a file twice that a layer only gives another mode',
    layers: [[file('a', 50)], [{ ...file('a', 50), mode: 0o755 }]],
    efficiency: 0.5,
    files: [['/a', 2, 100]],
  },
  {
    // /a: 50, then a directory without children, a leaf of 0 bytes: min 0, bytes 50. /b 50. 50 / 100 = 0.5.
    it: 'counts a file that an empty folder replaces',
    layers: [[file('a', 50), file('b', 50)], [folder('a')]],
    efficiency: 0.5,
    files: [['/a', 2, 50]],
  },
  {
    // /a: 50 only, for /a of layer 1 is no leaf. /a/b: 50. (50 + 50) / 100 = 1.
    it: 'finds no waste where a full folder replaces a file',
    layers: [[file('a', 50)], [folder('a'), file('a/b', 50)]],
    efficiency: 1,
    files: [],
  },
  {
    // /a: 30, removed 0, again 30: min 0, bytes 60, three times. /b 40. 40 / 100 = 0.4.
    it: 'counts a file that is removed and comes back',
    layers: [[file('a', 30), file('b', 40)], [gone('a')], [file('a', 30)]],
    efficiency: 0.4,
    files: [['/a', 3, 60]],
  },
  {
    // Removed in layer 1, so the removal of layer 2 finds nothing and ends the layer before /b: /a min 0, bytes 30; /b 70.
    // 70 / 100 = 0.7. The path /a was seen, so it does not count -1.
    it: 'does not find a file again that is removed twice',
    layers: [[file('a', 30), file('b', 70)], [gone('a')], [gone('a'), file('b', 70)]],
    efficiency: 0.7,
    files: [['/a', 2, 30]],
  },
  {
    // Last header wins: 5, and the header of 95 is not in the tree. (5 + 0) / 5 = 1.
    it: 'knows only the last of two entries of one path in a layer',
    layers: [[file('a', 95), file('a', 5)]],
    efficiency: 1,
    files: [],
  },
];

describe('scoreEfficiency', () => {
  for (const { it: name, layers, efficiency, files } of cases) {
    it(name, async () => {
      const scored = await scoreEfficiency(
        layers.map((entries) => layerOf(...entries)),
        testIo(),
      );
      assert.equal(scored.efficiency, efficiency);
      assert.deepEqual(
        scored.inefficientFiles.map(({ path, count, bytes }) => [path, count, bytes]),
        files,
      );
      assert.equal(
        scored.wastedBytes,
        files.reduce((sum, [, , bytes]) => sum + bytes, 0),
      );
    });
  }

  it('lists the most wasteful files first, equal ones by path', async () => {
    const layer = layerOf(file('b', 1), file('a', 1), file('big', 9), folder('empty'));
    const { inefficientFiles } = await scoreEfficiency([layer, layer], testIo());
    assert.deepEqual(
      inefficientFiles.map(({ path, bytes }) => [path, bytes]),
      [
        ['/big', 18],
        ['/a', 2],
        ['/b', 2],
        ['/empty', 0],
      ],
    );
  });

  it('orders names by their bytes, those that are no UTF-8 too', async () => {
    // U+FF61 is EF BD A1, the lone surrogate stands for byte 80, U+1F600 is F0 9F 98 80: the removal comes after the first
    // two and before the last, and ends the layer there.
    const names = ['\u{1f600}', '\uff61', '\udc80'];
    const layer = layerOf(...names.map((name) => file(`d/${name}/x`, 1)), gone('d/\uff62/y'));
    const { inefficientFiles } = await scoreEfficiency(
      [layerOf(...names.map((name) => file(`d/${name}/x`, 1))), layer],
      testIo(),
    );
    assert.deepEqual(inefficientFiles.map(({ path }) => path).sort(), ['/d/\udc80/x', '/d/\uff61/x']);
  });

  it('lets others run though a layer removes every one of 32 folders around 120,000 files', async () => {
    const paths = Array.from({ length: 32 }, (_, at) => 'd/'.repeat(at + 1).slice(0, -1));
    const inner = paths.at(-1) ?? '';
    const files = Array.from({ length: 120_000 }, (_, at) => entry(file(`${inner}/f${at}`, 1)));
    const lower = { ...layerOf(), entries: [...paths.map((path) => entry(folder(path))), ...files] };
    let longest = 0;
    let last = performance.now();
    const timer = setInterval(() => {
      longest = Math.max(longest, performance.now() - last);
      last = performance.now();
    }, 1);
    const { wastedBytes } = await scoreEfficiency([lower, layerOf(...paths.map(gone))], testIo(60_000));
    clearInterval(timer);
    assert.equal(wastedBytes, 0);
    assert.ok(longest < 500, `others waited ${longest} ms`);
  }).timeout(60_000);

  it('stops when it is cancelled', async () => {
    const entries = Array.from({ length: 200_000 }, (_, at) => entry(file(`f${at}`, 1)));
    const layer = { ...layerOf(), entries };
    const stop = new AbortController();
    const scored = scoreEfficiency([layer, layer], { signal: stop.signal });
    stop.abort(new Error('stop'));
    await assert.rejects(scored, { message: 'stop' });
  });

  it('agrees with a plain model of the score', async () => {
    const name = fc.constantFrom('a', 'b', '+', 'é', '.wh.a', '.wh.b', '.wh.+', '.wh.', '.wh..wh..opq', '.wh..wh.a');
    const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((names) => names.join('/'));
    const spec = fc.record({
      path,
      type: fc.constantFrom('file' as const, 'file' as const, 'directory' as const, 'symlink' as const),
      size: fc.nat(50),
    });
    const layer = fc.array(
      spec.map((each) => (each.type === 'file' ? each : { ...each, size: 0 })),
      { maxLength: 8 },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(layer, { maxLength: 5 }), async (layers) => {
        const indexes = layers.map((entries) => layerOf(...entries));
        const { efficiency, inefficientFiles } = await scoreEfficiency(indexes, testIo());
        const expected = modelScore(indexes);
        assert.equal(efficiency, Math.max(0, expected.score));
        const found = inefficientFiles.map(({ path: at, count, bytes }) => `${at} ${count} ${bytes}`);
        assert.deepEqual(found.sort(), expected.files.toSorted());
      }),
      { numRuns: 500 },
    );
  });
});
