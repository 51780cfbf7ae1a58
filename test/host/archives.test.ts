import assert from 'node:assert/strict';
import { copyFile, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import type { CopyImageResult, InspectImageResult, SaveImageResult } from '../../src/api.ts';
import { Browser } from '../../src/browse/browser.ts';
import { LocalImages } from '../../src/browse/localImages.ts';
import type { TreeNode } from '../../src/browse/nodes.ts';
import type { LocalPlace } from '../../src/browse/places.ts';
import { isDigest } from '../../src/oci/digest.ts';
import { defaultNetwork } from '../../src/registry/options.ts';
import { type DocumentName, documentPath } from '../../src/ui/documentPaths.ts';
import { fileUri } from '../../src/ui/fileUris.ts';
import { documentUri } from '../../src/ui/imageDocuments.ts';
import { ImagesTree } from '../../src/ui/imagesTree.ts';
import type { ProgramApi } from '../../src/ui/deps.ts';
import { type OpenedArchive, openArchiveCommands } from '../../src/ui/openArchive.ts';
import { Recent } from '../../src/ui/recent.ts';
import type { Shell } from '../../src/ui/shell.ts';
import { archiveCandidates, isInWorkspace, watchArchives } from '../../src/ui/workspaceArchives.ts';
import { Stores } from '../../src/verbs/stores.ts';
import { foldersOf, listOf } from '../browse/fixtures.ts';
import { type LocalFiles, putLocalFiles } from '../support/localImages.ts';
import { newTempDir, removeTempDir } from '../support/tempDir.ts';
import { type TestRegistry, useLocalRegistry } from './localRegistry.ts';

const { fs } = vscode.workspace;
const run = vscode.commands.executeCommand;

describe('archives and layouts', () => {
  const inside = path.join(vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? '/nowhere', 'images');
  let outside: string;
  let files: LocalFiles;
  let elsewhere: LocalFiles;
  let stores: Stores;
  let tree: ImagesTree;

  before(async () => {
    outside = await newTempDir();
    files = await putLocalFiles(inside);
    elsewhere = await putLocalFiles(outside);
    stores = new Stores({
      registries: () => [],
      network: () => defaultNetwork,
      credentials: { find: () => Promise.resolve(undefined) },
      temporary: outside,
    });
    const local = new LocalImages({ stores, candidates: archiveCandidates, opened: () => [], isInWorkspace });
    const registries = listOf([]);
    const settings = { pageSize: 100, groupByPath: true, sortTags: 'semver' } as const;
    const folders = foldersOf(registries, local);
    const browser = new Browser({ registries, local, folders, settings: () => settings, opened: () => [] });
    tree = new ImagesTree(browser, registries, (io) => browser.archives(io));
  });

  after(async () => {
    await run('workbench.action.closeAllEditors');
    tree.dispose();
    await stores.close();
    await rm(inside, { recursive: true, force: true });
    await removeTempDir(outside);
  });

  async function digestOf(image: string): Promise<DocumentName['digest']> {
    const { digest } = await run<InspectImageResult>('gantry.inspectImage', { image });
    assert.ok(isDigest(digest));
    return digest;
  }

  async function address(registry: LocalPlace['registry'], repository: string, file: string): Promise<vscode.Uri> {
    const digest = await digestOf(`${registry}:${repository}${registry === 'oci' ? ':1.0' : ''}`);
    return fileUri({ registry, repository, digest, path: file });
  }

  async function text(uri: vscode.Uri): Promise<string> {
    return Buffer.from(await fs.readFile(uri)).toString();
  }

  it('lists those of the workspace, and what is in them', async () => {
    const nodes = await tree.getChildren();
    const items = nodes.map((node) => tree.getTreeItem(node));
    assert.deepEqual(
      items.map(({ label, description, contextValue }) => [label, String(description).split(' · ')[0], contextValue]),
      [
        ['app.tar', 'OCI archive', 'archive;tar'],
        ['docker.tar', 'Docker archive', 'archive;tar'],
        ['layout', 'OCI layout', 'archive;layout'],
      ],
    );
    assert.match(items[0]?.accessibilityInformation?.label ?? '', /^OCI archive, app\.tar, OCI archive · [\d.]+ KiB$/);
    let at: TreeNode | undefined = nodes[1];
    const seen: unknown[] = [];
    for (const label of ['registry.example/team/app:1.0', 'Filesystem', 'etc', 'app.json']) {
      at = (await tree.getChildren(at)).find((node) => tree.getTreeItem(node).label === label);
      assert.ok(at, label);
      seen.push(tree.getTreeItem(at).resourceUri?.toString());
    }
    const uri = await address('docker-archive', files.dockerArchive, 'etc/app.json');
    assert.equal(seen.at(-1), uri.toString());
  });

  it('reads files of a layout, an OCI archive and a docker archive', async () => {
    const uris = [
      await address('oci', files.layout, 'etc/app.json'),
      await address('oci-archive', files.ociArchive, 'etc/app.json'),
      await address('docker-archive', files.dockerArchive, 'etc/app.json'),
    ];
    for (const uri of uris) assert.equal(await text(uri), '{"level":2}', uri.toString());
    const [uri] = uris;
    assert.ok(uri);
    assert.match(
      uri.toString(),
      /^gantry:\/\/oci\/%E2%88%95[^/@]*layout%40sha256%3A[0-9a-f]{64}\/rootfs\/etc\/app\.json$/,
    );
    assert.equal(await text(vscode.Uri.parse(uri.toString(), true)), '{"level":2}');
  });

  it('shows documents of an archive', async () => {
    const digest = await digestOf(`oci-archive:${files.ociArchive}`);
    const name: DocumentName = { registry: 'oci-archive', repository: files.ociArchive, digest, kind: 'manifest' };
    const document = await vscode.workspace.openTextDocument(documentUri(name));
    assert.deepEqual([document.languageId, document.getText().includes('"layers"')], ['json', true]);
    const report = await vscode.workspace.openTextDocument(documentUri({ ...name, kind: 'inspect' }));
    assert.match(report.getText(), /"reference": "oci-archive:/);
  });

  const strange: readonly (readonly [string, (uri: vscode.Uri) => vscode.Uri])[] = [
    ['of an archive that is not there', (uri) => uri.with({ path: uri.path.replaceAll('∕images∕', '∕') })],
    ['of another transport', (uri) => uri.with({ authority: 'file' })],
    ['with slashes in the path', (uri) => uri.with({ path: uri.path.replaceAll('∕', '/') })],
    ['that climbs out', (uri) => uri.with({ path: uri.path.replace('∕images', '∕images∕..') })],
    ['in another spelling', (uri) => uri.with({ path: uri.path.replaceAll('∕', '%2F') })],
    ['with a query', (uri) => uri.with({ query: 'x' })],
  ];
  for (const [what, change] of strange) {
    it(`216 knows no address ${what}`, async () => {
      const uri = change(await address('oci-archive', files.ociArchive, 'etc/app.json'));
      const isGone = what.startsWith('of an archive');
      await assert.rejects(async () => fs.readFile(uri), isGone ? /not there|NotFound/i : /NotFound/i, uri.toString());
    });
  }

  it('216 reads no archive outside of the workspace before it was opened', async () => {
    const digest = await digestOf(`oci-archive:${elsewhere.ociArchive}`);
    const uri = fileUri({ registry: 'oci-archive', repository: elsewhere.ociArchive, digest, path: 'etc/app.json' });
    await assert.rejects(async () => fs.readFile(uri), /FileNotFound|EntryNotFound/i);
    const document = uri.with({
      path: documentPath({ registry: 'oci-archive', repository: elsewhere.ociArchive, digest, kind: 'manifest' }),
    });
    await assert.rejects(async () => fs.readFile(document), /FileNotFound|EntryNotFound/i);
    const opened = await run<OpenedArchive>('gantry.openArchive', { path: elsewhere.ociArchive });
    assert.deepEqual(opened, {
      archive: `oci-archive:${elsewhere.ociArchive}`,
      images: [`oci-archive:${elsewhere.ociArchive}:1.0`],
    });
    assert.equal(await text(uri), '{"level":2}');
  });

  it('opens a file of an archive by its name, wherever it is', async () => {
    await run('gantry.openFile', { image: `docker-archive:${elsewhere.dockerArchive}`, path: '/etc/app.json' });
    const document = vscode.window.activeTextEditor?.document;
    assert.deepEqual([document?.languageId, document?.getText()], ['json', '{"level":2}']);
    assert.equal(document?.uri.authority, 'docker-archive');
  });

  it('says of a file that holds no images that it does not', async () => {
    const file = path.join(path.dirname(inside), 'README.md');
    await assert.rejects(
      async () => run('gantry.openArchive', { path: file }),
      /README\.md" holds no images, or is damaged/,
    );
    await assert.rejects(async () => run('gantry.openArchive', { path: 'README.md' }), /absolute path/);
    await assert.rejects(async () => run('gantry.openArchive', { path: `${file}.gone` }), /README\.md\.gone/);
  });

  it('does not keep in the view what no reference can name', async () => {
    const file = path.join(outside, 'app:1.0.tar');
    await copyFile(files.ociArchive, file);
    const kept: unknown[] = [];
    const none = (): Promise<never> => Promise.reject(new Error('nothing is opened'));
    const local = new LocalImages({
      stores: { source: none, repository: none },
      candidates: () => Promise.resolve([]),
      opened: () => [],
      isInWorkspace: () => false,
    });
    const recent = { openArchive: async (place: unknown) => void kept.push(place) };
    const shell = { local, recent, redrawArchives: () => undefined, browser: { archives: async () => [] } };
    const command = openArchiveCommands(shell as unknown as Shell)['gantry.openArchive'];
    assert.ok(command !== undefined && 'program' in command);
    await assert.rejects(
      async () => command.program?.({ path: file }, {} as ProgramApi),
      /cannot stand in a reference/,
    );
    assert.deepEqual(kept, []);
    await rm(file);
  });

  it('saves an image to an archive, replaces none without being told to, and pushes it to a registry', async () => {
    const registry: TestRegistry = await useLocalRegistry();
    try {
      const target = `docker-archive:${path.join(outside, 'saved.tar')}:team/app:2`;
      const options = { image: `oci:${files.layout}:2.0`, target };
      const saved = await run<SaveImageResult>('gantry.saveArchive', options);
      assert.ok(saved.bytes > 0 && (await stat(path.join(outside, 'saved.tar'))).isFile());
      await assert.rejects(
        async () => run('gantry.saveArchive', options),
        (error: Error & { code?: string }) => error.code === 'already-exists',
      );
      const pushed = await run<CopyImageResult>('gantry.pushArchive', {
        source: target,
        target: `${registry.host}/team/app:2`,
      });
      assert.equal(await digestOf(`${registry.host}/team/app:2`), pushed.digest);
    } finally {
      await registry.dispose();
    }
  });

  it('sees archives that come and go', async () => {
    const seen = new Set<string>();
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const copy = path.join(inside, 'copy.tar');
    const watching = watchArchives((paths) => {
      paths.forEach((file) => seen.add(file));
      if (seen.has(copy)) resolve(undefined);
    });
    try {
      await fs.copy(vscode.Uri.file(files.ociArchive), vscode.Uri.file(copy));
      await promise;
    } finally {
      watching.dispose();
      await rm(copy);
    }
  });
});

describe('Recent', () => {
  it('remembers archives, each once, the latest first, and forgets them', async () => {
    const state = new Map<string, unknown>([
      ['gantry.archives', ['oci:/a', 'r.example/app', 7, 'docker-archive:/b.tar']],
    ]);
    const get = ((key: string) => state.get(key)) as vscode.Memento['get'];
    const update = (key: string, value: unknown): Promise<void> => Promise.resolve(void state.set(key, value));
    const recent = new Recent({ keys: () => [...state.keys()], get, update }, () => 0);
    const [layout, archive] = [
      { registry: 'oci', repository: '/a' },
      { registry: 'docker-archive', repository: '/b.tar' },
    ];
    assert.deepEqual(recent.archives(), [layout, archive]);
    await recent.openArchive({ registry: 'oci-archive', repository: '/b.tar' });
    assert.deepEqual(recent.archives(), [{ registry: 'oci-archive', repository: '/b.tar' }, layout]);
    await recent.closeArchive({ registry: 'oci', repository: '/a' });
    assert.deepEqual(recent.archives(), [{ registry: 'oci-archive', repository: '/b.tar' }]);
  });

  it('remembers repositories that were opened by name, which open editors need, though it remembers no references', async () => {
    const state = new Map<string, unknown>();
    const get = ((key: string) => state.get(key)) as vscode.Memento['get'];
    const update = (key: string, value: unknown): Promise<void> => Promise.resolve(void state.set(key, value));
    const recent = new Recent({ keys: () => [...state.keys()], get, update }, () => 0);
    await recent.add('r.example/app:1');
    await recent.open('r.example', 'app');
    assert.deepEqual([recent.references(), recent.opened()], [[], [{ registry: 'r.example', repository: 'app' }]]);
  });
});
