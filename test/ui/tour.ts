import assert from 'node:assert/strict';
import { Workbench, type WorkbenchWindow } from './driver.ts';

/**
 * What a newcomer does first, in a window whose local registry holds the sample: looks at its repositories and tags, and opens
 * a manifest. Returns what was seen, with the screenshots that were saved. @throws Error where something was not visible
 */
export async function tour(window: WorkbenchWindow): Promise<readonly string[]> {
  const workbench = await Workbench.open(window);
  const seen: string[] = [];
  try {
    await workbench.showContainer('Gantry');
    await workbench.expand('Registries', 'Local registry', 'dev', 'hello');
    await workbench.expand('Registries', 'prod');
    const rows = await workbench.rows('Registries');
    for (const wanted of ['Local registry', 'dev', 'prod', 'hello', '1.0']) {
      assert.ok(
        rows.some((row) => row.startsWith(wanted)),
        `the tree shows no ${wanted}: ${rows.join(' | ')}`,
      );
    }
    seen.push(`The Registries view shows: ${rows.join(' | ')}`);
    seen.push(...(await workbench.screenshots('registries')));
    await workbench.menu('Registries', '1.0', 'Open Manifest');
    const manifest = await workbench.editorText();
    assert.match(manifest, /"schemaVersion": 2/);
    seen.push('The manifest of dev/hello:1.0 opened as JSON.');
    seen.push(...(await workbench.screenshots('manifest')));
    const layer = '#1 gantry append /usr/local/bin/hello /srv/site';
    await workbench.expand('Registries', '1.0', 'Layers', layer, 'usr', 'local', 'bin');
    await workbench.expand('Registries', 'srv', 'site');
    await workbench.select('Registries', 'index.html');
    await workbench.tab('index.html');
    assert.match(await workbench.editorText(), /<html|<!doctype/i);
    seen.push('A file of its layer opened in an editor.');
    seen.push(...(await workbench.screenshots('layer-file')));
    assert.deepEqual(await workbench.notifications(), []);
    return seen;
  } catch (error) {
    const picture = await workbench.screenshot('failed').catch(() => 'none');
    throw new Error(`the workbench did not show what it must; a picture of it: ${picture}`, { cause: error });
  } finally {
    await workbench.close();
  }
}
