import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { setImmediate } from 'node:timers/promises';
import * as vscode from 'vscode';
import type { FileEntry } from '../../src/api.ts';
import type { ImageStore } from '../../src/content/store.ts';
import { OciError } from '../../src/errors.ts';
import type { Digest } from '../../src/oci/digest.ts';
import { defaultNetwork } from '../../src/registry/options.ts';
import { comparedUri } from '../../src/ui/comparedTexts.ts';
import { type FileAddress, filePath } from '../../src/ui/filePaths.ts';
import { fileUri } from '../../src/ui/fileUris.ts';
import { ImageDocuments } from '../../src/ui/imageDocuments.ts';
import { ImageFileSystem } from '../../src/ui/imageFileSystem.ts';
import { Stores } from '../../src/verbs/stores.ts';
import { browserOf, foldersOf, listOf, MemoryRegistry } from '../browse/fixtures.ts';
import { testIo } from '../support/io.ts';
import { type ImageMembers, putTarImage } from '../support/tarImage.ts';
import { type TestRegistry, useLocalRegistry } from './localRegistry.ts';

const { fs } = vscode.workspace;
const run = vscode.commands.executeCommand;
const { Directory, File, SymbolicLink, Unknown } = vscode.FileType;

const layers: ImageMembers = [
  [
    { name: 'etc', type: '5' },
    { name: 'etc/app.json', content: '{"level":1}' },
    { name: 'etc/old', content: 'to be removed' },
    { name: 'etc/current', link: 'app.json' },
    { name: 'lib', link: 'usr/lib' },
    { name: 'usr/lib/so', content: '\u007fELF\u0000\u0001' },
    { name: 'escape', link: '../../../../etc/app.json' },
    { name: 'loop', link: 'loop' },
    { name: 'dev/null', type: '3' },
    { name: '%2e%2e', content: 'a name like any other' },
    { name: 'what?#x', content: 'in the name' },
    { name: 'gpj.\u202eexe', content: 'bidi' },
  ],
  [
    { name: 'etc/app.json', content: '{"level":2}' },
    { name: 'etc/.wh.old' },
    { name: 'etc/current', link: 'other.json' },
    { name: 'big', content: randomBytes(2 << 20) },
  ],
];

