import {
  Disposable,
  EventEmitter,
  type FileChangeEvent,
  type FileStat,
  FileSystemError,
  type FileSystemProvider,
  FileType,
  MarkdownString,
  type Uri,
  workspace,
} from 'vscode';
import type { Browser } from '../browse/browser.ts';
import type { FolderItem } from '../browse/folderItem.ts';
import type { ImageFolder } from '../browse/imageFolder.ts';
import type { ImageFolders } from '../browse/imageFolders.ts';
import { visibleName } from '../browse/pathNames.ts';
import { formatBytes, visibleText } from '../browse/text.ts';
import { readAll } from '../content/bytes.ts';
import { isOciError, OciError } from '../errors.ts';
import { inTurns } from '../operations/inTurns.ts';
import { layerProgress } from '../verbs/fileOptions.ts';
import { type DocumentName, parseDocumentPath } from './documentPaths.ts';
import { type FileAddress, parseFilePath } from './filePaths.ts';
import { isLink, statOf, typeOf } from './fileStats.ts';
import { scheme } from './fileUris.ts';
import type { ImageDocuments } from './imageDocuments.ts';
import { isCancellation } from './notify.ts';
import { whenSlow } from './progress.ts';
import { SharedBytes } from './sharedBytes.ts';

export interface ImageFileSystemOptions {
  readonly browser: Browser;
  readonly folders: ImageFolders;
  readonly documents: ImageDocuments;
  /** Largest file that is opened, in bytes. */
  readonly maxFileBytes: () => number;
}

/** The documents and files of images as read-only files; what stands at an address never changes. */
export class ImageFileSystem implements FileSystemProvider, Disposable {
  readonly #options: ImageFileSystemOptions;
  readonly #bytes = new SharedBytes();
  readonly #opening = new Map<string, Promise<ImageFolder>>();
  readonly #changed = new EventEmitter<FileChangeEvent[]>();
  readonly onDidChangeFile = this.#changed.event;

  constructor(options: ImageFileSystemOptions) {
    this.#options = options;
  }

  register(): Disposable {
    const isReadonly = new MarkdownString('').appendText(
      'Files of an image cannot be changed: its digest says what is in it.',
    );
    return workspace.registerFileSystemProvider(scheme, this, { isCaseSensitive: true, isReadonly });
  }

  watch(): Disposable {
    return new Disposable(() => undefined);
  }

  async stat(uri: Uri): Promise<FileStat> {
    const { document, file } = this.#parse(uri);
    if (document !== undefined) return statOf(FileType.File, (await this.#document(uri, document)).length, 0);
    // A window waits for this before it shows a folder of its workspace: nothing is read for it.
    if (file.path === '') return statOf(FileType.Directory, 0, 0);
    return this.#at(uri, file, async (folder, io) => {
      const item = await folder.item(file, {}, io);
      const readable = isLink(item) && (file.layer !== undefined || item.leadsTo === 'file');
      const size = readable ? (await folder.open(file, {}, io)).size : item.entry.size;
      return statOf(typeOf(item, file), size, item.entry.mtime * 1000);
    });
  }

  async readDirectory(uri: Uri): Promise<[string, FileType][]> {
    const { file } = this.#parse(uri);
    if (file === undefined) throw FileSystemError.FileNotADirectory(uri);
    return this.#at(uri, file, async (folder, io) => {
      const found: [string, FileType][] = [];
      const add = (item: FolderItem): void => {
        if (item.entry.change !== 'removed' || item.expands) found.push([visibleName(item.name), typeOf(item, file)]);
      };
      await inTurns(await folder.list(file, {}, io), add, io);
      return found;
    });
  }

  async readFile(uri: Uri): Promise<Uint8Array> {
    const { document, file } = this.#parse(uri);
    if (document !== undefined) return this.#document(uri, document);
    return this.#at(uri, file, async (folder) => {
      return this.#bytes.once(uri.toString(), () =>
        whenSlow(`Reading ${visibleText(`/${file.path}`, 100)}`, async (run) => {
          const { size, read } = await folder.open(file, {}, run);
          const limit = this.#options.maxFileBytes();
          if (size > limit) throw tooLarge(file, size, limit);
          try {
            return await readAll(await read(run), limit, `/${file.path}`);
          } catch (error) {
            throw unavailable(error);
          }
        }),
      );
    });
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
    this.#bytes.clear();
    this.#changed.dispose();
  }

  /** Only addresses that this program writes, of places the user knows: one from elsewhere reaches no host and no file. */
  #parse(uri: Uri): Target {
    const { authority, path, query, fragment } = uri;
    const document = parseDocumentPath(authority, path);
    const file = document === undefined ? parseFilePath(authority, path) : undefined;
    const place = document ?? file;
    const known = place !== undefined && query === '' && fragment === '' && this.#options.browser.knows(place);
    if (known && document !== undefined) return { document };
    if (known && file !== undefined) return { file };
    throw FileSystemError.FileNotFound(uri);
  }

  async #document(uri: Uri, name: DocumentName): Promise<Uint8Array> {
    try {
      return await this.#bytes.once(uri.toString(), () => this.#options.documents.read(name));
    } catch (error) {
      throw unavailable(error);
    }
  }

  /** Does something with the folders of an image once they are read. What is not in them is not found. */
  async #at<Result>(
    uri: Uri,
    file: FileAddress,
    act: (folder: ImageFolder, io: { readonly signal: AbortSignal }) => Promise<Result>,
  ): Promise<Result> {
    try {
      const folder = await this.#open(file);
      return await act(folder, { signal: new AbortController().signal }).catch((error: unknown) => {
        // Links without end lead to nothing.
        throw isOciError(error, 'not-found', 'invalid-reference') ? FileSystemError.FileNotFound(uri) : error;
      });
    } catch (error) {
      throw error instanceof FileSystemError ? error : unavailable(error);
    }
  }

  /** One reading at a time for each image or layer, however many files of it are asked for. */
  #open({ registry, repository, digest, layer }: FileAddress): Promise<ImageFolder> {
    const key = `${registry}/${repository}@${digest}/${layer ?? ''}`;
    const opening =
      this.#opening.get(key) ??
      whenSlow(`Reading layers of ${repository}`, async (run) => {
        const folder = await this.#options.folders.of({ registry, repository, digest }, run);
        const options = layerProgress(folder.files, run);
        if (layer === undefined) await folder.stack(options, run);
        else if (layer < folder.files.manifest.layers.length) await folder.layer(layer, options, run);
        return folder;
      }).finally(() => this.#opening.delete(key));
    this.#opening.set(key, opening);
    return opening;
  }
}

type Target =
  | { readonly document: DocumentName; readonly file?: undefined }
  | { readonly file: FileAddress; readonly document?: undefined };

function unavailable(error: unknown): FileSystemError {
  if (isCancellation(error)) return FileSystemError.Unavailable('Reading was cancelled. Open it again to go on.');
  return FileSystemError.Unavailable(visibleText(error instanceof Error ? error.message : 'it could not be read'));
}

function tooLarge({ path }: FileAddress, size: number, limit: number): OciError {
  return new OciError(
    'too-large',
    `/${visibleName(path)} has ${formatBytes(size)}, more than the ${formatBytes(limit)} that the setting ` +
      'gantry.inspect.maxFileMiB lets be opened. Use Download… in its menu.',
  );
}
