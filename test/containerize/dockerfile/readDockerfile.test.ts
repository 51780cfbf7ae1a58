import assert from 'node:assert/strict';
import { readDockerfile } from '../../../src/containerize/dockerfile/readDockerfile.ts';
import type { Step } from '../../../src/containerize/dockerfile/dockerfile.ts';
import { SpecError } from '../../../src/errors.ts';

/** The steps of one stage, without places and texts. */
function steps(...lines: readonly string[]): readonly object[] {
  const { stages } = readDockerfile(['FROM scratch', ...lines].join('\n'), 'Dockerfile');
  return (stages[0]?.steps ?? []).map((step: Step) => {
    const plain = { ...step, ...('sources' in step ? wordsOf(step) : {}) };
    return Object.fromEntries(Object.entries(plain).filter(([name]) => name !== 'place' && name !== 'text'));
  });
}

function wordsOf({ sources, destination }: Extract<Step, { kind: 'copy' | 'add' }>): object {
  return { sources: sources.map(({ text }) => text), destination: destination.text };
}

function problems(text: string): readonly string[] {
  try {
    readDockerfile(text, 'Dockerfile');
  } catch (error) {
    assert.ok(error instanceof SpecError);
    return error.problems.map(({ line, column, text: what }) => `${line}:${column} ${what}`);
  }
  return [];
}

const copy = { kind: 'copy', heredocs: [], excludes: [], link: false, parents: false };
const cases: readonly (readonly [string, readonly string[], readonly object[]])[] = [
  ['shell form', ['CMD echo  a'], [{ kind: 'cmd', command: { form: 'shell', words: ['echo  a'] } }]],
  ['JSON', ['CMD [ "a" , "b\\u0041\\n" ] '], [{ kind: 'cmd', command: { form: 'json', words: ['a', 'bA\n'] } }]],
  ['an empty list', ['ENTRYPOINT []'], [{ kind: 'entrypoint', command: { form: 'json', words: [] } }]],
  [
    'JSON with a comma too many as shell',
    ['CMD ["a",]'],
    [{ kind: 'cmd', command: { form: 'shell', words: ['["a",]'] } }],
  ],
  ['single quotes as shell', ["CMD ['a']"], [{ kind: 'cmd', command: { form: 'shell', words: ["['a']"] } }]],
  ['nothing behind CMD', ['CMD'], [{ kind: 'cmd', command: { form: 'shell', words: [] } }]],
  [
    'pairs',
    ['ENV A=1 B="2 3" C=4\\ 5'],
    [
      {
        kind: 'env',
        pairs: [
          { name: 'A', value: '1' },
          { name: 'B', value: '"2 3"' },
          { name: 'C', value: '4\\ 5' },
        ],
      },
    ],
  ],
  ['one old pair', ['ENV A b  c=d'], [{ kind: 'env', pairs: [{ name: 'A', value: 'b  c=d' }] }]],
  ['a value with =', ['LABEL a=b=c'], [{ kind: 'label', pairs: [{ name: 'a', value: 'b=c' }] }]],
  ['a quoted name', ['LABEL "a b"=c'], [{ kind: 'label', pairs: [{ name: '"a b"', value: 'c' }] }]],
  [
    'a continued line',
    ['ENV A=1 \\ ', ' B=2'],
    [
      {
        kind: 'env',
        pairs: [
          { name: 'A', value: '1' },
          { name: 'B', value: '2' },
        ],
      },
    ],
  ],
  ['a word that is continued', ['USER a\\', 'b'], [{ kind: 'user', value: 'ab' }]],
  ['comments and empty lines between', ['USER a\\', '  # no \\', '', 'b'], [{ kind: 'user', value: 'ab' }]],
  [
    'a doubled escape that continues nothing',
    ['USER a\\\\', 'USER b'],
    [
      { kind: 'user', value: 'a\\\\' },
      { kind: 'user', value: 'b' },
    ],
  ],
  ['an instruction behind a line with nothing but an escape', ['\\', '  USER a'], [{ kind: 'user', value: 'a' }]],
  ['# behind something', ['USER a # b'], [{ kind: 'user', value: 'a # b' }]],
  [
    'lines that end in CRLF',
    ['ENV A=1 \\\r', ' B=2\r', 'USER x\r'],
    [
      {
        kind: 'env',
        pairs: [
          { name: 'A', value: '1' },
          { name: 'B', value: '2' },
        ],
      },
      { kind: 'user', value: 'x' },
    ],
  ],
  [
    'flags',
    ['COPY --chown=1:2 --chmod=755 --link --from="b" --exclude=*.a --exclude=b a /b'],
    [
      {
        ...copy,
        chown: '1:2',
        chmod: '755',
        link: true,
        from: 'b',
        excludes: ['*.a', 'b'],
        sources: ['a'],
        destination: '/b',
      },
    ],
  ],
  [
    'flags that are switched off',
    ['COPY --link=false --parents=TRUE a /b'],
    [{ ...copy, parents: true, sources: ['a'], destination: '/b' }],
  ],
  ['JSON sources', ['COPY ["a b", "c", "/d"]'], [{ ...copy, sources: ['a b', 'c'], destination: '/d' }]],
  ['sources that white space splits', ['COPY a\\ b /c'], [{ ...copy, sources: ['a\\', 'b'], destination: '/c' }]],
  [
    'a document',
    ['COPY <<EOF /x', ' a ', '', 'EOF', 'USER b'],
    [
      { ...copy, sources: [], destination: '/x', heredocs: [{ name: 'EOF', expands: true, content: ' a \n\n' }] },
      { kind: 'user', value: 'b' },
    ],
  ],
  [
    'documents',
    ['COPY <<A a <<-"B" /x/', '1', 'A', '\t\t2', '\tB'],
    [
      {
        ...copy,
        sources: ['a'],
        destination: '/x/',
        heredocs: [
          { name: 'A', expands: true, content: '1\n' },
          { name: 'B', expands: false, content: '2\n' },
        ],
      },
    ],
  ],
  [
    'a document with lines that look like instructions',
    ["COPY <<'E' /x", 'FROM a \\', '# b', 'E'],
    [
      {
        ...copy,
        sources: [],
        destination: '/x',
        heredocs: [{ name: 'E', expands: false, content: 'FROM a \\\n# b\n' }],
      },
    ],
  ],
  ['a document of RUN', ['RUN <<EOF', 'USER a', 'EOF', 'USER b'], [{ kind: 'run' }, { kind: 'user', value: 'b' }]],
  ['RUN with any flag', ['RUN --mount=type=cache,target=/x --network=none a'], [{ kind: 'run' }]],
  ['<< in JSON', ['COPY ["<<a", "/x"]'], [{ ...copy, sources: [], destination: '/x' }]],
  [
    'arguments',
    ['ARG A B=1 C="x y"'],
    [{ kind: 'arg', args: [{ name: 'A' }, { name: 'B', default: '1' }, { name: 'C', default: '"x y"' }] }],
  ],
  [
    'a health check',
    ['HEALTHCHECK --interval=1h1m1.5s --retries=3 CMD a b'],
    [{ kind: 'healthcheck', healthcheck: { test: ['CMD-SHELL', 'a b'], interval: 3_661_500_000_000, retries: 3 } }],
  ],
  [
    'volumes',
    ['VOLUME /a /b', 'VOLUME ["/c d"]'],
    [
      { kind: 'volume', words: ['/a', '/b'] },
      { kind: 'volume', words: ['/c d'] },
    ],
  ],
  ['a trigger', ['ONBUILD COPY a /b'], [{ kind: 'onbuild', trigger: 'COPY a /b' }]],
  [
    'ADD',
    ['ADD --unpack=false a.tar /b'],
    [{ ...copy, kind: 'add', unpack: false, sources: ['a.tar'], destination: '/b' }],
  ],
];

