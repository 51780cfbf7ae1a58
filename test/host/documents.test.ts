import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { GantryApi, InspectImageResult } from '../../src/api.ts';
import type { TreeNode } from '../../src/browse/nodes.ts';
import { parseDigest } from '../../src/oci/digest.ts';
import { mediaTypes } from '../../src/oci/mediaTypes.ts';
import { defaultNetwork } from '../../src/registry/options.ts';
import { documentUri } from '../../src/ui/imageDocuments.ts';
import { inspectImageCommands } from '../../src/ui/inspectImage.ts';
import { readSettings } from '../../src/ui/settings.ts';
import type { Shell } from '../../src/ui/shell.ts';
import { Stores } from '../../src/verbs/stores.ts';
import { foldersOf, pushBlob, pushManifest } from '../browse/fixtures.ts';
import { pushProgram, type TestRegistry, useLocalRegistry } from './localRegistry.ts';

describe('gantry: documents', () => {
  let registry: TestRegistry;
  let digest: ReturnType<typeof parseDigest>;

  before(async () => {
    registry = await useLocalRegistry();
    digest = parseDigest((await pushProgram(registry, 'docs/hello:1.0', '#!/bin/sh\n')).digest);
  });

  after(() => registry.dispose());

  const uri = (kind: 'manifest' | 'config' | 'inspect'): vscode.Uri =>
    documentUri({ registry: registry.host, repository: 'docs/hello', digest, kind });

  it('shows a manifest as JSON that cannot be changed, with the digest in its address', async () => {
    const document = await vscode.workspace.openTextDocument(uri('manifest'));
    assert.equal(document.languageId, 'json');
    assert.ok(document.uri.path.includes(digest));
    const manifest = JSON.parse(document.getText()) as { readonly layers: readonly unknown[] };
    assert.equal(manifest.layers.length, 1);
    assert.match(document.getText(), /^\{\n {2}"schemaVersion": 2,/);
    assert.equal(vscode.workspace.fs.isWritableFileSystem('gantry'), false);
    await assert.rejects(Promise.resolve(vscode.workspace.fs.writeFile(document.uri, new Uint8Array(1))));
  });

  it('shows config and report', async () => {
    const config = await vscode.workspace.openTextDocument(uri('config'));
    assert.match(config.getText(), /"Entrypoint": \[\n\s+"\/app\/hello\.sh"\n/);
    const report = JSON.parse(
      (await vscode.workspace.openTextDocument(uri('inspect'))).getText(),
    ) as InspectImageResult;
    assert.equal(report.digest, digest);
  });

  it('opens the report of an image from its name, without a catalogue', async () => {
    await vscode.commands.executeCommand('gantry.openImage', { image: `${registry.host}/docs/hello:1.0` });
    const shown = vscode.window.activeTextEditor?.document;
    assert.equal(shown?.uri.toString(), uri('inspect').toString());
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  });

  it('shows of an index the config of the image that it means, whatever that calls its variant', async () => {
    const credentials = { find: () => Promise.resolve(undefined) };
    const stores = new Stores({ registries: () => [], network: () => defaultNetwork, credentials });
    const access = {
      name: registry.host,
      ping: () => Promise.resolve(),
      repositoryPages: stores.registry(registry.host).repositoryPages.bind(stores.registry(registry.host)),
      repository: (name: string) => stores.registry(registry.host).repository(name),
    };
    const store = access.repository('docs/arm');
    const platform = { os: 'linux', architecture: 'arm64', variant: 'v8' };
    const bytes = Buffer.from(JSON.stringify({ ...platform, config: {}, rootfs: { type: 'layers', diff_ids: [] } }));
    const config = await pushBlob(store, bytes, mediaTypes.config);
    const image = await pushManifest(store, undefined, { mediaType: mediaTypes.manifest, config, layers: [] });
    await pushManifest(store, '1.0', { mediaType: mediaTypes.index, manifests: [{ ...image, platform }] });
    const api = await vscode.extensions.getExtension<GantryApi>('gantry-tools.gantry')?.activate();
    const folders = foldersOf({
      all: () => [access],
      get: () => access,
      onDidChange: () => ({ dispose: () => undefined }),
    });
    const shell = {
      api: () => api,
      browser: { knows: () => true },
      folders,
      settings: readSettings,
    } as unknown as Shell;
    const node: TreeNode = { kind: 'tag', id: 't', registry: registry.host, repository: 'docs/arm', tag: '1.0' };
    const command = inspectImageCommands(shell)['gantry.openConfig'];
    assert.ok(command !== undefined && 'person' in command);
    await command.person({ kind: 'nodes', nodes: [node] });
    const shown = vscode.window.activeTextEditor?.document;
    assert.ok(shown?.uri.path.startsWith(`/docs/arm@${image.digest}/config-`), shown?.uri.toString());
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    await stores.close();
  });

  it('216: knows no other path, and asks no registry that the user does not know', async () => {
    for (const wrong of [
      uri('manifest').with({ authority: '127.0.0.1:9' }),
      uri('manifest').with({ path: '/../etc/passwd' }),
      uri('manifest').with({ path: `/docs/hello@${digest}` }),
      uri('manifest').with({ query: 'x' }),
      uri('manifest').with({ path: uri('manifest').path.replace('docs/', 'docs/%2e%2e/') }),
    ]) {
      await assert.rejects(
        Promise.resolve(vscode.workspace.fs.readFile(wrong)),
        /FileNotFound|EntryNotFound/i,
        wrong.toString(),
      );
    }
  });

  it('says why an image that is not there cannot be shown', async () => {
    const missing = documentUri({ registry: registry.host, repository: 'docs/none', digest, kind: 'manifest' });
    await assert.rejects(Promise.resolve(vscode.workspace.openTextDocument(missing)), /docs\/none/);
  });
});
