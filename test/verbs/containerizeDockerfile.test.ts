import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { GantryApi } from '../../src/api.ts';
import { SpecError } from '../../src/errors.ts';
import { createGantry } from '../../src/verbs/createGantry.ts';
import { elfOf } from '../containerize/elfWriter.ts';
import { newTempDir, removeTempDir } from '../support/tempDir.ts';
import { testContext } from '../support/verbContext.ts';

describe('containerize, a Dockerfile', () => {
  const context = testContext();
  let folder = '';
  let gantry: GantryApi;
  const at = (name: string): string => path.join(folder, name);
  const target = (): string => `oci:${at('made')}:1`;

  before(async () => {
    folder = await newTempDir();
    await context.open(folder);
    gantry = createGantry(context.value);
    await mkdir(at('project/dist'), { recursive: true });
    await mkdir(at('built'));
    await writeFile(at('built/server'), elfOf({ type: 2 }), { mode: 0o755 });
    await writeFile(at('project/dist/page.html'), '<p>hello');
    await writeFile(at('project/.dockerignore'), 'dist/*.map\n');
    await writeFile(at('project/dist/page.map'), 'left out');
    await gantry.appendLayer({
      base: 'scratch',
      target: `oci:${at('base')}:1`,
      files: [{ from: at('project/.dockerignore'), to: '/etc/mark' }],
      config: { env: ['PATH=/bin'], workdir: '/srv', cmd: ['sh'] },
    });
  });
  after(async () => {
    await context.close();
    await removeTempDir(folder);
  });

  const dockerfile = async (...lines: readonly string[]): Promise<string> => {
    await writeFile(at('project/Dockerfile'), `${lines.join('\n')}\n`);
    return at('project/Dockerfile');
  };

  it('makes the final stage, with what its base says and a folder for another stage', async () => {
    const file = await dockerfile(
      'FROM golang AS build',
      'RUN go build -o /out/server .',
      `FROM oci:${at('base')}:1`,
      'ARG MODE=dev',
      'ENV PATH=$PATH:/opt MODE=$MODE',
      'COPY --from=build /server /opt/',
      'COPY --chown=7:8 dist/ web/',
      'USER 7',
      'EXPOSE 8080',
      'ENTRYPOINT ["/opt/server"]',
    );
    const options = { dockerfile: file, base: `oci:${at('base')}:1`, target: target(), stages: { build: at('built') } };
    const made = await gantry.containerize({ ...options, args: { MODE: 'live' }, overwrite: true });
    assert.deepEqual(
      made.preflight.map(({ program, verdict }) => [program, verdict]),
      [['/opt/server', 'runs']],
    );
    const found = await gantry.inspectImage({ image: made.target });
    const config = found.config?.['config'] as Record<string, unknown>;
    assert.deepEqual(config['Env'], ['PATH=/bin:/opt', 'MODE=live']);
    assert.deepEqual([config['User'], config['WorkingDir'], config['Cmd']], ['7', '/srv', undefined]);
    const files = await gantry.listFiles({ image: made.target });
    assert.deepEqual(
      files.filter(({ type }) => type === 'file').map(({ path: where, uid, gid }) => [where, uid, gid]),
      [
        ['/etc/mark', 0, 0],
        ['/opt/server', 0, 0],
        ['/srv/web/page.html', 7, 8],
      ],
    );
  });

  it('takes the rules beside the Dockerfile, and waits for nothing that takes their place', async function () {
    this.timeout(5_000);
    const file = await dockerfile('FROM scratch', 'COPY dist /');
    const options = { dockerfile: file, target: target(), overwrite: true };
    const rules = `${file}.dockerignore`;
    try {
      await writeFile(rules, 'dist/*.html\n');
      const made = await gantry.containerize(options);
      const found = await gantry.listFiles({ image: made.target });
      assert.deepEqual(
        found.filter(({ type }) => type === 'file').map(({ path: where }) => where),
        ['/page.map'],
      );
      await writeFile(rules, '# a comment\n'.repeat(200_000));
      await assert.rejects(gantry.containerize(options), { code: 'too-large' });
      if (process.platform === 'win32') return;
      await rm(rules);
      execFileSync('mkfifo', [rules]);
      await gantry.containerize(options);
    } finally {
      await rm(rules, { force: true });
    }
  });

  it('answers a RUN in the final stage with its line', async () => {
    const file = await dockerfile('FROM scratch', 'COPY dist /', '', 'RUN echo hello');
    await assert.rejects(gantry.containerize({ dockerfile: file, target: target() }), (error: unknown) => {
      assert.ok(error instanceof SpecError);
      assert.deepEqual(
        error.problems.map(({ line }) => line),
        [4],
      );
      assert.match(error.message, /RUN/);
      return true;
    });
  });
});