describe('the files of an image', () => {
  let registry: TestRegistry;
  let stores: Stores;
  let store: ImageStore;
  let image: { readonly registry: string; readonly repository: string; readonly digest: Digest };

  before(async () => {
    registry = await useLocalRegistry();
    stores = new Stores({
      registries: () => [],
      network: () => defaultNetwork,
      credentials: { find: () => Promise.resolve(undefined) },
    });
    store = stores.registry(registry.host).repository('files/app');
    image = await put('1.0', layers);
  });

  after(async () => {
    await run('workbench.action.closeAllEditors');
    await stores.close();
    await registry.dispose();
  });

  afterEach(() => configure(undefined));

  async function put(tag: string, all: ImageMembers): Promise<typeof image> {
    const { digest } = await putTarImage(store, tag, all, testIo());
    return { registry: registry.host, repository: 'files/app', digest };
  }

  const uri = (file: string, layer?: number): vscode.Uri =>
    fileUri({ ...image, ...(layer === undefined ? {} : { layer }), path: file });

  async function text(file: string, layer?: number): Promise<string> {
    return Buffer.from(await fs.readFile(uri(file, layer))).toString();
  }

  it('lists folders, and says of links what they lead to', async () => {
    assert.deepEqual(await fs.readDirectory(uri('')), [
      ['dev', Directory],
      ['etc', Directory],
      ['usr', Directory],
      ['%2e%2e', File],
      ['big', File],
      ['escape', SymbolicLink | File],
      ['gpj.⟨U+202E⟩exe', File],
      ['lib', SymbolicLink | Directory],
      ['loop', SymbolicLink],
      ['what?#x', File],
    ]);
    assert.deepEqual(await fs.readDirectory(uri('dev')), [['null', Unknown]]);
    assert.deepEqual(await fs.readDirectory(uri('lib')), [['so', File]]);
    assert.deepEqual(await fs.readDirectory(uri('etc', 1)), [
      ['app.json', File],
      ['current', SymbolicLink | File],
    ]);
  });

  it('reads files as the image has them and as each layer has them', async () => {
    assert.equal(await text('etc/app.json'), '{"level":2}');
    assert.equal(await text('etc/app.json', 0), '{"level":1}');
    assert.equal(await text('etc/app.json', 1), '{"level":2}');
    assert.equal(await text('etc/old', 0), 'to be removed');
    assert.equal(await text('%2e%2e'), 'a name like any other');
    assert.equal(await text('what?#x'), 'in the name');
    assert.equal(await text('gpj.\u202eexe'), 'bidi');
    assert.equal(await text('lib/so'), '\u007fELF\u0000\u0001');
  });

  it('follows links inside the image, and shows a layer\u2019s link as the text of its target', async () => {
    assert.equal(await text('escape'), '{"level":2}');
    assert.equal(await text('etc/current', 0), 'app.json\n');
    assert.equal(await text('etc/current', 1), 'other.json\n');
  });

  it('says size, time and that nothing can be changed', async () => {
    const found = await fs.stat(uri('etc/app.json'));
    assert.deepEqual(found, { type: File, ctime: 0, mtime: 0, size: 11, permissions: vscode.FilePermission.Readonly });
    assert.equal((await fs.stat(uri('escape'))).size, 11);
    assert.equal((await fs.stat(uri(''))).type, Directory);
    assert.equal(fs.isWritableFileSystem('gantry'), false);
    await assert.rejects(async () => fs.writeFile(uri('etc/app.json'), new Uint8Array(1)));
    await assert.rejects(async () => fs.delete(uri('etc/app.json')));
    await assert.rejects(async () => fs.rename(uri('etc/app.json'), uri('etc/x')));
    await assert.rejects(async () => fs.createDirectory(uri('new')));
  });

  const wrong: readonly (readonly [string, (of: vscode.Uri) => vscode.Uri])[] = [
    ['of another host', (of) => of.with({ authority: '127.0.0.1:9' })],
    ['with a query', (of) => of.with({ query: 'added' })],
    ['with a fragment', (of) => of.with({ fragment: 'x' })],
    ['with .. in it', (of) => of.with({ path: of.path.replace('/app.json', '/../etc/app.json') })],
    ['that climbs out', (of) => of.with({ path: of.path.replace('/etc/app.json', '/../../../../etc/passwd') })],
    ['with two slashes', (of) => of.with({ path: of.path.replace('/app.json', '//app.json') })],
    ['with a NUL', (of) => of.with({ path: `${of.path}\u0000` })],
    ['that is escaped twice', (of) => of.with({ path: of.path.replace('/app.json', '%2Fapp.json') })],
    ['in other letters', (of) => of.with({ path: of.path.replace('app.json', 'App.json') })],
    ['of a layer that is not there', (of) => of.with({ path: of.path.replace('/rootfs/', '/layer-2/') })],
    ['of a file that is a parent', (of) => of.with({ path: `${of.path}/x` })],
    ['of what was removed', (of) => of.with({ path: of.path.replace('app.json', 'old') })],
    ['of a loop of links', (of) => of.with({ path: of.path.replace('etc/app.json', 'loop/x') })],
  ];
  for (const [what, change] of wrong) {
    it(`216 knows no address ${what}`, async () => {
      const address = change(uri('etc/app.json'));
      await assert.rejects(async () => fs.stat(address), /FileNotFound|EntryNotFound/i, address.toString());
      await assert.rejects(async () => fs.readFile(address), /FileNotFound|EntryNotFound/i, address.toString());
    });
  }

  it('216 knows no file of an image by an address that is not the one it gives out', async () => {
    const whole = filePath({ ...image, path: 'etc/app.json' });
    const other = vscode.Uri.from({
      scheme: 'gantry',
      authority: registry.host,
      path: whole.replace('files/', 'files/./'),
    });
    await assert.rejects(async () => fs.readFile(other), /FileNotFound|EntryNotFound/i);
    await assert.rejects(async () => fs.readDirectory(uri('etc/app.json')), /NotFound/i);
  });

  it('219 opens a file up to the limit, and says what to do with a larger one', async () => {
    assert.equal((await fs.readFile(uri('big'))).length, 2 << 20);
    await configure(1);
    const other = await put('other', [[{ name: 'big', content: randomBytes(2 << 20) }]]);
    const large = fileUri({ ...other, path: 'big' });
    await assert.rejects(
      async () => fs.readFile(large),
      /big has 2\.0 MiB, more than the 1\.0 MiB that the setting gantry\.inspect\.maxFileMiB lets be opened. Use Download…/,
    );
  });

  it('opens files in editors by their names', async () => {
    const opened = await run<{ readonly uri: string }>('gantry.openFile', {
      image: `${registry.host}/files/app:1.0`,
      path: '/etc/app.json',
    });
    assert.equal(opened.uri, uri('etc/app.json').toString());
    const document = vscode.window.activeTextEditor?.document;
    assert.deepEqual([document?.languageId, document?.getText()], ['json', '{"level":2}']);
    await run('gantry.openFile', { image: `${registry.host}/files/app:1.0`, path: 'etc/app.json', layer: 0 });
    assert.equal(vscode.window.activeTextEditor?.document.getText(), '{"level":1}');
  });

  it('217 adds no folder to the workspace by itself', async () => {
    await run('gantry.openFile', { image: `${registry.host}/files/app:1.0`, path: '/etc/app.json' });
    assert.deepEqual(
      vscode.workspace.workspaceFolders?.map((folder) => folder.uri.scheme).filter((scheme) => scheme === 'gantry'),
      [],
    );
  });

  it('226 answers a thousand questions at once, each as it would one', async () => {
    const many = await put('many', [
      Array.from({ length: 1000 }, (_, at) => ({ name: `files/${at}`, content: `file ${at}` })),
    ]);
    const at = (file: number): vscode.Uri => fileUri({ ...many, path: `files/${file}` });
    const read = await Promise.all(Array.from({ length: 1000 }, async (_, file) => fs.readFile(at(file))));
    assert.deepEqual(
      read.map((bytes) => Buffer.from(bytes).toString()),
      Array.from({ length: 1000 }, (_, file) => `file ${file}`),
    );
  });

  it('220 lists a folder of 100,000 files, and lets others run meanwhile', async function () {
    this.timeout(60_000);
    const names = Array.from({ length: 100_000 }, (_, at) => `${at}`);
    const huge = await put('huge', [names.map((name) => ({ name: `d/${name}` }))]);
    const listing = Promise.resolve(fs.readDirectory(fileUri({ ...huge, path: 'd' })));
    let [turns, done] = [0, false];
    const ended = listing.then(() => (done = true));
    for (; !done; turns++) await setImmediate();
    await ended;
    assert.equal((await listing).length, 100_000);
    assert.ok(turns > 100, `${turns} turns`);
  });

  it('223, 227 reads a file again by its digest after the tag moved and all is forgotten', async () => {
    const first = uri('etc/old', 0);
    await put('1.0', [[{ name: 'new', content: 'new' }]]);
    await vscode.workspace.getConfiguration('gantry').update('network.retries', 3, vscode.ConfigurationTarget.Global);
    await vscode.workspace
      .getConfiguration('gantry')
      .update('network.retries', undefined, vscode.ConfigurationTarget.Global);
    assert.equal(Buffer.from(await fs.readFile(first)).toString(), 'to be removed');
    await put('1.0', layers);
  });

  it('223 says why a file of an image that is gone cannot be shown', async () => {
    const gone: FileAddress = { registry: registry.host, repository: 'files/none', digest: image.digest, path: 'etc' };
    await assert.rejects(async () => fs.readFile(fileUri(gone)), /files\/none/);
  });

  it('shows history and a Dockerfile as text of their languages', async () => {
    for (const [name, language] of [
      [`history-${image.digest.slice(7, 19)}.txt`, 'plaintext'],
      [`Dockerfile.${image.digest.slice(7, 19)}`, 'dockerfile'],
    ] as const) {
      const address = uri('').with({ path: `/files/app@${image.digest}/${name}` });
      const document = await vscode.workspace.openTextDocument(address);
      assert.deepEqual([document.languageId, document.getText().length > 10], [language, true]);
    }
  });

  describe('for programs', () => {
    it('lists and reads files', async () => {
      const options = { image: `${registry.host}/files/app:1.0`, path: '/etc' };
      const listed = await run<readonly FileEntry[]>('gantry.listFiles', options);
      assert.deepEqual(
        listed.map((entry) => entry.path),
        ['/etc', '/etc/app.json', '/etc/current'],
      );
      const read = await run<Uint8Array>('gantry.readFile', { ...options, path: '/etc/app.json', layer: 0 });
      assert.equal(Buffer.from(read).toString(), '{"level":1}');
    });

    it('221 downloads a file of any size, and replaces nothing without being told to', async () => {
      await configure(1);
      const target = path.join(registry.folder, 'big');
      const options = { image: `${registry.host}/files/app:1.0`, path: '/big', target };
      assert.deepEqual(await run('gantry.downloadFile', options), { file: target, bytes: 2 << 20 });
      assert.deepEqual([...(await readFile(target))], [...Buffer.from(layers[1]?.[3]?.content ?? '')]);
      await assert.rejects(
        async () => run('gantry.downloadFile', options),
        (error: Error & { code?: string }) => error.code === 'already-exists',
      );
      await run('gantry.downloadFile', { ...options, path: '/etc/current', layer: 1, overwrite: true });
      assert.equal(await readFile(target, 'utf8'), 'other.json\n');
      assert.equal((await stat(target)).mode & 0o7777, 0o644);
    });

    it('says how much a cleared cache has freed', async () => {
      const cleared = await run<{ readonly bytesFreed: number }>('gantry.clearCache', {});
      assert.equal(typeof cleared.bytesFreed, 'number');
      assert.equal(await text('etc/app.json', 0), '{"level":1}');
    });
  });
});

