import assert from 'node:assert/strict';
import path from 'node:path';
import * as vscode from 'vscode';
import type { AppendLayerResult, GantryApi } from '../../src/api.ts';
import { Browser } from '../../src/browse/browser.ts';
import { defaultNetwork } from '../../src/registry/options.ts';
import { copyAgreed } from '../../src/ui/copyImage.ts';
import { appendAgreed } from '../../src/ui/layerFlow.ts';
import { LogChannel } from '../../src/ui/logChannel.ts';
import { type Confirmation, Notify } from '../../src/ui/notify.ts';
import { undoMoves } from '../../src/ui/overwrite.ts';
import { Recent } from '../../src/ui/recent.ts';
import { retagAgreed } from '../../src/ui/retag.ts';
import { SecretCredentials } from '../../src/ui/secrets.ts';
import { readSettings } from '../../src/ui/settings.ts';
import type { Shell } from '../../src/ui/shell.ts';
import { Stores } from '../../src/verbs/stores.ts';
import { foldersOf, noLocalImages } from '../browse/fixtures.ts';
import { pushProgram, type TestRegistry, useLocalRegistry } from './localRegistry.ts';

/** Agrees to everything, after what happens while the dialog stands. */
class Agreeing extends Notify {
  readonly asked: (readonly string[])[] = [];
  readonly told: string[] = [];
  meanwhile: () => Promise<unknown> = () => Promise.resolve();

  override async confirm(_question: string, { detail }: Confirmation): Promise<boolean> {
    this.asked.push(detail);
    await this.meanwhile();
    return true;
  }

  override async info(text: string): Promise<undefined> {
    this.told.push(text);
  }
}

describe('a tag that moves', () => {
  let registry: TestRegistry;
  let api: GantryApi;
  let notify: Agreeing;
  let shell: Shell;
  let log: LogChannel;
  let images: readonly AppendLayerResult[];

  before(async () => {
    registry = await useLocalRegistry();
    api = await (vscode.extensions.getExtension<GantryApi>('gantry-tools.gantry')?.activate() ??
      Promise.reject(new Error('VS Code does not know the extension')));
    images = [
      await pushProgram(registry, 'moves/app:one', '#!/bin/sh\necho one\n'),
      await pushProgram(registry, 'moves/app:two', '#!/bin/sh\necho two\n'),
      await pushProgram(registry, 'moves/app:three', '#!/bin/sh\necho three\n'),
    ];
    log = new LogChannel();
  });

  beforeEach(async () => {
    notify = new Agreeing(log, { signIn: () => Promise.resolve(), openSettings: () => Promise.resolve() });
    shell = shellOf(registry.host, api, notify, log);
    await point('one');
  });

  after(async () => {
    log.dispose();
    await registry.dispose();
  });

  const digest = (at: number): string => images[at]?.digest ?? 'none';
  const name = (tag: string): string => `${registry.host}/moves/app:${tag}`;
  const point = (to: string): Promise<unknown> =>
    api.retag({ image: name(to), tags: ['latest', 'stable'], overwrite: true });
  const latest = async (tag = 'latest'): Promise<string> => (await api.inspectImage({ image: name(tag) })).digest;

  it('moves by Retag once the person saw from where and to where', async () => {
    await retagAgreed(shell, name('two'), ['latest', 'new']);
    assert.deepEqual([await latest(), await latest('new')], [digest(1), digest(1)]);
    const [detail = []] = notify.asked;
    assert.ok(detail.includes(name('latest')) && detail.some((line) => line.includes(digest(0).slice(0, 19))));
    await api.deleteImage({ image: name('new'), untagOnly: true });
  });

  it('stays where someone else moved it while Retag asked, and no other tag is written', async () => {
    notify.meanwhile = () => api.retag({ image: name('three'), tags: ['latest'], overwrite: true });
    await assert.rejects(retagAgreed(shell, name('two'), ['fresh', 'latest']), { code: 'already-exists' });
    assert.equal(await latest(), digest(2));
    await assert.rejects(api.inspectImage({ image: name('fresh') }), { code: 'not-found' });
  });

  it('stays where someone else moved it while Copy asked', async () => {
    notify.meanwhile = () => point('three');
    const copying = copyAgreed(shell, name('two'), digest(1), { target: name('latest') });
    await assert.rejects(copying, { code: 'already-exists' });
    assert.equal(await latest(), digest(2));
  });

  it('moves by Append Layer once the person saw it, and stays where someone else moved it meanwhile', async () => {
    const from = [path.join(registry.folder, 'hello.sh')];
    const layer = { base: name('two'), from, folder: '/opt', entrypoint: '', target: name('latest') };
    const done = await appendAgreed(shell, layer);
    assert.equal(await latest(), done?.digest);
    const [detail = []] = notify.asked;
    assert.ok(
      detail.some((line) => line === `from ${digest(0).slice(0, 19)}`),
      detail.join('\n'),
    );
    await point('one');
    notify.meanwhile = () => point('three');
    await assert.rejects(appendAgreed(shell, layer), { code: 'already-exists' });
    assert.equal(await latest(), digest(2));
  });

  it('starts by Append Layer what stands in quotes as one word', async () => {
    const from = [path.join(registry.folder, 'hello.sh')];
    const entrypoint = '"/opt/my program" --name "two words"';
    await appendAgreed(shell, { base: name('two'), from, folder: '/opt', entrypoint, target: name('quoted') });
    const { config } = await api.inspectImage({ image: name('quoted') });
    assert.match(JSON.stringify(config), /"Entrypoint":\["\/opt\/my program","--name","two words"\]/);
    await api.deleteImage({ image: name('quoted'), untagOnly: true });
  });

  it('moves tags of different digests, each only from its own', async () => {
    await api.retag({ image: name('three'), tags: ['stable'], overwrite: true });
    await retagAgreed(shell, name('two'), ['latest', 'stable']);
    assert.deepEqual([await latest(), await latest('stable')], [digest(1), digest(1)]);
  });

  it('moves back by Undo, but not where someone else has moved it on', async () => {
    const move = { target: name('latest'), old: digest(0), next: digest(1) };
    await point('two');
    await undoMoves(shell, [move]);
    assert.equal(await latest(), digest(0));
    await point('three');
    await assert.rejects(undoMoves(shell, [move]), { code: 'already-exists' });
    assert.equal(await latest(), digest(2));
  });
});

