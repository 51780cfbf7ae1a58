import { type FileNode, LayerStack, sizeOf } from '../../archive/layerStack.ts';
import type { Io } from '../../content/store.ts';
import { isOciError, OciError } from '../../errors.ts';
import type { ExecutionConfig } from '../../oci/imageConfig.ts';
import type { Platform } from '../../oci/platform.ts';
import { escapeText } from '../../oci/reference.ts';
import type { ImageFiles } from '../../operations/imageFiles.ts';
import type { ByteSource } from '../byteSource.ts';

/** What a file may have to be read whole: Node.js, Deno and Bun come as one program of 90 to 140 MB. */
const wholeBytes = 256 << 20;
/** Larger files are read up to here: their headers. */
const headBytes = 1 << 20;
/** The most that is read of a base's files altogether, in bytes. */
const maxTotalBytes = 1 << 30;
const dockerPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** The files of the image that a program is to be put on, as they are when its container starts. */
export class BaseFiles {
  readonly platform: Platform | undefined;
  readonly config: ExecutionConfig | undefined;
  readonly #files: ImageFiles | undefined;
  readonly #stack: LayerStack;
  #budget = maxTotalBytes;

  /** Without files it is `scratch`. */
  constructor(files?: ImageFiles, stack = new LayerStack()) {
    this.#files = files;
    this.#stack = stack;
    this.platform = files?.config?.platform;
    this.config = files?.config?.config;
  }

  /** What a path leads to, links followed inside the image; undefined where there is nothing. */
  find(path: string): FileNode | undefined {
    try {
      return this.#stack.resolve(path);
    } catch (cause) {
      if (isOciError(cause, 'not-found', 'invalid-reference')) return undefined;
      throw cause;
    }
  }

  /** What is at a path, no links followed. */
  get(path: string): FileNode | undefined {
    return this.#stack.get(path);
  }

  /** A variable of the image's environment; of two the last. */
  variable(name: string): string | undefined {
    const entry = this.config?.Env.findLast((each) => each.startsWith(`${name}=`));
    return entry?.slice(name.length + 1);
  }

  /** The folders in which commands are looked for. */
  get searchPath(): readonly string[] {
    return (this.variable('PATH') ?? dockerPath).split(':').filter((folder) => folder.startsWith('/'));
  }

  /** The content of a file: read when it is first asked for, and kept as long as the source is. */
  source(node: FileNode): ByteSource {
    const size = sizeOf(node);
    const limit = size <= wholeBytes ? size : headBytes;
    let content: Promise<Uint8Array> | undefined;
    return {
      size,
      read: async (start, end, io) => {
        if (Math.min(end, size) > limit) {
          throw new OciError('too-large', `${escapeText(`/${node.path}`)} has ${size} bytes: only its start is read.`);
        }
        content ??= this.#content(node, limit, io);
        return (await content).subarray(start, Math.max(start, end));
      },
    };
  }

  /** A file as text; undefined where there is none, or it has more bytes than `limit`. */
  async text(path: string, limit: number, io: Io): Promise<string | undefined> {
    const node = this.find(path);
    if (node?.content === undefined || sizeOf(node) > limit) return undefined;
    return new TextDecoder().decode(await this.source(node).read(0, limit, io));
  }

  async #content(node: FileNode, limit: number, io: Io): Promise<Uint8Array> {
    if (this.#files === undefined || node.content === undefined) return new Uint8Array();
    this.#budget -= limit;
    if (this.#budget < 0) throw new OciError('too-large', 'the program needs more libraries than are read.');
    const { layer, entry } = node.content;
    const bytes = new Uint8Array(limit);
    let at = 0;
    for await (const chunk of await this.#files.read(layer, entry, io)) {
      bytes.set(chunk.subarray(0, limit - at), at);
      at = Math.min(limit, at + chunk.length);
      // What is only begun is not verified; nothing but what it says of itself follows from it.
      if (at === limit && limit < sizeOf(node)) break;
    }
    return bytes.subarray(0, at);
  }
}
