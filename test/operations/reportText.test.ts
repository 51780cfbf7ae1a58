import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { AnalyzeImageResult } from '../../src/api.ts';
import { reportJson, reportMarkdown } from '../../src/operations/reportText.ts';

const digest = `sha256:${'a'.repeat(64)}`;
const full: AnalyzeImageResult = {
  reference: 'registry.test/app:1',
  digest,
  platform: 'linux/amd64',
  sizeBytes: 3 << 20,
  userSizeBytes: 1 << 20,
  efficiency: 0.9876,
  wastedBytes: 2048,
  wastedPercent: 0.002,
  reclaimableBytes: 1024,
  filesystemBytes: 2_000_000,
  fileCount: 1203,
  inefficientFiles: [
    { path: '/a|b', count: 2, bytes: 2048 },
    { path: '/empty', count: 2, bytes: 0 },
  ],
  duplicates: [{ digest, size: 10, paths: ['/1', '/2', '/3', '/4', '/5'], wastedBytes: 40 }],
  layers: [
    { digest, size: 1000, sizeBytes: 2 << 20, createdBy: 'RUN curl x | sh ' },
    { digest, size: 500, sizeBytes: 1 << 20, createdBy: null },
  ],
  findings: [{ kind: 'secret', path: '/root/.npmrc', text: 'By its name.', layer: 1, bytes: 12 }],
  rules: [{ rule: 'lowestEfficiency', passed: false, value: 0.9876, threshold: 0.99 }],
  problems: ['Layer #1: "x" is odd.'],
};

describe('reportMarkdown', () => {
  it('shows figures, rules, layers, waste, duplicates, findings and problems', () => {
    assert.equal(
      reportMarkdown(full),
      `# Image Report

\`registry.test/app:1\`

\`linux/amd64\` · \`${digest}\`

| Figure | Value | What it is |
| --- | ---: | --- |
| Files of all layers | 3.0 MiB | uncompressed |
| Filesystem | 1.9 MiB | 1,203 files |
| Reclaimable | 1.0 KiB | in the layers, but not in the filesystem |
| Efficiency | 98.7 % | dive's score |
| Wasted | 2.0 KiB | dive's figure: 0.2 % of all but the first layer |

## Rules

| Rule | Result | Value | Threshold |
| --- | --- | ---: | ---: |
| \`lowestEfficiency\` | FAIL | 0.9876 | 0.99 |

## Layers

| Layer | Files | As stored | Digest | Made by |
| ---: | ---: | ---: | --- | --- |
| 1 | 2.0 MiB | 1000 B | \`sha256:aaaaaaaaaaaa\` | \`RUN curl x \\| sh\` |
| 2 | 1.0 MiB | 500 B | \`sha256:aaaaaaaaaaaa\` | no history line |

## Wasted Space

| Bytes | Versions | Path |
| ---: | ---: | --- |
| 2.0 KiB | 2 | \`/a\\|b\` |

## Duplicate Files

| Could be saved | Size | Paths |
| ---: | ---: | --- |
| 40 B | 10 B | \`/1\` \`/2\` \`/3\` and 2 more files |

## Findings

| What | Path | Layer | Bytes | Why it matters |
| --- | --- | ---: | ---: | --- |
| may be a secret | \`/root/.npmrc\` | 2 | 12 B | By its name. |

## Problems

- \`Layer #1: "x" is odd.\`
`,
    );
  });

  it('leaves out what there is nothing of, and counts what is too much', () => {
    const bare = { ...full, inefficientFiles: [], duplicates: [], layers: [], findings: [], rules: [], problems: [] };
    assert.doesNotMatch(reportMarkdown({ ...bare, platform: null }), /##|linux|more/);
    const many = Array.from({ length: 25 }, (_, at) => ({ path: `/f${at}`, count: 2, bytes: 9 }));
    assert.match(reportMarkdown({ ...bare, inefficientFiles: many }), /\/f19` \|\n\nAnd 5 more\.\n$/);
  });

  it('229 lets no text of an image be a link, an image, HTML, a mention or another row', () => {
    const piece = fc.constantFrom(
      ...[
        '[x](command:run)',
        '![x](https://t.test/1.png)',
        '<img src=x>',
        '`',
        '``',
        '|',
        '\\',
        '\\|',
        '\n',
        '\r',
        '"',
      ],
      ...[
        'https://evil.test',
        'www.evil.test',
        '@user',
        '#12',
        '$(trash)',
        '\u202e',
        '\u2028',
        '\0',
        '\udc80',
        ' ',
        'a',
      ],
    );
    const hostile = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(''));
    const lines = reportMarkdown(filled('x')).split('\n');
    fc.assert(
      fc.property(hostile, (text) => {
        const shown = reportMarkdown(filled(text)).split('\n');
        assert.equal(shown.length, lines.length);
        for (const [at, line] of shown.entries()) {
          const left = withoutCode(line);
          assert.doesNotMatch(line, /[\0-\x1f\u202e\u2028\udc80]/);
          assert.doesNotMatch(left, /[<>[\]`@]|https:|www\.|#\d/);
          assert.equal(cells(line), cells(lines[at] ?? ''));
        }
      }),
      { numRuns: 1000 },
    );
  });
});

describe('reportJson', () => {
  it('is the result', () => {
    assert.deepEqual(JSON.parse(reportJson(full)), full);
  });
});

/** A report in which every text of the image is this one. */
function filled(text: string): AnalyzeImageResult {
  return {
    ...full,
    reference: text,
    platform: text,
    inefficientFiles: [{ path: text, count: 2, bytes: 5 }],
    duplicates: [{ digest: text, size: 1, paths: [text, text], wastedBytes: 1 }],
    layers: [{ digest: text, size: 1, sizeBytes: 1, createdBy: text }],
    findings: [{ kind: 'unsafe-path', path: text, text, layer: 0, bytes: 0 }],
    problems: [text],
  };
}

/** Columns of a line, as GitHub splits a table: at every | that no \ precedes. */
function cells(line: string): number {
  return line.startsWith('|') ? line.split(/(?<!\\)\|/).length : 0;
}

/** A line without its code spans, found as CommonMark finds them: a run of backticks up to the next run of the same length. */
function withoutCode(line: string): string {
  let left = '';
  for (let at = 0; at < line.length;) {
    const open = /^`+/.exec(line.slice(at))?.[0] ?? '';
    const close = [...line.slice(at + open.length).matchAll(/`+/g)].find(([run]) => run.length === open.length);
    if (open !== '' && close !== undefined) {
      at += open.length + close.index + open.length;
    } else {
      // A backslash takes the meaning of the mark after it.
      const length = open.length || (line[at] === '\\' ? 2 : 1);
      if (length !== 2 || open !== '') left += line.slice(at, at + length);
      at += length;
    }
  }
  return left;
}