/** A shell whose person is `notify`. */
function shellOf(host: string, api: GantryApi, notify: Notify, log: LogChannel): Shell {
  const stores = new Stores({
    registries: () => [],
    network: () => defaultNetwork,
    credentials: { find: () => Promise.resolve(undefined) },
  });
  const access = {
    name: host,
    ping: () => Promise.resolve(),
    repositoryPages: stores.registry(host).repositoryPages.bind(stores.registry(host)),
    repository: (repository: string) => stores.registry(host).repository(repository),
  };
  const registries = { all: () => [access], get: () => access, onDidChange: () => ({ dispose: () => undefined }) };
  const kept = new Map<string, unknown>();
  const memory = {
    keys: () => [...kept.keys()],
    get: <T>(key: string, value?: T) => (kept.get(key) as T | undefined) ?? value,
    update: (key: string, value: unknown) => Promise.resolve(void kept.set(key, value)),
  };
  const recent = new Recent(memory, () => 5);
  const secrets = {
    get: () => Promise.resolve(undefined),
    store: () => Promise.resolve(),
    delete: () => Promise.resolve(),
    onDidChange: () => ({ dispose: () => undefined }),
  };
  const folders = foldersOf(registries);
  const local = noLocalImages();
  const none = (): Promise<never> => Promise.reject(new Error('nothing on disk is part of this test'));
  return {
    api: () => api,
    report: () => Promise.reject(new Error('no report')),
    specText: () => Promise.reject(new Error('no spec')),
    memory,
    extensionUri: vscode.Uri.file('/'),
    subscriptions: [],
    registries,
    localStores: { source: none, repository: none },
    local,
    keep: () => Promise.resolve(),
    redrawArchives: () => undefined,
    secrets: new SecretCredentials(secrets),
    log,
    localRegistry: { name: host, running: true, start: () => Promise.resolve(), stop: () => Promise.resolve() },
    credentialFiles: { env: {}, home: '/', platform: 'linux', helperDirectory: '/' },
    reset: () => Promise.resolve(),
    folders,
    clearCache: () => Promise.resolve(0),
    browser: new Browser({ registries, folders, local, settings: () => readSettings().tree, opened: () => [] }),
    notify,
    recent,
    settings: readSettings,
    selection: () => Promise.resolve([]),
    copyText: () => Promise.resolve(),
    redraw: () => undefined,
    reveal: () => Promise.resolve(),
    redrawAll: () => undefined,
    message: () => undefined,
  };
}
