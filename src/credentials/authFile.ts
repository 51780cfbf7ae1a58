import { lstat, open, stat } from 'node:fs/promises';
import type { Io } from '../content/store.ts';
import { type AuthConfig, emptyAuthConfig, parseAuthConfig, type ReportProblem } from './authConfig.ts';

const maxFileBytes = 4 << 20;

/** A credential file on disk, read again whenever it has changed. */
export class AuthFile {
  readonly path: string;
  /** How people are told of it. */
  readonly name: string;
  readonly #report: ReportProblem;
  #version = '';
  #config: AuthConfig = emptyAuthConfig;

  constructor(path: string, name: string, report: ReportProblem) {
    this.path = path;
    this.name = name;
    this.#report = report;
  }

  /** Its content; empty where the file is absent. A file that cannot be read is reported once and counts as empty. */
  async read(io: Io): Promise<AuthConfig> {
    io.signal.throwIfAborted();
    try {
      await this.#refresh();
    } catch (error) {
      await this.#failed(codeOf(error));
    }
    io.signal.throwIfAborted();
    return this.#config;
  }

  async #refresh(): Promise<void> {
    // Looked at before it is opened: opening a pipe would wait for a writer.
    const seen = await stat(this.path, { bigint: true });
    const version = `${seen.ino} ${seen.mtimeNs} ${seen.size}`;
    if (version === this.#version) return;
    if (!seen.isFile()) this.#reject(version, 'is not a file');
    else if (seen.size > maxFileBytes) this.#reject(version, `is larger than ${maxFileBytes} bytes`);
    else {
      this.#config = parseAuthConfig(await readUpTo(this.path, maxFileBytes), this.name, this.#report);
      this.#version = version;
    }
  }

  #reject(version: string, reason: string): void {
    if (version !== this.#version) this.#report(`${this.name} ${reason}; credentials from it are not used.`);
    this.#version = version;
    this.#config = emptyAuthConfig;
  }

  async #failed(code: string): Promise<void> {
    const dangling = code === 'ENOENT' && (await isThere(this.path));
    if ((code === 'ENOENT' || code === 'ENOTDIR') && !dangling) {
      this.#version = '';
      this.#config = emptyAuthConfig;
      return;
    }
    this.#reject(code, dangling ? 'is a link to a file that is not there' : `cannot be read (${code})`);
  }
}

/** At most `limit` bytes, also of a file that grows. */
async function readUpTo(path: string, limit: number): Promise<Uint8Array> {
  await using handle = await open(path, 'r');
  const bytes = Buffer.alloc(Math.min(limit, (await handle.stat()).size));
  let size = 0;
  for (let read = -1; read !== 0 && size < bytes.length; size += read) {
    ({ bytesRead: read } = await handle.read(bytes, size));
  }
  return bytes.subarray(0, size);
}

async function isThere(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch {
    return false;
  }
}

function codeOf(error: unknown): string {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code;
  throw error;
}
