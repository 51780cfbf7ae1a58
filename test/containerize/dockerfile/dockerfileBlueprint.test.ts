import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import type { ConfigChanges } from '../../../src/api.ts';
import { dockerignoreFilter, parseDockerignore } from '../../../src/containerize/ignore/dockerignore.ts';
import type { StageBase } from '../../../src/containerize/dockerfile/stageBase.ts';
import type { DockerfileOptions } from '../../../src/containerize/dockerfile/dockerfileBlueprint.ts';
import { blueprintOf, filesOf, placesOf, useContext } from './dockerContext.ts';

const folders: Readonly<Record<string, object>> = {
  '/home/app': { mode: 0o750, uid: 1000, gid: 1001 },
  '/srv': { mode: 0o755, uid: 0, gid: 0 },
  '/bin': { path: '/usr/bin', mode: 0o755, uid: 0, gid: 0 },
};
const base: StageBase = {
  env: ['PATH=/usr/bin', 'LANG=C', 'HOME=/home/app'],
  workdir: '/srv',
  user: 'app',
  shell: ['/bin/ash', '-ec'],
  onBuild: ['COPY a.txt /triggered', 'LABEL by=base'],
  folder: (place) => {
    const found = Object.hasOwn(folders, place) ? folders[place] : undefined;
    return place === '/' || found !== undefined ? { path: place, mode: 0o755, uid: 0, gid: 0, ...found } : undefined;
  },
  account: async (name) => (name === 'app' ? { uid: 1000, gid: 1001 } : undefined),
  group: async (name) => (name === 'staff' ? 50 : undefined),
};

