import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { HistoryEntry } from '../../src/oci/imageConfig.ts';
import { dockerfileOf } from '../../src/operations/dockerfileOf.ts';
import { imageOf } from '../support/imageOf.ts';

/** What is made of one step, without what says that all is a reconstruction. */
function stepOf(step: HistoryEntry): string {
  const { config, manifest } = imageOf([{ ...step, empty_layer: true }], []);
  const text = dockerfileOf(config, manifest);
  return text.slice(text.indexOf('\n\n') + 2).trimEnd();
}

const by = (created_by: string) => stepOf({ created_by });

describe('dockerfileOf', () => {
  it('says first that it is no original, and what cannot be known', () => {
    const { config, manifest } = imageOf([{ created_by: 'RUN /bin/sh -c make # buildkit' }], [1234], {
      'org.opencontainers.image.base.name': 'docker.io/library/debian:12\nUSER root',
    });
    assert.equal(
      dockerfileOf(config, manifest),
      [
        '# Not the Dockerfile of this image: a reconstruction from its history, which builders write as they like.',
        '# Not known are the image that it was built on (its steps come first), which files COPY and ADD took (file:, dir: and',
        '# multi: are checksums of them), other stages, and arguments that left no trace.',
        '# By its annotation it was built on docker.io/library/debian:12\\nUSER root.',
        '',
        '# Layer #1 sha256:000000000000, 1,234 bytes',
        'RUN make',
        '',
      ].join('\n'),
    );
  });

  for (const [from, to] of [
    ['/bin/sh -c #(nop)  CMD ["bash"]', 'CMD ["bash"]'],
    ['/bin/sh -c #(nop)  CMD ["nginx" "-g" "daemon off;"]', 'CMD ["nginx", "-g", "daemon off;"]'],
    ['/bin/sh -c #(nop) ADD file:9a4f77 in / ', 'ADD file:9a4f77 /'],
    ['/bin/sh -c #(nop) COPY dir:0abc in /app ', 'COPY dir:0abc /app'],
    ['/bin/sh -c #(nop)  EXPOSE map[80/tcp:{} 443/tcp:{}]', 'EXPOSE 80/tcp 443/tcp'],
    ['/bin/sh -c #(nop)  ENV A=b c', 'ENV A=b c'],
    ['COPY . /app # buildkit', 'COPY . /app'],
    ['WORKDIR /app', 'WORKDIR /app'],
    ['ENTRYPOINT ["/docker-entrypoint.sh"]', 'ENTRYPOINT ["/docker-entrypoint.sh"]'],
    ['/bin/sh -c make', 'RUN make'],
    ['RUN /bin/sh -c make # buildkit', 'RUN make'],
    ['RUN /bin/bash -o pipefail -c make # buildkit', 'RUN /bin/bash -o pipefail -c make'],
    ['cmd /S /C dir', 'RUN dir'],
    ['|2 A=1 B=x y /bin/sh -c make', '# With build arguments: A=1 B=x y\nRUN make'],
    ['RUN |1 A=1 /bin/sh -c make # buildkit', '# With build arguments: A=1\nRUN make'],
    ['RUN apt-get update', 'RUN apt-get update'],
    ['ko build ko://example.com/cmd', '# ko build ko://example.com/cmd'],
    ['jib-maven-plugin:3.4.0', '# jib-maven-plugin:3.4.0'],
    ["# debian.sh --arch 'amd64' out/ 'bookworm'", "# debian.sh --arch 'amd64' out/ 'bookworm'"],
    ['FROM scratch', '# FROM scratch'],
    ['', '# (nobody noted what made this)'],
  ] as const) {
    it(`reads ${from === '' ? 'nothing' : from}`, () => {
      assert.equal(by(from), to);
    });
  }

  it('breaks a RUN at && and at the tabs that joined lines left, not in quotes', () => {
    assert.equal(
      by('/bin/sh -c set -eux; \tapt-get install -y \t\tca-certificates \t; echo "a && b\tc" && make \t&& \'x && y\''),
      [
        'RUN set -eux; \\',
        '    apt-get install -y \\',
        '        ca-certificates \\',
        '    ; echo "a && b\\tc" \\',
        '    && make \\',
        "    && 'x && y'",
      ].join('\n'),
    );
  });

  it('keeps the lines of a script in a RUN together', () => {
    assert.equal(
      by("RUN /bin/sh -c cat <<EOF > /x\nit's\nUSER root\n\nEOF\n# buildkit"),
      ['RUN cat <<EOF > /x \\', "    it's \\", '    USER root \\', '    EOF'].join('\n'),
    );
  });

  it('shows comments of builders, but not the one of each buildkit step', () => {
    assert.equal(stepOf({ created_by: 'WORKDIR /', comment: 'buildkit.dockerfile.v0' }), 'WORKDIR /');
    assert.equal(stepOf({ created_by: 'x', comment: 'classes\nUSER root' }), '# classes\\nUSER root\n# x');
  });

  it('235 lets no text begin a line of its own, join the next line to it, or act on a terminal', () => {
    assert.equal(by('ENV A=b\nUSER root\\'), 'ENV A=b\\nUSER root\\u{5c}');
    assert.equal(by('/bin/sh -c make \\  '), 'RUN make \\u{5c}');
    const piece = fc.constantFrom(
      '\n',
      '\r',
      '\t',
      '\\',
      ' ',
      '&&',
      '"',
      "'",
      '#',
      '\u2028',
      '\u001b[2J',
      '\u202e',
      'USER root',
      'RUN ',
      '/bin/sh -c ',
      '#(nop) ',
      '|1 A=1 ',
      'CMD ',
      '# buildkit',
      '<<EOF',
    );
    const text = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(''));
    fc.assert(
      fc.property(text, text, (created_by, comment) => {
        const lines = stepOf({ created_by, comment }).split('\n');
        assert.match(lines.join(''), /^[\x20-\x7e]*$/);
        const starts = lines.filter((_, at) => !(lines[at - 1] ?? '').endsWith('\\') || lines[at - 1]?.startsWith('#'));
        const instructions = starts.filter((line) => !line.startsWith('#'));
        assert.ok(instructions.length <= 1, lines.join('\n'));
        assert.ok(!/\\\s*$/.test(lines.at(-1) ?? '') || (lines.at(-1) ?? '').startsWith('#'), lines.join('\n'));
      }),
      { seed: 20261121, numRuns: 2000 },
    );
  });

  it('reads a history of megabytes in time', () => {
    const started = performance.now();
    by(`RUN ${'\t && "'.repeat(500_000)}`);
    by(`|1 ${' '.repeat(2_000_000)}`);
    assert.ok(performance.now() - started < 5000);
  });
});
