import { stat } from 'node:fs/promises';
import type { PathFilter } from '../../archive/pack.ts';
import type { Io } from '../../content/store.ts';
import { isOciError } from '../../errors.ts';
import { escapeText } from '../../oci/reference.ts';
import { quoted, wrong } from './complaints.ts';
import { folderEntry } from './copiedFiles.ts';
import type { CopyStep, Dockerfile } from './dockerfile.ts';
import { type FileOwner, ownerOf } from './owner.ts';
import { openSourceFolder, type SourceFolder } from './sourceFolder.ts';
import type { StageState } from './stageState.ts';

export interface SourceOptions {
  /** The absolute path of the context. */
  readonly context: string;
  readonly filter?: PathFilter;
  /** Folders that stand for what `--from` names. */
  readonly stages: Readonly<Record<string, string>>;
}

/** The folders that a Dockerfile takes from. */
export class Sources {
  readonly #dockerfile: Dockerfile;
  readonly #options: SourceOptions;
  readonly #io: Io;
  readonly #open = new Map<string, Promise<SourceFolder>>();

  constructor(dockerfile: Dockerfile, options: SourceOptions, io: Io) {
    this.#dockerfile = dockerfile;
    this.#options = options;
    this.#io = io;
  }

  /** @throws OciError invalid-reference for a context that is no folder, not-found, forbidden */
  async context(): Promise<SourceFolder> {
    const { context, filter } = this.#options;
    return this.#once('', () => openSourceFolder(context, 'the context', filter));
  }

  /** What `--from` names. @throws OciError invalid-spec where no folder stands for it, naming what to do */
  async from({ from, sources }: CopyStep, index: number): Promise<SourceFolder> {
    if (from === undefined) return this.context();
    if (from.includes('$')) throw wrong('--from takes no variables: give an ARG to a FROM, and name that stage.');
    const { stages } = this.#options;
    const names = this.#namesOf(from, index);
    const known =
      names.find((name) => Object.hasOwn(stages, name)) ??
      Object.keys(stages).find((name) => names.includes(name.toLowerCase()));
    const folder = known === undefined ? undefined : stages[known];
    if (folder === undefined) throw missing(from, sources[0]?.text ?? '/');
    return this.#once(`=${from}`, async () => {
      const isFolder = await stat(folder).then(
        (found) => found.isDirectory(),
        () => false,
      );
      if (!isFolder)
        throw wrong(`${escapeText(folder)}, which stands for ${quoted(from)}, is no folder: make it first.`);
      return openSourceFolder(folder, `the folder for ${quoted(from)}`);
    });
  }

  /** Puts the working directory into a layer where the image has none, as the user of that moment. */
  async makeWorkdir(state: StageState): Promise<void> {
    const { folders, workdir } = state;
    if ((await folders.find(workdir)) !== undefined) return;
    const real = await folders.real(workdir);
    const { root } = await this.context();
    const way = await folders.make(real, await this.#user(state));
    const files = way.map((folder) => folderEntry(folder, root));
    state.layers.push({ name: `WORKDIR ${workdir}`, files, key: JSON.stringify(files) });
  }

  async #user({ base, user }: StageState): Promise<FileOwner> {
    try {
      return await ownerOf(user, base, this.#io);
    } catch (error) {
      // A user that a later layer brings.
      if (isOciError(error, 'invalid-spec')) return { uid: 0, gid: 0 };
      throw error;
    }
  }

  /** The name as written, and what else the same stage is called. */
  #namesOf(from: string, index: number): readonly string[] {
    const stages = this.#dockerfile.stages.filter((stage) => stage.index < index);
    const stage =
      stages.findLast(({ name }) => name === from.toLowerCase()) ?? stages.find((one) => String(one.index) === from);
    return [from, ...(stage === undefined ? [] : [stage.name ?? '', String(stage.index)])].filter(
      (name) => name !== '',
    );
  }

  async #once(key: string, open: () => Promise<SourceFolder>): Promise<SourceFolder> {
    const known = this.#open.get(key) ?? open();
    this.#open.set(key, known);
    return known;
  }
}

function missing(from: string, source: string): Error {
  return wrong(
    `COPY --from=${quoted(from)} needs a folder that stands for it: give one in which ${quoted(source)} is what the stage or image has there (the option stages).`,
  );
}
