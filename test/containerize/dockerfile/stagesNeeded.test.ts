import assert from 'node:assert/strict';
import { readDockerfile } from '../../../src/containerize/dockerfile/readDockerfile.ts';
import { type StagesNeededOptions, stagesNeeded } from '../../../src/containerize/dockerfile/stagesNeeded.ts';

const lines = [
  'ARG KIND=release',
  'FROM golang AS Build',
  'COPY --from=tools /a /a',
  'RUN make',
  'FROM node AS release',
  'COPY --from=build /out/lib /lib/',
  'FROM node AS debug',
  'COPY --from=debugger /d /d',
  'FROM $KIND AS last',
  'COPY --from=Build /out/app /out/lib /app/',
  'COPY . /src',
  'COPY --from=nginx:1 /etc/nginx /etc/',
];

const needed = (options?: StagesNeededOptions): readonly (readonly unknown[])[] =>
  stagesNeeded(readDockerfile(lines.join('\n'), 'Dockerfile'), options).map(({ name, line, paths }) => [
    name,
    line,
    ...paths,
  ]);

describe('stagesNeeded', () => {
  it('names what the last stage and those it builds on copy from, each once', () => {
    assert.deepEqual(needed(), [
      ['build', 6, '/out/lib', '/out/app'],
      ['nginx:1', 12, '/etc/nginx'],
    ]);
  });

  it('follows arguments', () => {
    assert.deepEqual(needed({ args: { KIND: 'debug' } }), [
      ['debugger', 8, '/d'],
      ['Build', 10, '/out/app', '/out/lib'],
      ['nginx:1', 12, '/etc/nginx'],
    ]);
  });

  it('follows what every build knows of its platform', () => {
    const text = 'FROM a AS on-amd64\nCOPY --from=x /x /\nFROM on-$TARGETARCH\n';
    assert.deepEqual(
      stagesNeeded(readDockerfile(text, 'Dockerfile')).map(({ name }) => name),
      ['x'],
    );
  });

  it('is not held up by many paths', () => {
    const paths = Array.from({ length: 100_000 }, (_, at) => `p${at}`);
    const copies = ['a', 'b'].map((mark) => `COPY --from=x ${paths.map((one) => mark + one).join(' ')} /`);
    const began = performance.now();
    const [one] = stagesNeeded(readDockerfile(['FROM scratch', ...copies].join('\n'), 'Dockerfile'));
    assert.equal(one?.paths.length, 200_000);
    assert.ok(performance.now() - began < 4000);
  });

  it('is not held up by patterns', () => {
    const args = Array.from({ length: 5000 }, (_, at) => `ARG A${at}=\${L//${'*a'.repeat(20)}b/}`);
    const text = [`ARG L=${'a'.repeat(2000)}`, ...args, 'FROM scratch'].join('\n');
    const began = performance.now();
    assert.deepEqual(stagesNeeded(readDockerfile(text, 'Dockerfile')), []);
    assert.ok(performance.now() - began < 4000);
  });

  it('looks at the stage that is asked for', () => {
    assert.deepEqual(needed({ target: 'build' }), [['tools', 3, '/a']]);
    assert.throws(() => needed({ target: 'none' }), { code: 'invalid-spec' });
  });
});
