import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { createEngine } from '../harness/engine.ts';
import { outPath } from '../harness/paths.ts';
import { runSampleJob, sampleSettings } from '../harness/sampleJob.ts';
import { findTool, needs } from '../support/tools.ts';
import { eventually, loader, writeContainerizeFiles } from './containerizeFiles.ts';
import { Workbench } from './driver.ts';
import { Gesture } from './gesture.ts';

/** One pass through one window: each step goes on where the one before it ended. */
describe('containerize in the workbench', () => {
  const registry = { directory: outPath('containerize-registry') };
  const folder = outPath('containerize-files');
  const engine = createEngine();
  let workbench: Workbench;
  let gesture: Gesture;
  let host: string;

  before(async () => {
    await rm(folder, { recursive: true, force: true });
    await writeContainerizeFiles(folder);
    const job = await runSampleJob(registry);
    host = `localhost:${job.port}`;
    const settings = {
      ...sampleSettings(registry, job),
      // The pointer rests where the last click was, and a hover there hides rows.
      'workbench.hover.delay': 600_000,
      'explorer.compactFolders': false,
    };
    workbench = await Workbench.open({ name: 'containerize', folder, settings });
    gesture = new Gesture(workbench);
    // Its menus are there once the extension is.
    await workbench.showContainer('Gantry');
    await workbench.expand('Registries', 'Local registry');
    await engine.appendLayer({
      base: 'scratch',
      target: `${host}/base/glibc:1`,
      files: [{ from: path.join(folder, 'loader'), to: loader }],
    });
  });

  afterEach(async function () {
    const { title = '', state } = this.currentTest ?? {};
    if (state === 'failed') await workbench.screenshot(`failed-${title.split(' ')[0] ?? ''}`).catch(() => undefined);
  });

  after(() => workbench.close());

  it('changes whatever a plan says before anything is written, by keys alone', async () => {
    await gesture.start('server');
    await gesture.onScratch(`${host}/edits/server:1`);
    await gesture.change('Entrypoint', '/app/server --name "two words"');
    await gesture.change('Environment', 'PORT=8080 "GREETING=good day"');
    await gesture.change('User', '65532:65532');
    await gesture.change('Ports', '8080');
    await gesture.change('Target', `${host}/edits/server:2`);
    const rows = (await gesture.plan()).join('\n');
    assert.match(
      rows,
      new RegExp(`^Push, ${host}/edits/server:2, the image will be sha256:[0-9a-f]{12} · .* to upload`, 'm'),
    );
    assert.match(rows, /^Entrypoint, \/app\/server --name "two words"/m);
    assert.match(rows, /^Arguments, none/m);
    assert.match(rows, /^User, 65532:65532/m);
    assert.match(rows, /^Environment, PORT, GREETING/m);
    await workbench.screenshot('containerize-plan');
    await workbench.choose('Push');
    assert.match(await workbench.notified('edits/server:2 is'), /: [\d.]+ (?:B|KiB) uploaded\.$/);
    const made = await engine.inspectImage({ image: `${host}/edits/server:2` });
    assert.deepEqual(made.config?.['config'], {
      Entrypoint: ['/app/server', '--name', 'two words'],
      Env: ['PORT=8080', 'GREETING=good day'],
      ExposedPorts: { '8080/tcp': {} },
      User: '65532:65532',
    });
    await assert.rejects(engine.inspectImage({ image: `${host}/edits/server:1` }), { code: 'not-found' });
  });

  it('goes back a step, and gives up at any of them', async () => {
    await gesture.start('server');
    await workbench.question('(1/2)');
    await workbench.answer('scratch');
    await workbench.question('(2/2)');
    await gesture.goBack();
    await workbench.question('(1/2)');
    assert.match((await workbench.answers())[0] ?? '', /^scratch, will run · /);
    await workbench.answer();
    await workbench.question('(2/2)');
    await workbench.answer(`${host}/given/up:1`);
    await gesture.plan();
    await gesture.goBack();
    await workbench.question('(1/2)');
    await gesture.giveUp();
    await assert.rejects(engine.listTags({ repository: `${host}/given/up` }), { code: 'not-found' });
  });

  it('says first that an image will not run, and pushes it only when told so', async () => {
    await gesture.start('dynamic');
    await gesture.onScratch(`${host}/edits/dynamic:1`);
    const [first, second] = await gesture.plan();
    assert.match(`${first}|${second}`, /^Choose Another Base…, scratch will not do\|Push, although it will not run, /);
    assert.match(
      await gesture.prompt(),
      /^The image will not run on linux\/amd64\. "\/lib64\/ld-linux.*cannot be started\./,
    );
    await workbench.screenshot('containerize-fails');
    // A base that is not there changes nothing.
    await workbench.answer();
    await workbench.question('Containerize dynamic');
    await workbench.answer(`${host}/no/such:1`);
    assert.equal((await gesture.plan())[0], 'Choose Another Base…, scratch will not do');
    await workbench.answer();
    await workbench.question('Containerize dynamic');
    await workbench.answer(`${host}/base/glibc:1`);
    assert.match((await gesture.plan())[0] ?? '', /^Push, /);
    assert.match(await gesture.prompt(), /^1 new layer, /);
    await workbench.choose('Base');
    await workbench.question('Containerize dynamic');
    await workbench.answer('scratch');
    await gesture.plan();
    await workbench.choose('Push, although');
    await workbench.page.locator('.quick-input-widget').waitFor({ state: 'hidden' });
    const said = await workbench.notifications();
    assert.ok(
      said.some((text) => text.includes('no/such')),
      said.join(' | '),
    );
    await workbench.notified('edits/dynamic:1 is');
    assert.equal((await engine.inspectImage({ image: `${host}/edits/dynamic:1` })).layers.length, 1);
  });

  it('saves what was chosen as a spec, which makes the same image again', async () => {
    await gesture.start('server');
    await gesture.onScratch(`${host}/spec/server:1`);
    await gesture.change('User', '1000');
    const digest = await gesture.digest();
    await workbench.choose('Save as Spec');
    await workbench.page.locator('.quick-input-action').first().waitFor();
    await workbench.page.keyboard.press('Escape');
    await gesture.plan();
    await workbench.choose('Save as Spec');
    await workbench.acceptFile(path.join(folder, 'gantry.yaml'));
    await workbench.tab('gantry.yaml');
    const text = await readFile(path.join(folder, 'gantry.yaml'), 'utf8');
    assert.match(text, /^target: .*spec\/server:1"?$/m);
    await workbench.notified('makes the same image again');
    await gesture.startInEditor();
    const rows = await gesture.plan();
    assert.match(rows[0] ?? '', new RegExp(`^Push, ${host}/spec/server:1, `));
    assert.equal(await gesture.digest(), digest);
    await workbench.answer();
    await workbench.notified('spec/server:1 is');
    const made = await engine.inspectImage({ image: `${host}/spec/server:1` });
    assert.equal(made.digest.slice(0, digest.length), digest);
  });

  it('leaves secrets out until it is told to let them in, and takes platforms', async () => {
    await gesture.start('pages');
    await workbench.choose('Files of the folder');
    await gesture.onScratch(`${host}/edits/pages:1`);
    const secret = 'Leaves out what looks like a secret';
    assert.ok((await gesture.plan()).some((row) => row.startsWith(`${secret}, id_rsa, Enter lets it in. `)));
    const before = await gesture.digest();
    await workbench.choose(secret);
    await workbench.page.locator('.quick-input-list .label-name', { hasText: 'Lets in what looks' }).waitFor();
    await workbench.screenshot('containerize-secret');
    assert.notEqual(await gesture.digest(), before);
    await workbench.choose('Lets in what looks');
    await workbench.page.locator('.quick-input-list .label-name', { hasText: secret }).waitFor();
    assert.equal(await gesture.digest(), before);
    await workbench.choose('Platforms');
    await workbench.page.locator('.quick-input-list .monaco-list-row', { hasText: 'linux/arm64' }).click();
    await workbench.page.keyboard.press('Enter');
    assert.ok((await gesture.plan()).some((row) => row === 'Platforms, linux/amd64, linux/arm64'));
    await workbench.choose('Push');
    await workbench.notified('edits/pages:1 is');
    const made = await engine.inspectImage({ image: `${host}/edits/pages:1` });
    assert.deepEqual(
      made.platforms.map(({ platform }) => platform),
      ['linux/amd64', 'linux/arm64'],
    );
  });

  it('makes the final stage of a Dockerfile, with a folder for what it copies from', async () => {
    await gesture.start('docker');
    await workbench.choose('Dockerfile');
    await workbench.page.locator('.quick-input-action').first().waitFor();
    await workbench.screenshot('containerize-stage');
    await gesture.chooseFolder(path.join(folder, 'docker', 'out'));
    await workbench.question('Containerize docker (2/2)');
    await workbench.answer(`${host}/docker/app:1`);
    const rows = (await gesture.plan()).join('\n');
    assert.match(rows, new RegExp(`^COPY --from=build, ${path.join(folder, 'docker', 'out')}`, 'm'));
    await workbench.screenshot('containerize-dockerfile');
    await workbench.answer();
    await workbench.notified('docker/app:1 is');
    const made = await engine.inspectImage({ image: `${host}/docker/app:1` });
    assert.deepEqual(Object.entries(made.config?.['config'] ?? {})[0], ['Entrypoint', ['/bin/app']]);
  });

  it('remembers the folder, starts from the title of the editor, and finds nothing to upload', async () => {
    await (await workbench.fileRow('Dockerfile')).dblclick();
    await workbench.tab('Dockerfile');
    await gesture.startInEditor();
    await workbench.question('Containerize docker');
    await workbench.answer(`${host}/docker/app:2`);
    await gesture.plan();
    assert.match(await gesture.prompt(), /^1 new layer, nothing to upload$/);
    await workbench.answer();
    await workbench.notified('docker/app:2 is');
    const [one, two] = await Promise.all(
      ['1', '2'].map((tag) => engine.inspectImage({ image: `${host}/docker/app:${tag}` })),
    );
    assert.equal(one?.digest, two?.digest);
  });

  it('answers a RUN with its line', async () => {
    await (await workbench.fileRow('run.Dockerfile')).dblclick();
    await workbench.tab('run.Dockerfile');
    await gesture.startInEditor();
    await workbench.question('Containerize docker');
    await workbench.answer(`${host}/docker/run:1`);
    assert.match(await workbench.notified('RUN'), /run\.Dockerfile.*3/);
  });

  it('builds a Go project in the terminal, shows its image in the tree, and uploads nothing the second time', async function () {
    needs(this, 'go');
    await startProject('hello', 'Go program');
    assert.match((await gesture.plan()).join('\n'), /^\/ko-app\/hello: will run, linux\/amd64/m);
    await workbench.screenshot('containerize-go');
    await workbench.answer();
    await workbench.notified('projects/hello:1 is');
    await workbench.showContainer('Gantry');
    await workbench.expand('Registries', 'Local registry', 'projects', 'hello');
    await workbench.row('Registries', '1');
    await startProject('hello', 'Go program');
    assert.match((await gesture.plan())[0] ?? '', /^Push, .* · nothing to upload/);
    await workbench.answer();
    assert.match(await workbench.notified('projects/hello:1 is'), /nothing had to be uploaded/);
  });

  it('says where the output of a build that fails is, and writes nothing', async () => {
    await startProject('broken', 'Node.js');
    const said = await workbench.notified('failed with exit code');
    assert.match(said, /^npm run build.* failed with exit code 3\. Its output is in the terminal “npm run build.*”\.$/);
    await workbench.page.locator('.terminal-wrapper.active').waitFor();
    await workbench.screenshot('containerize-build-failed');
    await assertNothing('broken');
  });

  it('says how to get a tool chain that is missing', async function () {
    if (findTool('dotnet') !== undefined) {
      (this.test ?? this.runnable()).title += ' [skipped: dotnet is there]';
      this.skip();
    }
    await startProject('dotnet', '.NET');
    assert.match(
      await workbench.notified('not found on the PATH'),
      /^dotnet was not found on the PATH\. Install the \.NET SDK/,
    );
    await assertNothing('dotnet');
  });

  it('ends the build when it is cancelled, and writes nothing', async () => {
    await startProject('slow', 'Node.js');
    await eventually('the build has started', () => existsSync(path.join(folder, 'slow', 'pid')));
    assert.match(await gesture.cancel('Building 1 of 1'), /^Planning slow: Building 1 of 1: npm run build/);
    const started = Number(await readFile(path.join(folder, 'slow', 'pid'), 'utf8'));
    await eventually('the build is over', () => !existsSync(`/proc/${started}`));
    await assertNothing('slow');
  });

  it('stops packing when it is cancelled, and writes nothing', async () => {
    await gesture.start('huge');
    await gesture.onScratch(`${host}/projects/huge:1`);
    assert.match(await gesture.cancel(/Packing: [\d.]+ [KMG]iB/), /^Planning huge: Packing: /);
    await assertNothing('huge');
  });

  it('says what to do with files that are no program, and with a folder that is empty', async () => {
    await gesture.start('notes.txt');
    await workbench.question('Containerize notes.txt');
    assert.match(await gesture.prompt(), /^notes\.txt cannot be started by Linux\./);
    assert.match((await workbench.answers()).join('|'), /^Append Layer…, .*\|Containerize All the Same…, /);
    await workbench.screenshot('containerize-no-program');
    await gesture.giveUp();
    await (await workbench.fileRow('server')).click();
    await (await workbench.fileRow('twin')).click({ modifiers: ['Control'] });
    await workbench.menuByKeys('Containerize This…');
    await workbench.question('Containerize');
    assert.match(await gesture.prompt(), /Several files become one image.*are both for linux\/amd64\./);
    await workbench.screenshot('containerize-several');
    await gesture.giveUp();
    await gesture.start('empty');
    await workbench.notified('is empty');
  });

  it('takes a program that is dropped on a repository into it', async () => {
    await workbench.showContainer('Gantry');
    await workbench.expand('Registries', 'Local registry', 'dev', 'hello');
    await gesture.drop('hello', path.join(folder, 'server'));
    await workbench.question('Containerize server (1/2)');
    await workbench.answer('scratch');
    await workbench.question('(2/2)');
    assert.equal((await workbench.answers())[0], `${host}/dev/hello:latest`);
    await workbench.answer(`${host}/dev/hello:dropped`);
    await gesture.plan();
    await workbench.answer();
    await workbench.notified('dev/hello:dropped is');
    await workbench.row('Registries', 'dropped');
  });

  async function startProject(name: string, label: string): Promise<void> {
    await gesture.start(name);
    await workbench.choose(label);
    await gesture.onScratch(`${host}/projects/${name}:1`);
  }

  async function assertNothing(name: string): Promise<void> {
    await assert.rejects(engine.listTags({ repository: `${host}/projects/${name}` }), { code: 'not-found' });
  }
});
