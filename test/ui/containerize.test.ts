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

const menu = 'Containerize This…';

/** One pass through one window: each step goes on where the one before it ended. */
describe('containerize in the workbench', () => {
  const registry = { directory: outPath('containerize-registry') };
  const folder = outPath('containerize-files');
  const engine = createEngine();
  let workbench: Workbench;
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
    // Its menus are there once the extension is.
    await workbench.showContainer('Gantry');
    await workbench.row('Registries', 'Local registry');
    await workbench.expand('Registries', 'Local registry');
    await engine.appendLayer({
      base: 'scratch',
      target: `${host}/base/glibc:1`,
      files: [{ from: path.join(folder, 'loader'), to: loader }],
    });
  });

  afterEach(async function () {
    const { title = '', state } = this.currentTest ?? {};
    if (state !== 'failed') return;
    await workbench.screenshot(`failed-containerize-${title.split(' ')[0] ?? ''}`).catch(() => undefined);
  });

  after(() => workbench.close());

  it('changes whatever a plan says before anything is written, by keys alone', async () => {
    await start('server');
    await workbench.question('Containerize server (1/2)');
    await workbench.answer('scratch');
    await workbench.question('(2/2)');
    await workbench.answer(`${host}/edits/server:1`);
    await change('Entrypoint', 'Containerize server', '/app/server --name "two words"');
    await change('Environment', 'Containerize server', 'PORT=8080 "GREETING=good day"');
    await change('User', 'Containerize server', '65532:65532');
    await change('Ports', 'Containerize server', '8080');
    await change('Target', 'Containerize server', `${host}/edits/server:2`);
    const rows = (await plan()).join('\n');
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
    await start('server');
    await workbench.question('(1/2)');
    await workbench.answer('scratch');
    await workbench.question('(2/2)');
    await goBack();
    await workbench.question('(1/2)');
    assert.match((await workbench.answers())[0] ?? '', /^scratch, will run · /);
    await workbench.answer();
    await workbench.question('(2/2)');
    await workbench.answer(`${host}/given/up:1`);
    await plan();
    await goBack();
    await workbench.question('(1/2)');
    await giveUp();
    await assert.rejects(engine.listTags({ repository: `${host}/given/up` }), { code: 'not-found' });
  });

  it('says first that an image will not run, and pushes it only when told so', async () => {
    await start('dynamic');
    await workbench.question('(1/2)');
    await workbench.answer('scratch');
    await workbench.question('(2/2)');
    await workbench.answer(`${host}/edits/dynamic:1`);
    const [first, second] = await plan();
    assert.equal(first, 'Choose Another Base…, scratch will not do');
    assert.match(second ?? '', /^Push, although it will not run, /);
    assert.match(await prompt(), /^The image will not run on linux\/amd64\. "\/lib64\/ld-linux.*cannot be started\./);
    await workbench.screenshot('containerize-fails');
    // A base that is not there changes nothing.
    await workbench.answer();
    await workbench.question('Containerize dynamic');
    await workbench.answer(`${host}/no/such:1`);
    assert.equal((await plan())[0], 'Choose Another Base…, scratch will not do');
    await workbench.answer();
    await workbench.question('Containerize dynamic');
    await workbench.answer(`${host}/base/glibc:1`);
    assert.match((await plan())[0] ?? '', /^Push, /);
    assert.match(await prompt(), /^1 new layer, /);
    await workbench.choose('Base');
    await workbench.question('Containerize dynamic');
    await workbench.answer('scratch');
    await plan();
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
    await start('server');
    await workbench.question('(1/2)');
    await workbench.answer('scratch');
    await workbench.question('(2/2)');
    await workbench.answer(`${host}/spec/server:1`);
    await change('User', 'Containerize server', '1000');
    const digest = planned(await plan());
    await workbench.choose('Save as Spec');
    await workbench.page.locator('.quick-input-action').first().waitFor();
    await workbench.page.keyboard.press('Escape');
    await plan();
    await workbench.choose('Save as Spec');
    await workbench.acceptFile(path.join(folder, 'gantry.yaml'));
    await workbench.tab('gantry.yaml');
    const text = await readFile(path.join(folder, 'gantry.yaml'), 'utf8');
    assert.match(text, /^target: .*spec\/server:1"?$/m);
    await workbench.notified('makes the same image again');
    await workbench.page.locator(`.editor-actions .action-label[aria-label^="${menu}"]`).click();
    const rows = await plan();
    assert.match(rows[0] ?? '', new RegExp(`^Push, ${host}/spec/server:1, `));
    assert.equal(planned(rows), digest);
    await workbench.answer();
    await workbench.notified('spec/server:1 is');
    const made = await engine.inspectImage({ image: `${host}/spec/server:1` });
    assert.equal(made.digest.slice(0, digest.length), digest);
  });

  it('makes the final stage of a Dockerfile, with a folder for what it copies from', async () => {
    await start('docker');
    await workbench.choose('Dockerfile');
    await workbench.page.locator('.quick-input-action').first().waitFor();
    await workbench.screenshot('containerize-stage');
    await workbench.chooseFolder(path.join(folder, 'docker', 'out'));
    await workbench.question('Containerize docker (2/2)');
    await workbench.answer(`${host}/docker/app:1`);
    const rows = (await plan()).join('\n');
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
    await workbench.page.locator(`.editor-actions .action-label[aria-label^="${menu}"]`).click();
    await workbench.question('Containerize docker');
    await workbench.answer(`${host}/docker/app:2`);
    await plan();
    assert.match(await prompt(), /^1 new layer, nothing to upload$/);
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
    await workbench.page.locator(`.editor-actions .action-label[aria-label^="${menu}"]`).click();
    await workbench.question('Containerize docker');
    await workbench.answer(`${host}/docker/run:1`);
    assert.match(await workbench.notified('RUN'), /run\.Dockerfile.*3/);
  });

  it('builds a Go project in the terminal, shows its image in the tree, and uploads nothing the second time', async function () {
    needs(this, 'go');
    await start('hello');
    await workbench.choose('Go program');
    await workbench.question('Containerize hello (2/3)');
    await workbench.answer('scratch');
    await workbench.question('(3/3)');
    await workbench.answer(`${host}/go/hello:1`);
    const rows = (await plan()).join('\n');
    assert.match(rows, /^\/ko-app\/hello: will run, linux\/amd64/m);
    await workbench.screenshot('containerize-go');
    await workbench.answer();
    await workbench.notified('go/hello:1 is');
    await workbench.showContainer('Gantry');
    await workbench.expand('Registries', 'Local registry', 'go', 'hello');
    await workbench.row('Registries', '1');
    await start('hello');
    await workbench.choose('Go program');
    await workbench.question('(2/3)');
    await workbench.answer('scratch');
    await workbench.question('(3/3)');
    await workbench.answer(`${host}/go/hello:1`);
    assert.match((await plan())[0] ?? '', /^Push, .* · nothing to upload/);
    await workbench.answer();
    assert.match(await workbench.notified('go/hello:1 is'), /nothing had to be uploaded/);
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
    const text = await workbench.cancel('Building 1 of 1');
    assert.match(text, /^Planning slow: Building 1 of 1: npm run build/);
    const started = Number(await readFile(path.join(folder, 'slow', 'pid'), 'utf8'));
    await eventually('the build is over', () => !existsSync(`/proc/${started}`));
    await assertNothing('slow');
  });

  it('stops packing when it is cancelled, and writes nothing', async () => {
    await start('huge');
    await workbench.question('(1/2)');
    await workbench.answer('scratch');
    await workbench.question('(2/2)');
    await workbench.answer(`${host}/cancelled/huge:1`);
    assert.match(await workbench.cancel(/Packing: [\d.]+ [KMG]iB/), /^Planning huge: Packing: /);
    await assertNothing('huge');
  });

  it('says what to do with files that are no program, and with a folder that is empty', async () => {
    await start('notes.txt');
    await workbench.question('Containerize notes.txt');
    assert.match(await prompt(), /^notes\.txt cannot be started by Linux\./);
    assert.deepEqual(
      (await workbench.answers()).map((row) => row.split(',')[0]),
      ['Append Layer…', 'Containerize All the Same…'],
    );
    await workbench.screenshot('containerize-no-program');
    await giveUp();
    await (await workbench.fileRow('server')).click();
    await (await workbench.fileRow('twin')).click({ modifiers: ['Control'] });
    await workbench.menuByKeys(menu);
    await workbench.question('Containerize');
    assert.match(await prompt(), /Several files become one image.*are both for linux\/amd64\./);
    await workbench.screenshot('containerize-several');
    await giveUp();
    await start('empty');
    await workbench.notified('is empty');
  });

  it('takes a program that is dropped on a repository into it', async () => {
    await workbench.showContainer('Gantry');
    await workbench.expand('Registries', 'Local registry', 'dev', 'hello');
    await workbench.drop('Registries', 'hello', path.join(folder, 'server'));
    await workbench.question('Containerize server (1/2)');
    await workbench.answer('scratch');
    await workbench.question('(2/2)');
    assert.equal((await workbench.answers())[0], `${host}/dev/hello:latest`);
    await workbench.answer(`${host}/dev/hello:dropped`);
    await plan();
    await workbench.answer();
    await workbench.notified('dev/hello:dropped is');
    await workbench.row('Registries', 'dropped');
  });

  /** Runs the gesture on a row of the Explorer, by the keyboard. */
  async function start(name: string): Promise<void> {
    await workbench.showContainer('Explorer');
    const row = await workbench.fileRow(name);
    await row.click();
    await workbench.menuByKeys(menu);
  }

  /** Runs it on a project up to its plan. */
  async function startProject(name: string, label: string): Promise<void> {
    await start(name);
    await workbench.choose(label);
    await workbench.question('(2/3)');
    await workbench.answer('scratch');
    await workbench.question('(3/3)');
    await workbench.answer(`${host}/cancelled/${name}:1`);
  }

  /** Waits for the plan; its rows. */
  async function plan(): Promise<readonly string[]> {
    await workbench.question('the plan for');
    return workbench.answers();
  }

  async function change(setting: string, title: string, text: string): Promise<void> {
    await plan();
    await workbench.choose(setting);
    await workbench.page.locator('.quick-input-title').getByText(title, { exact: true }).waitFor();
    await workbench.answer(text);
    await plan();
  }

  function planned(rows: readonly string[]): string {
    const digest = /the image will be (sha256:[0-9a-f]{12})/.exec(rows.join('\n'))?.[1];
    assert.ok(digest !== undefined, rows.join('\n'));
    return digest;
  }

  async function prompt(): Promise<string> {
    const text = workbench.page.locator('.quick-input-message').filter({ visible: true });
    return text.innerText();
  }

  async function goBack(): Promise<void> {
    await workbench.page.keyboard.press('Control+Alt+Minus');
  }

  async function giveUp(): Promise<void> {
    await workbench.page.keyboard.press('Escape');
    await workbench.page.locator('.quick-input-widget').waitFor({ state: 'hidden' });
  }

  async function assertNothing(name: string): Promise<void> {
    await assert.rejects(engine.listTags({ repository: `${host}/cancelled/${name}` }), { code: 'not-found' });
  }
});
