import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { createEngine } from '../harness/engine.ts';
import { outPath } from '../harness/paths.ts';
import { copySample } from '../harness/sampleCopy.ts';
import { runSampleJob, type SampleJob, sampleSettings } from '../harness/sampleJob.ts';
import { type LocalFiles, putLocalFiles } from '../support/localImages.ts';
import { Workbench } from './driver.ts';

/** One pass through one window: each step goes on where the one before it ended. */
describe('archives in the workbench', () => {
  const view = 'Archives & Layouts';
  const registry = { directory: outPath('archives-registry') };
  let workbench: Workbench;
  let folder: string;
  let files: LocalFiles;
  let job: SampleJob;

  before(async () => {
    job = await runSampleJob(registry);
    folder = copySample('archives-files');
    files = await putLocalFiles(path.join(folder, 'images'));
    await rm(path.join(files.layout, '.gantry-tmp'), { recursive: true, force: true });
    workbench = await Workbench.open({ name: 'archives', folder, settings: sampleSettings(registry, job) });
  });

  afterEach(async function () {
    const { title = '', state } = this.currentTest ?? {};
    if (state === 'failed') await workbench.screenshot(`failed-${title.split(' ')[0] ?? ''}`).catch(() => undefined);
  });

  after(() => workbench.close());

  it('opens an archive as an image from the Explorer, and a file of it', async () => {
    await workbench.showContainer('Gantry');
    await workbench.row('Registries', 'Local registry');
    await workbench.showContainer('Explorer');
    await (await workbench.fileRow('images')).click();
    await workbench.fileMenu('app.tar', 'Open as Image');
    await workbench.row(view, 'app.tar');
    await workbench.onlyView(view);
    await workbench.expand(view, 'app.tar', '1.0', 'Filesystem', 'etc');
    await workbench.select(view, 'app.json');
    await workbench.tab('app.json');
    assert.match(await workbench.editorText(), /"level":2/);
    const rows = await workbench.rows(view);
    assert.deepEqual(
      rows.map((row) => row.replace(/ [0-9a-f]{12}$/, ' DIGEST').replace(/[\d.]+ (?:B|KiB)/g, 'SIZE')),
      [
        'app.tar OCI archive · SIZE',
        '1.0 linux/amd64 · SIZE',
        'Config SIZE · DIGEST',
        'Layers 2 · SIZE',
        'Filesystem all layers',
        'etc rw-r--r--',
        'app.json SIZE · rw-r--r--',
        'docker.tar Docker archive · SIZE',
        'layout OCI layout · SIZE',
      ],
    );
    await workbench.screenshots('archives');
  });

  it('says of a folder that it holds no images', async () => {
    await workbench.showContainer('Explorer');
    await workbench.fileMenu('site', 'Open as Image');
    assert.match(
      await workbench.notified('holds no images'),
      /site" holds no images, or is damaged: an OCI layout is a folder/,
    );
  });

  it('shows what is below a layout and a docker archive', async () => {
    await workbench.showContainer('Gantry');
    await workbench.collapse(view, 'app.tar');
    await workbench.expand(view, 'docker.tar', 'registry.example/team/app:1.0', 'Layers');
    await workbench.collapse(view, 'docker.tar');
    await workbench.expand(view, 'layout', '2.0');
    await workbench.row(view, 'Referrers');
    await workbench.screenshot('layout');
  });

  it('saves an image of a registry as an archive, and shows it', async () => {
    await workbench.onlyView('Registries');
    await workbench.expand('Registries', 'Local registry', 'dev', 'hello');
    await workbench.menu('Registries', '1.0', 'Save as Archive…');
    await workbench.question('Save localhost:');
    await workbench.screenshot('save-format');
    await workbench.answer('Docker');
    const target = path.join(folder, 'hello-1.0.tar');
    await workbench.acceptFile(target);
    const plan = await workbench.dialog();
    assert.ok(plan.startsWith(`Copy to docker-archive:${target}:localhost:${job.port}/dev/hello:1.0?`), plan);
    assert.match(plan, /2 blobs: 0 present, 0 mountable, 2 to transfer/);
    await workbench.screenshot('save-plan');
    await workbench.press('Copy');
    assert.match(await workbench.notified('dev/hello:1.0 is', 'Reveal'), /2 transferred/);
    await (await workbench.row(view, 'hello-1.0.tar')).and(workbench.page.locator('.selected')).waitFor();
    const found = await createEngine().inspectImage({ image: `docker-archive:${target}` });
    assert.equal(found.layers.length, 1);
  });

  it('pushes an archive to a registry', async () => {
    await workbench.onlyView(view);
    await workbench.menu(view, 'docker.tar', 'Push Archive to Registry…');
    await workbench.question('Copy docker-archive:');
    await workbench.screenshot('push-target');
    await workbench.answer();
    assert.match(await workbench.dialog(), new RegExp(`^Copy to localhost:${job.port}/team/app:1\\.0\\?`));
    await workbench.press('Copy');
    await workbench.notified('team/app:1.0 is');
    const { digest } = await createEngine().inspectImage({ image: `docker-archive:${files.dockerArchive}` });
    const pushed = await createEngine().inspectImage({ image: `localhost:${job.port}/team/app:1.0` });
    assert.equal(pushed.digest, digest);
  });
});
