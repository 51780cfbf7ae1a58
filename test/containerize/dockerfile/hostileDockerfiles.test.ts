import assert from 'node:assert/strict';
import { useContext } from './dockerContext.ts';

describe('dockerfileBlueprint of hostile files', () => {
  const { problems } = useContext();

  it('names the line of a place that cannot be in an image, and of a source that cannot be on disk', async () => {
    const lines = [
      'FROM scratch',
      'ARG N',
      'COPY a$N /x',
      'COPY a.txt /x$N',
      'WORKDIR /.wh.x',
      `WORKDIR ${'/a'.repeat(500_000)}`,
      `COPY a.txt ${'b/'.repeat(3000)}`,
    ];
    const began = performance.now();
    const found = await problems(lines, { args: { N: '\0' } });
    assert.ok(performance.now() - began < 2000);
    assert.deepEqual(
      found.map((text) => text.replace(/"[^"]*"/, '…').replace(/\(.*\)/, '')),
      [
        '3:1 … holds a NUL.',
        '4:1 … cannot be a path in an image: it holds a NUL.',
        '5:1 … cannot be a path in an image: names that start with .wh. mean a deletion in a layer.',
        '6:1 … cannot be a path in an image: it is longer than 4096 bytes.',
        '7:1 … cannot be a path in an image: it is longer than 4096 bytes.',
      ],
    );
  });

  const many: readonly (readonly [string, readonly string[], RegExp | undefined])[] = [
    [
      'patterns of arguments before FROM',
      [
        `ARG L=${'a'.repeat(2000)}`,
        ...Array.from({ length: 5000 }, (_, at) => `ARG A${at}=\${L//${'*a'.repeat(20)}b/}`),
        'FROM scratch',
      ],
      /its patterns are too long/,
    ],
    [
      'stages that are named by patterns',
      [
        `ARG L=${'a'.repeat(2000)}`,
        'FROM scratch AS s0',
        ...Array.from({ length: 3000 }, (_, at) => `FROM \${L/${'*a'.repeat(20)}b/}\${L:+s${at}} AS s${at + 1}`),
      ],
      /its patterns are too long|differs|comes to/,
    ],
    [
      'long arguments before FROM',
      [
        `ARG L=${'a'.repeat(1 << 19)}`,
        ...Array.from({ length: 2000 }, (_, at) => `ARG A${at}=\${L}${at}`),
        'FROM scratch',
      ],
      /more than 67108864 characters/,
    ],
    ['20,000 triggers', ['FROM scratch', ...Array.from({ length: 19_000 }, (_, at) => `ONBUILD RUN ${at}`)], undefined],
  ];
  for (const [name, lines, message] of many) {
    it(`is not held up by ${name}`, async () => {
      const began = performance.now();
      const platforms = message === undefined ? ['linux/amd64', 'linux/arm64', 'linux/s390x'] : ['linux/amd64'];
      const [found] = await problems(lines, { platforms });
      assert.ok(performance.now() - began < 4000, String(performance.now() - began));
      if (message === undefined) assert.equal(found, undefined);
      else assert.match(found ?? '', message);
    });
  }
});
