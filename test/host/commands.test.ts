import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { CopyImageResult, DeleteImageResult, InspectImageResult, RetagResult } from '../../src/api.ts';
import type { TreeNode } from '../../src/browse/nodes.ts';
import { type Commands, registerCommands } from '../../src/ui/command.ts';
import type { Shell } from '../../src/ui/shell.ts';
import { browserOf } from '../browse/fixtures.ts';
import { pushProgram, type TestRegistry, useLocalRegistry } from './localRegistry.ts';

const run = vscode.commands.executeCommand;

describe('commands with one object of options', () => {
  let registry: TestRegistry;
  let digest: string;

  before(async () => {
    registry = await useLocalRegistry();
    digest = (await pushProgram(registry, 'dev/hello:1.0', '#!/bin/sh\necho hello\n')).digest;
  });

  after(() => registry.dispose());

  it('containerizes a file and inspects what it made', async () => {
    const found = await run<InspectImageResult>('gantry.inspectImage', { image: `${registry.host}/dev/hello:1.0` });
    assert.equal(found.digest, digest);
    assert.equal(found.layers.length, 1);
    assert.deepEqual(found.config?.['config'], { Entrypoint: ['/app/hello.sh'] });
  });

  it('promotes with the digest unchanged and not one blob byte sent', async () => {
    const done = await run<CopyImageResult>('gantry.copyImage', {
      source: `${registry.host}/dev/hello:1.0`,
      target: `${registry.host}/prod/hello:1.0`,
    });
    assert.equal(done.digest, digest);
    assert.deepEqual([done.blobs.transferred, done.bytesTransferred], [0, 0]);
  });

  it('retags, lists and deletes', async () => {
    const image = `${registry.host}/dev/hello:1.0`;
    const done = await run<RetagResult>('gantry.retag', { image, tags: ['1', 'latest'] });
    assert.deepEqual(done, { digest, tags: ['1', 'latest'] });
    const list = (id: string, options: object): Thenable<readonly string[]> => run(id, options);
    assert.deepEqual(await list('gantry.listTags', { repository: `${registry.host}/dev/hello` }), [
      '1',
      '1.0',
      'latest',
    ]);
    assert.ok((await list('gantry.listRepositories', { registry: registry.host })).includes('dev/hello'));
    const gone = await run<DeleteImageResult>('gantry.untag', { image: `${registry.host}/dev/hello:1` });
    assert.deepEqual(gone, { deleted: '1', alsoUntagged: [] });
    assert.deepEqual(await list('gantry.listTags', { repository: `${registry.host}/dev/hello` }), ['1.0', 'latest']);
  });

  const failures: readonly (readonly [string, string, object, string])[] = [
    ['not-found', 'gantry.inspectImage', { image: 'HOST/none:1' }, 'none'],
    ['invalid-reference', 'gantry.copyImage', { source: 'HOST/UPPER', target: 'HOST/x' }, 'lower-case'],
    ['invalid-reference', 'gantry.retag', { image: 'HOST/dev/hello:1.0', tags: 'latest' }, 'tags'],
    ['invalid-reference', 'gantry.refresh', {}, 'takes no options'],
  ];
  for (const [code, id, options, word] of failures) {
    it(`rejects with ${code} from ${id}, naming ${word}`, async () => {
      const json = JSON.stringify(options).replaceAll('HOST', registry.host);
      await assert.rejects(Promise.resolve(run(id, JSON.parse(json) as object)), (error: Error & { code?: string }) => {
        assert.equal(error.code, code);
        assert.ok(error.message.includes(word), error.message);
        return true;
      });
    });
  }

  it('moves no tag without being told to', async () => {
    await assert.rejects(
      pushProgram(registry, 'dev/hello:1.0', '#!/bin/sh\necho other\n'),
      (error: Error & { code?: string }) => error.code === 'already-exists',
    );
    const found = await run<InspectImageResult>('gantry.inspectImage', { image: `${registry.host}/dev/hello:1.0` });
    assert.equal(found.digest, digest);
  });

  it('keeps a credential in the secret storage and says where one comes from, not what it is', async () => {
    const options = { registry: 'Registry.Example:5000' };
    const signed = await run('gantry.signIn', { ...options, username: 'anna', password: 'geheim' });
    assert.deepEqual(signed, { registry: 'registry.example:5000', account: 'anna' });
    const shown = await run('gantry.showCredential', options);
    assert.deepEqual(shown, { registry: 'registry.example:5000', account: 'anna', origin: "Gantry's secret storage" });
    await run('gantry.signOut', options);
    const after = await run<{ readonly account: unknown }>('gantry.showCredential', options);
    assert.equal(after.account, null);
  });

  it('asks where nothing was given, and does nothing where the person gives up', async () => {
    const ids = ['copyImage', 'retag', 'inspectImage', 'addRegistry', 'findInImage', 'openFilesystem', 'downloadFile'];
    for (const id of [...ids, 'pathHistory', 'showHistory', 'showDockerfile'].map((name) => `gantry.${name}`)) {
      const asking = Promise.resolve(run(id));
      const ended = asking.then(() => true);
      const notYet = (): Promise<boolean> => new Promise((resolve) => setImmediate(() => resolve(false)));
      for (let over = false; !over; over = await Promise.race([ended, notYet()])) {
        await run('workbench.action.closeQuickOpen');
      }
      assert.equal(await asking, undefined, id);
    }
  });
});

describe('registerCommands', () => {
  it('means what was selected when a key was pressed, though its command is loaded after that', async () => {
    const [meant, next]: readonly [TreeNode, TreeNode] = [
      { kind: 'pinned', id: 'R:a/pin', registry: 'a' },
      { kind: 'pinned', id: 'R:b/pin', registry: 'b' },
    ];
    let selected = meant;
    const shell = { browser: browserOf({ registries: [] }), selection: () => [selected] } as unknown as Shell;
    const load = async (): Promise<Commands> => {
      selected = next;
      return { 'gantry.test.selected': { person: async (asked) => asked } };
    };
    const registered = registerCommands(shell, ['gantry.test.selected'], load);
    try {
      assert.deepEqual(await run('gantry.test.selected', 'selection'), { kind: 'nodes', nodes: [meant] });
    } finally {
      registered.forEach((one) => void one.dispose());
    }
  });
});