describe('dockerfileBlueprint', () => {
  const { here, make, problems } = useContext();

  const config = async (lines: readonly string[], options: Partial<DockerfileOptions> = {}): Promise<ConfigChanges> =>
    (await make(['FROM scratch', ...lines], options)).config;
  it('expands documents where they are not quoted', async () => {
    const made = await make(['FROM scratch', 'ENV A=x', 'COPY <<E /a', '"$A" \\$A', 'E', 'COPY <<"E" /b', '$A', 'E']);
    assert.deepEqual(await filesOf(made), ['a file 644 0:0 "\\"x\\" $A\\n"', 'b file 644 0:0 "$A\\n"']);
  });

  it('uses what the base has: environment, folder, shell, accounts, triggers', async () => {
    const lines = [
      'FROM a:1',
      'ENV PATH=/app:$PATH',
      'WORKDIR app',
      'COPY --chown=app:staff b.txt x/',
      'CMD run $HOME',
    ];
    const made = await make(lines, { base: async () => base });
    assert.equal(made.base, 'a:1');
    assert.deepEqual(made.config, {
      cmd: ['/bin/ash', '-ec', 'run $HOME'],
      env: ['PATH=/app:/usr/bin'],
      workdir: '/srv/app',
      labels: { by: 'base' },
    });
    assert.deepEqual(await filesOf(made), [
      'srv directory 755 0:0 ""',
      'srv/app directory 755 1000:1001 ""',
      'srv/app/x directory 755 1000:50 ""',
      'srv/app/x/b.txt file 644 1000:50 "b"',
      'triggered file 644 0:0 "a"',
    ]);
    assert.deepEqual(
      made.layers.map(({ name }) => name),
      ['COPY a.txt /triggered', 'WORKDIR /srv/app', 'COPY --chown=app:staff b.txt x/'],
    );
  });

  it('lists all that was copied as what packages may be named by, however many files it is', async () => {
    const names = Array.from({ length: 150 }, (_, at) => `${String(at)}.jar`);
    for (const name of names) fs.writeFileSync(path.join(here.context, name), '');
    const { materials } = await make(['FROM scratch', 'COPY *.jar /app/']);
    assert.deepEqual([...materials].sort(), names.map((name) => path.join(here.context, name)).sort());
  });

  it('leaves folders of the base as they are, and goes through its links', async () => {
    const made = await make(['FROM a', 'COPY --chown=5 dir/sub/deep /home/app', 'COPY bin/run.sh /bin'], {
      base: async () => ({ ...base, onBuild: [] }),
    });
    const files = await filesOf(made);
    assert.ok(files.includes('home/app directory 750 1000:1001 ""'));
    assert.ok(files.includes('home/app/four.js file 644 5:5 "4"'));
    assert.ok(files.includes('usr/bin/run.sh file 755 0:0 "#!/bin/sh\\n"'));
  });

  it('says which accounts the base has not', async () => {
    assert.deepEqual(await problems(['FROM scratch', 'COPY --chown=app a.txt /x', 'COPY --chown=1:staff a.txt /y']), [
      '2:1 --chown: the base has no user "app" in /etc/passwd. Write its number.',
      '3:1 --chown: the base has no group "staff" in /etc/group. Write its number.',
    ]);
  });

  it('gives layers that depend on the platform to their platforms', async () => {
    fs.writeFileSync(path.join(here.context, 'app-amd64'), 'amd');
    fs.writeFileSync(path.join(here.context, 'app-arm64'), 'arm');
    const lines = [
      'FROM scratch',
      'ARG TARGETARCH',
      'COPY a.txt /a',
      'COPY app-$TARGETARCH /app',
      'ENTRYPOINT ["/app"]',
    ];
    const { layers, programs, platforms } = await make(lines, { platforms: ['linux/amd64', 'linux/arm64'] });
    assert.deepEqual(
      layers.map(({ name, platform }) => [name, platform]),
      [
        ['COPY a.txt /a', undefined],
        ['COPY app-$TARGETARCH /app', 'linux/amd64'],
        ['COPY app-$TARGETARCH /app', 'linux/arm64'],
      ],
    );
    assert.deepEqual(platforms, ['linux/amd64', 'linux/arm64']);
    const own = programs.map(({ file, platform }) => [path.basename(file), platform]).sort();
    assert.deepEqual(own, [
      ['app-amd64', 'linux/amd64'],
      ['app-arm64', 'linux/arm64'],
    ]);
    const differing = ['FROM scratch', 'ARG TARGETARCH', 'ENV A=$TARGETARCH'];
    assert.deepEqual(await problems(differing, { platforms: ['linux/amd64', 'linux/arm64'] }), [
      '1:1 its config (env) differs between the platforms: build one platform at a time.',
    ]);
    assert.deepEqual((await make(differing, { platforms: ['linux/arm64'] })).config.env?.slice(1), ['A=arm64']);
  });

  const configs: readonly (readonly [readonly string[], ConfigChanges])[] = [
    [['ARG A=1', 'ARG A', 'ENV B=$A'], { env: ['B=given'] }],
    [['ARG C=$A', 'ENV B=${C:-none}'], { env: ['B=none'] }],
    [['ARG D=${A:-d}', 'ENV B=$D'], { env: ['B=d'] }],
    [
      [
        'ARG TARGETPLATFORM TARGETOS TARGETARCH TARGETVARIANT',
        'ENV B=$TARGETPLATFORM,$TARGETOS,$TARGETARCH,$TARGETVARIANT',
      ],
      { env: ['B=linux/arm/v7,linux,arm,v7'] },
    ],
    [['ENV B=$TARGETARCH'], { env: ['B='] }],
    [['ENV A="a b" \'C\'=d'], { env: ['A=a b', 'C=d'] }],
    [['EXPOSE 80 90-92/udp 1.2.3.4:8080:81 82/TCP'], { ports: ['80/tcp', '90-92/udp', '81/tcp', '82/tcp'] }],
    [
      ['SHELL ["/bin/bash", "-c"]', 'CMD a', 'SHELL ["x"]', 'ENTRYPOINT b'],
      { cmd: ['/bin/bash', '-c', 'a'], entrypoint: ['x', 'b'], shell: ['x'] },
    ],
    [['CMD ["a"]', 'CMD []'], { cmd: [] }],
    [
      ['LABEL __proto__=x constructor=y'],
      { labels: JSON.parse('{"__proto__":"x","constructor":"y"}') as Record<string, string> },
    ],
    [['STOPSIGNAL SIGRTMIN+3'], { stopSignal: 'SIGRTMIN+3' }],
    [
      ['ENV A=/v', 'USER $A', 'VOLUME $A/w', 'WORKDIR $A'],
      { env: ['A=/v'], user: '/v', volumes: ['/v/w'], workdir: '/v' },
    ],
    [['HEALTHCHECK CMD a', 'HEALTHCHECK NONE'], { healthcheck: { test: ['NONE'] } }],
  ];
  for (const [lines, expected] of configs) {
    it(`makes the config of ${lines.join(' | ')}`, async () => {
      const made = await config(lines, {
        args: lines[0] === 'ARG A=1' ? { A: 'given' } : {},
        platforms: ['linux/arm/v7'],
      });
      const env = made.env?.filter((entry) => !entry.startsWith('PATH=')) ?? [];
      const others = Object.entries(made).filter(([name]) => name !== 'env');
      assert.deepEqual({ ...Object.fromEntries(others), ...(env.length === 0 ? {} : { env }) }, expected);
    });
  }

  it('uses arguments before the first FROM in FROM, and in stages that declare them', async () => {
    const lines = ['ARG V=1', 'ARG I=img:$V', 'FROM $I', 'ENV A=${V:-not}', 'ARG V', 'ENV B=$V'];
    const known = { ...base, onBuild: [] };
    const made = await make(lines, { args: { V: '2' }, base: async () => known });
    assert.deepEqual([made.base, made.config.env], ['img:2', ['A=not', 'B=2']]);
  });

  it('ignores stages that are not needed, and builds the one that is asked for', async () => {
    const lines = [
      'FROM golang AS build',
      'RUN make',
      'FROM scratch AS a',
      'COPY a.txt /a',
      'FROM scratch AS b',
      'COPY b.txt /b',
    ];
    assert.deepEqual(placesOf(await filesOf(await make(lines))), ['b']);
    assert.deepEqual(placesOf(await filesOf(await make(lines, { target: 'A' }))), ['a']);
    assert.deepEqual(placesOf(await filesOf(await make(lines, { target: '1' }))), ['a']);
    assert.deepEqual(await problems(lines, { target: 'c' }), [
      '1:1 there is no stage "c": the stages are build, a, b.',
    ]);
  });

  it('tells every line that cannot be done', async () => {
    const lines = [
      'FROM golang AS build',
      'RUN make',
      'FROM build',
      'RUN strip x',
      'ADD https://a.example/x /',
      'COPY none /',
      'COPY --from=other /a /b',
      'COPY ../x /y',
      'STOPSIGNAL X',
      'EXPOSE 0',
      'COPY a.txt b.txt /x',
    ];
    const found = await problems(lines);
    assert.deepEqual(
      found.map((text) => text.replace(here.context, '…').replace(/ RUN.*: move/, ' RUN: move')),
      [
        '2:1 RUN: move it to an earlier stage, build that with your own tools, and COPY --from it.',
        '4:1 RUN: move it to an earlier stage, build that with your own tools, and COPY --from it.',
        '5:1 "https://a.example/x" is not fetched: nothing of a Dockerfile loads anything here. Download it into the context and COPY it.',
        '6:1 there is no "none": the context has none ("…").',
        '7:1 COPY --from="other" needs a folder that stands for it: give one in which "/a" is what the stage or image has there (the option stages).',
        '8:1 "../x" leads out of the context.',
        '9:1 STOPSIGNAL "X" is no signal: write a name such as SIGTERM, or a number from 1 to 64.',
        '10:1 EXPOSE "0" is no port: write a number from 1 to 65535, or a range, with /udp where it is not tcp.',
        '11:1 several sources need a folder to go to: end the destination with /.',
      ],
    );
  });

  it('does not find what ignore rules leave out', async () => {
    const filter = dockerignoreFilter(parseDockerignore('*.txt\ndir/sub\n!b.txt\n'));
    const made = await make(['FROM scratch', 'COPY . /x/', 'COPY *.txt /y/'], { filter });
    const found = placesOf(await filesOf(made));
    assert.deepEqual(
      found.filter((place) => /txt|sub/.test(place)),
      ['x/b.txt', 'y/b.txt'],
    );
    const [problem] = await problems(['FROM scratch', 'COPY a.txt /'], { filter });
    assert.match(problem ?? '', /^2:1 there is no "a.txt": ignore rules leave it out of the context/);
  });

  it('277: follows links of the context inside it only', async () => {
    fs.writeFileSync(path.join(here.root, 'secret'), 'secret');
    fs.symlinkSync('../secret', path.join(here.context, 'out'));
    fs.symlinkSync('/secret', path.join(here.context, 'absolute'));
    fs.symlinkSync('..', path.join(here.context, 'above'));
    fs.symlinkSync('loop', path.join(here.context, 'loop'));
    for (const name of ['out', 'absolute', 'above/secret', 'loop']) {
      assert.match((await problems(['FROM scratch', `COPY ${name} /x`]))[0] ?? '', /there is no/, name);
    }
    const made = await make(['FROM scratch', 'COPY above/a.txt /x']);
    assert.deepEqual(await filesOf(made), ['x file 644 0:0 "a"']);
  });

  it('says what it leaves out: triggers, patterns without files, arguments that nothing declares', async () => {
    const made = await make(['FROM scratch', 'ONBUILD RUN x', 'COPY *.zip /'], {
      args: { NOPE: '1', HTTP_PROXY: 'x' },
    });
    assert.deepEqual(made.warnings, [
      { code: 'not-supported', text: 'ONBUILD RUN x is left out: images made here have no triggers.' },
      { code: 'note', text: 'COPY *.zip / copies nothing: its patterns match no file.' },
      { code: 'note', text: 'no ARG declares the build argument "NOPE".' },
    ]);
  });

  it('takes a FROM with a platform of its own', async () => {
    const lines = ['FROM --platform=linux/riscv64 scratch', 'COPY a.txt /a'];
    assert.deepEqual((await make(lines)).platforms, ['linux/riscv64']);
    assert.match(
      (await problems(lines, { platforms: ['linux/amd64', 'linux/arm64'] }))[0] ?? '',
      /FROM names one platform/,
    );
  });

  it('stops when it is told to', async () => {
    const abort = new AbortController();
    abort.abort(new Error('enough'));
    await assert.rejects(blueprintOf(here.context, 'FROM scratch\nCOPY . /', {}, { signal: abort.signal }), /enough/);
  });

  it('is not held up by variables that double', async () => {
    const lines = [
      'FROM scratch',
      'ENV A=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',
      ...Array.from({ length: 60 }, () => 'ENV A=$A$A'),
    ];
    assert.match((await problems(lines))[0] ?? '', /it comes to more than 1048576 characters/);
  });
});
