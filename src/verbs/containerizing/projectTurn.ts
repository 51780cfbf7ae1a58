import { mkdir, open, realpath, rm, stat, utimes } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { RunOptions } from '../../api.ts';
import { untilAborted } from '../../content/abort.ts';
import type { Io } from '../../content/store.ts';
import { OciError } from '../../errors.ts';
import { escapeText } from '../../oci/reference.ts';
import type { VerbContext } from '../verb.ts';
import { outputFolder } from './builds.ts';
import type { Subject } from './choices.ts';

/** Milliseconds. Whoever has the turn says so this often; one who has not for longer was ended in the middle of it. */
const beat = 2_000;
const stale = 30_000;
const poll = 50;

/**
 * Building and packing one folder, one after the other: a build writes over the files that another would be packing. Holds
 * between windows of the editor too, which share the folder for builds.
 */
export class ProjectTurn implements AsyncDisposable {
  readonly #file: string;
  #beating: NodeJS.Timeout | undefined;

  private constructor(file: string) {
    this.#file = file;
    this.#beating = setInterval(() => {
      const now = new Date();
      utimes(file, now, now).catch(() => undefined);
    }, beat).unref();
  }

  /** Waits for the turn. Undefined for what is not built. @throws OciError forbidden where nothing can be written */
  static async take(subject: Subject, context: VerbContext, run: RunOptions, io: Io): Promise<ProjectTurn | undefined> {
    const folder = builtFolder(subject);
    if (folder === undefined) return undefined;
    const root = await realpath(folder).catch(() => path.resolve(folder));
    const file = `${outputFolder(context, root)}.lock`;
    await mkdir(path.dirname(file), { recursive: true }).catch((cause: unknown) => {
      throw notWritten(file, cause);
    });
    for (let tries = 0; !(await isTaken(file)); tries++) {
      if (tries === 0) run.onProgress?.({ message: `Waiting for another build of ${path.basename(root)}`, bytes: 0 });
      await untilAborted(delay(poll), io);
    }
    return new ProjectTurn(file);
  }

  /** Lets the next one go on; more often than once is as once. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#beating === undefined) return;
    clearInterval(this.#beating);
    this.#beating = undefined;
    await rm(this.#file, { force: true });
  }
}

/** The folder that is built for an image; a program and a Dockerfile are taken as they are. */
function builtFolder(subject: Subject): string | undefined {
  if (subject.kind === 'folder') return subject.folder;
  return subject.kind === 'spec' ? path.dirname(subject.spec) : undefined;
}

async function isTaken(file: string): Promise<boolean> {
  try {
    await (await open(file, 'wx')).close();
    return true;
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
    // Windows answers EPERM while the file before this one is being removed.
    if (code !== 'EEXIST' && code !== 'EPERM') {
      throw notWritten(file, cause);
    }
  }
  const held = await stat(file).catch(() => undefined);
  if (held !== undefined && Date.now() - held.mtimeMs > stale) await rm(file, { force: true });
  return false;
}

function notWritten(file: string, cause: unknown): OciError {
  return new OciError('forbidden', `${escapeText(file)} could not be written.`, { cause });
}
