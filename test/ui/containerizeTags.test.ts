import assert from 'node:assert/strict';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createEngine } from '../harness/engine.ts';
import { outPath } from '../harness/paths.ts';
import { runSampleJob, sampleSettings } from '../harness/sampleJob.ts';
import { Workbench } from './driver.ts';
import { Gesture } from './gesture.ts';

describe('containerize of a spec with several tags in the workbench', () => {
  const registry = { directory: outPath('tags-registry') };
  const folder = outPath('tags-files');
  const engine = createEngine();
  let workbench: Workbench;
  let gesture: Gesture;
  let tags: readonly string[];

  before(async () => {
    await rm(folder, { recursive: true, force: true });
    const job = await runSampleJob(registry);
    tags = ['1', 'latest'].map((tag) => `localhost:${job.port}/tagged/page:${tag}`);
    await writeFiles(folder, tags[0] ?? '');
    const settings = { ...sampleSettings(registry, job), 'workbench.hover.delay': 600_000 };
    workbench = await Workbench.open({ name: 'tags', folder, settings });
    gesture = new Gesture(workbench);
    await workbench.showContainer('Gantry');
    await workbench.expand('Registries', 'Local registry');
  });

  after(() => workbench.close());

  it('shows every tag of a spec that would move, goes back to what was chosen, and moves them back again', async () => {
    const digests = async (): Promise<readonly string[]> =>
      Promise.all(tags.map(async (image) => (await engine.inspectImage({ image })).digest));
    const files = [{ from: path.join(folder, 'old.txt'), to: '/' }];
    for (const target of tags) await engine.appendLayer({ base: 'scratch', target, files });
    const before = await digests();
    await gesture.start('tagged');
    await workbench.choose('gantry.yaml');
    await gesture.plan();
    await gesture.goBack();
    await workbench.choose('gantry.yaml');
    const rows = await gesture.plan();
    const [first = ''] = rows;
    assert.doesNotMatch(rows.join('\n'), /^Save as Spec/m);
    assert.match(first, new RegExp(`^Push and Move the Tag, ${tags[0]}, latest, .* ${tags[1]}: The tag exists`));
    await workbench.screenshot('containerize-tags');
    await workbench.answer();
    await workbench.notified('tagged/page:1 is', 'Undo');
    await workbench.notified('names');
    assert.deepEqual(await digests(), before);
  });
});

/** A page, and a spec of it with a target and one more tag. */
async function writeFiles(folder: string, target: string): Promise<void> {
  const layer = ['layers:', '  - name: app', '    files:', '      - from: page.html', '        to: /page.html'];
  const spec = ['base: scratch', 'platforms: [linux/amd64]', ...layer, `target: ${target}`, 'tags: [latest]', ''];
  await mkdir(path.join(folder, 'tagged'), { recursive: true });
  await writeFile(path.join(folder, 'old.txt'), 'what the tags name at first\n');
  await writeFile(path.join(folder, 'tagged/page.html'), '<h1>new</h1>\n');
  await writeFile(path.join(folder, 'tagged/gantry.yaml'), spec.join('\n'));
}
