import {
  commands,
  Disposable,
  EventEmitter,
  type FileChangeEvent,
  FileSystemError,
  type FileStat,
  type FileSystemProvider,
  FilePermission,
  FileType,
  Uri,
  workspace,
} from 'vscode';
import type { Browser } from '../browse/browser.ts';
import { prettyJson } from '../browse/prettyJson.ts';
import { visibleText } from '../browse/text.ts';
import { fetchBytes, resolveManifest } from '../content/bytes.ts';
import { maxConfigBytes } from '../oci/imageConfig.ts';
import type { ProgramApi } from './deps.ts';
import { type DocumentName, documentPath, parseDocumentPath } from './documentPaths.ts';

const scheme = 'gantry';
/** Documents kept: an editor asks for the same one several times while it opens. */
const maxDocuments = 32;
/** Milliseconds for one document. */
const timeLimit = 60_000;

/** The address of a document of an image. */
export function documentUri(registry: string, name: DocumentName): Uri {
  return Uri.from({ scheme, authority: registry, path: documentPath(name) });
}

/** Opens a document as a preview. */
export async function openDocument(registry: string, name: DocumentName): Promise<void> {
  await commands.executeCommand('vscode.open', documentUri(registry, name), { preview: true });
}

/** Manifests, configs and reports as read-only JSON files, named by digest: what is shown once never changes. */
export class ImageDocuments implements FileSystemProvider, Disposable {
  readonly #browser: Browser;
  readonly #api: () => ProgramApi;
  readonly #documents = new Map<string, Promise<Uint8Array>>();
  readonly #changed = new EventEmitter<FileChangeEvent[]>();
  readonly onDidChangeFile = this.#changed.event;

  constructor(browser: Browser, api: () => ProgramApi) {
    this.#browser = browser;
    this.#api = api;
  }

  register(): Disposable {
    return workspace.registerFileSystemProvider(scheme, this, { isCaseSensitive: true, isReadonly: true });
  }

  watch(): Disposable {
    return new Disposable(() => undefined);
  }

  async stat(uri: Uri): Promise<FileStat> {
    const { length } = await this.#read(uri);
    return { type: FileType.File, ctime: 0, mtime: 0, size: length, permissions: FilePermission.Readonly };
  }

  async readFile(uri: Uri): Promise<Uint8Array> {
    return this.#read(uri);
  }

  readDirectory(uri: Uri): never {
    throw FileSystemError.FileNotFound(uri);
  }

  createDirectory(uri: Uri): never {
    throw FileSystemError.NoPermissions(uri);
  }

  writeFile(uri: Uri): never {
    throw FileSystemError.NoPermissions(uri);
  }

  delete(uri: Uri): never {
    throw FileSystemError.NoPermissions(uri);
  }

  rename(uri: Uri): never {
    throw FileSystemError.NoPermissions(uri);
  }

  dispose(): void {
    this.#documents.clear();
    this.#changed.dispose();
  }

  /** Only documents of registries the user knows: an address from elsewhere reaches no host. */
  async #read(uri: Uri): Promise<Uint8Array> {
    const name = parseDocumentPath(uri.path);
    const known = this.#browser.roots().some(({ registry }) => registry === uri.authority);
    if (name === undefined || !known || uri.query !== '' || uri.fragment !== '')
      throw FileSystemError.FileNotFound(uri);
    try {
      return await this.#once(uri.toString(), () => this.#load(uri.authority, name));
    } catch (error) {
      throw FileSystemError.Unavailable(visibleText(error instanceof Error ? error.message : 'it could not be read'));
    }
  }

  #once(key: string, load: () => Promise<Uint8Array>): Promise<Uint8Array> {
    const found = this.#documents.get(key) ?? load();
    this.#documents.delete(key);
    this.#documents.set(key, found);
    found.catch(() => this.#documents.delete(key));
    const [oldest] = this.#documents.keys();
    if (this.#documents.size > maxDocuments && oldest !== undefined) this.#documents.delete(oldest);
    return found;
  }

  async #load(registry: string, { repository, digest, kind }: DocumentName): Promise<Uint8Array> {
    const io = { signal: AbortSignal.timeout(timeLimit) };
    if (kind === 'inspect') {
      const report = await this.#api().inspectImage({ image: `${registry}/${repository}@${digest}` }, io);
      return Buffer.from(`${JSON.stringify(report, null, 2)}\n`);
    }
    const store = this.#browser.store({ registry, repository });
    const { manifest } = await resolveManifest(store, digest, io);
    if (kind === 'manifest') return pretty(manifest.bytes);
    if (manifest.kind === 'index') throw new Error('an index has no config; open the config of one of its platforms');
    return pretty(await fetchBytes(store, manifest.config, maxConfigBytes, io));
  }
}

function pretty(bytes: Uint8Array): Uint8Array {
  return Buffer.from(prettyJson(Buffer.from(bytes).toString('utf8')));
}