describe('readDockerfile', () => {
  for (const [name, lines, expected] of cases) it(`reads ${name}`, () => assert.deepEqual(steps(...lines), expected));

  it('reads stages, their names and platforms', () => {
    const text = 'ARG V=1\nfrom --platform=$BUILDPLATFORM golang:$V as Build\nFROM build\n';
    const { stages, args } = readDockerfile(text, 'Dockerfile');
    const [first, second] = stages;
    assert.deepEqual(
      [first?.base, first?.name, first?.platform, first?.place],
      ['golang:$V', 'build', '$BUILDPLATFORM', { line: 2, column: 1 }],
    );
    assert.deepEqual([second?.base, second?.name, second?.index], ['build', undefined, 1]);
    assert.equal(args.length, 1);
  });

  it('reads parser directives, and takes what comes behind a comment for a comment', () => {
    assert.equal(
      readDockerfile('# syntax=docker/dockerfile:1\n#escape = `\n# check=skip=all\nFROM a `\n AS b', 'x').escape,
      '`',
    );
    assert.equal(readDockerfile('# hello\n# escape=`\nFROM a', 'x').escape, '\\');
    assert.equal(readDockerfile('\uFEFF# escape=`\r\nFROM a\r\n', 'x').escape, '`');
  });

  const wrong: readonly (readonly [string, readonly string[]])[] = [
    ['', ['1:1 it has no FROM: there is nothing to build.']],
    ['RUN a\nFROM b', ['1:1 RUN stands before the first FROM: only ARG may.']],
    ['FROM a\n\n  FOO b', ['3:3 "FOO" is no instruction of a Dockerfile.']],
    [
      'FROM a AS 1',
      ['1:1 "1" cannot be the name of a stage: it begins with a letter, and has letters, digits and -_. only.'],
    ],
    ['FROM a b', ['1:1 FROM takes an image or a stage, and a name: FROM image AS name.']],
    ['FROM a\nCOPY --nope a b', ['2:6 COPY: "--nope" is no flag it has.']],
    ['FROM a\nCOPY \\\n  --chown a b', ['3:3 COPY: "--chown" needs a value: --chown=….']],
    ['FROM a\nCOPY --link --link=maybe a b', ['2:13 COPY: "--link=maybe" stands twice.']],
    ['FROM a\nCOPY a', ['2:1 COPY needs at least one source and a destination.']],
    ['FROM a\nENV A', ['2:1 ENV "A" has no value: write ENV NAME=value.']],
    ['FROM a\nENV A=1 B', ['2:1 ENV: "B" has no =. Put values with white space in quotes.']],
    ['FROM a\nCMD ["a", 1]', ['2:1 a list in JSON may hold texts only: put numbers and words in quotes.']],
    ['FROM a\nCOPY ["a\\u0000b", "/x"]', ['2:1 a text in a list holds a NUL.']],
    ['FROM a\nCMD ["a\\u0000b"]', ['2:1 a text in a list holds a NUL.']],
    ['FROM a\nCOPY <<E /x\nb', ['2:1 the document "E" has no end: a line with nothing but "E".']],
    ['FROM a\nHEALTHCHECK a', ['2:1 HEALTHCHECK takes CMD and a command, or NONE.']],
    ['FROM a\nHEALTHCHECK --interval=5 CMD a', ['2:1 "5" is no duration: write 30s, 1m30s or 500ms.']],
    ['FROM a\nSHELL /bin/sh', ['2:1 SHELL takes a list in JSON: SHELL ["/bin/sh", "-c"].']],
    ['FROM a\nONBUILD FROM b', ['2:1 ONBUILD FROM is not allowed.']],
    ['# escape=x\nFROM a', ['1:1 # escape= must be \\ or `.']],
    ['FROM a\nUSER b\0c', ['2:7 it holds a NUL: it is no text.']],
    [
      'FROM a\nFOO\nUSER b\nBAR',
      ['2:1 "FOO" is no instruction of a Dockerfile.', '4:1 "BAR" is no instruction of a Dockerfile.'],
    ],
  ];
  for (const [text, expected] of wrong)
    it(`refuses ${JSON.stringify(text)}`, () => assert.deepEqual(problems(text), expected));

  it('names the file and its first line in the message', () => {
    assert.throws(() => readDockerfile('FROM a\nFOO\nBAR', '/w/Dockerfile'), {
      code: 'invalid-spec',
      message: '"/w/Dockerfile", line 2: "FOO" is no instruction of a Dockerfile. (and 1 more)',
    });
  });

  const hostile: readonly (readonly [string, string, readonly string[]])[] = [
    ['a line of 1 MiB', `FROM a\nENV A=${'x'.repeat(1 << 20)}`, []],
    ['a word for every other byte', `FROM a\nENV ${'A=b '.repeat(1 << 18)}`, []],
    [
      '100,000 instructions',
      `FROM a\n${'USER b\n'.repeat(100_000)}`,
      ['20001:1 a Dockerfile may have 20000 instructions.'],
    ],
    ['a line that is continued 100,000 times', `FROM a\nENV A=b${' \\\n C=d'.repeat(100_000)}`, []],
    ['lists in lists', `FROM a\nCMD ${'['.repeat(1 << 20)}`, []],
    ['100,000 documents', `FROM a\nCOPY ${'<<a '.repeat(100_000)}/`, ['2:1 an instruction may have 1000 documents.']],
    ['a very large file', `FROM a\n${'#'.repeat(3 << 20)}`, ['1:1 a Dockerfile may have 2097152 characters.']],
    ['white space', `FROM a\nUSER ${' '.repeat(1 << 20)}x`, []],
  ];
  for (const [name, text, expected] of hostile) {
    it(`is not held up by ${name}`, () => {
      const began = performance.now();
      assert.deepEqual(problems(text), expected);
      assert.ok(performance.now() - began < 2000);
    });
  }

  it('reads any bytes, or names the line', () => {
    let seed = 7;
    const random = (below: number): number => {
      seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
      return (seed >>> 8) % below;
    };
    const parts = [
      'FROM a',
      'COPY',
      '--from=',
      '<<E',
      'E',
      '\\',
      '\n',
      '"',
      "'",
      '[',
      ']',
      '$',
      '{',
      '}',
      '#',
      ' ',
      '\t',
      '\r',
      '`',
      '\uFEFF',
      '\u0085',
      'ENV',
      '=',
      '🎉',
      '\ud800',
      'ONBUILD',
      'HEALTHCHECK CMD',
      ',',
    ];
    for (let round = 0; round < 3000; round++) {
      const text = Array.from({ length: random(30) }, () => parts[random(parts.length)]).join('');
      for (const problem of problems(`FROM a\n${text}`)) assert.match(problem, /^\d+:\d+ /);
    }
  });
});