describe('ImageFileSystem', () => {
  it('223 says that a layer is gone from its registry, and not that the image has no such file', async () => {
    const registry = new MemoryRegistry('r.example');
    const store = registry.add('app');
    const { digest } = await putTarImage(store, '1.0', [[{ name: 'a', content: 'x' }]], testIo());
    const [browser, folders] = [browserOf({ registries: [registry] }), foldersOf(listOf([registry]))];
    const documents = new ImageDocuments(browser, () => {
      throw new Error('no document is part of this test');
    });
    const files = new ImageFileSystem({ browser, folders, documents, maxFileBytes: () => 1 << 20 });
    const address = fileUri({ registry: 'r.example', repository: 'app', digest, path: 'a' });
    assert.equal((await files.stat(address)).size, 1);
    store.fetch = store.fetchRange = () => Promise.reject(new OciError('not-found', 'the layer is gone'));
    await assert.rejects(files.readFile(address), { code: 'Unavailable', message: /the layer is gone/ });
    files.dispose();
  });
});

describe('comparedUri', () => {
  it('188 is an address for a name of bytes and controls, too', () => {
    const file = vscode.Uri.from({ scheme: 'gantry', authority: 'r.example', path: '/app' });
    const compared = comparedUri(file, '/etc/caf\udce9\n');
    assert.equal(compared.path, '/etc/caf⟨E9⟩⟨U+000A⟩');
    assert.ok(compared.toString().length > 0);
  });
});

async function configure(megabytes: number | undefined): Promise<void> {
  const { Global } = vscode.ConfigurationTarget;
  await vscode.workspace.getConfiguration('gantry').update('inspect.maxFileMiB', megabytes, Global);
}
