import path from 'node:path';
import type { ConfigChanges, ContainerizeWarning, Healthcheck } from '../../api.ts';
import { layerPath } from '../../archive/layerPath.ts';
import type { LayerFile } from '../../archive/pack.ts';
import { isOciError } from '../../errors.ts';
import { UnpackRoom } from './addedTar.ts';
import { wrong } from './complaints.ts';
import { expandWord, type ExpandOptions, expandWords } from './expand.ts';
import { ImageFolders } from './imageFolders.ts';
import type { StageBase } from './stageBase.ts';
import { WordBudget } from './wordBudget.ts';

/** What an instruction put into the image. */
export interface StageLayer {
  readonly name: string;
  readonly files: readonly LayerFile[];
  /** Equal for layers of one Dockerfile with the same files. */
  readonly key: string;
}

const defaultPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** An image while its instructions are evaluated. */
export class StageState {
  readonly base: StageBase;
  readonly folders: ImageFolders;
  readonly room = new UnpackRoom();
  readonly layers: StageLayer[] = [];
  readonly warnings: ContainerizeWarning[] = [];
  readonly labels = new Map<string, string>();
  readonly ports = new Set<string>();
  readonly volumes = new Set<string>();
  workdir: string;
  user: string;
  isUserSet = false;
  isWorkdirSet = false;
  shell: readonly string[] | undefined;
  entrypoint: readonly string[] | undefined;
  cmd: readonly string[] | undefined;
  /** False at the start of each stage: an ENTRYPOINT takes away the command of what it builds on. */
  isCmdOfStage = false;
  stopSignal: string | undefined;
  healthcheck: Healthcheck | undefined;
  author: string | undefined;
  readonly #escape: string;
  /** What `$NAME` stands for: the environment and the arguments. */
  readonly #variables = new Map<string, string>();
  readonly #env = new Map<string, string>();
  readonly #budget = new WordBudget();

  constructor(base: StageBase, escape: string) {
    this.base = base;
    this.folders = new ImageFolders(base);
    this.workdir = base.workdir === '' ? '/' : base.workdir;
    this.user = base.user;
    this.#escape = escape;
    for (const entry of base.env) {
      const at = entry.indexOf('=');
      this.#variables.set(at < 0 ? entry : entry.slice(0, at), at < 0 ? '' : entry.slice(at + 1));
    }
    if (!this.#variables.has('PATH')) this.setEnv('PATH', defaultPath);
  }

  /** The absolute path of a place in the image, seen from the working directory. @throws OciError invalid-spec */
  place(written: string): string {
    const place = path.posix.resolve('/', this.workdir, written);
    try {
      layerPath(place);
    } catch (error) {
      if (!isOciError(error, 'invalid-reference')) throw error;
      throw wrong(error.message);
    }
    return place;
  }

  setEnv(name: string, value: string): void {
    this.#env.set(name, value);
    this.#variables.set(name, value);
  }

  setArg(name: string, value: string): void {
    this.#variables.set(name, value);
  }

  /** @throws OciError invalid-spec */
  expand(text: string): string {
    return expandWord(text, this.#options);
  }

  /** @throws OciError invalid-spec */
  expandWords(text: string): readonly string[] {
    return expandWords(text, this.#options);
  }

  /** The content of a document: quotes are as they are, and `\` is what escapes. @throws OciError invalid-spec */
  expandDocument(content: string): string {
    return expandWord(content, { ...this.#options, escape: '\\', quotes: 'plain' });
  }

  get config(): ConfigChanges {
    const { entrypoint, cmd, stopSignal, healthcheck, shell, author, labels, ports, volumes } = this;
    const env = Array.from(this.#env, ([name, value]) => `${name}=${value}`);
    return {
      ...(entrypoint === undefined ? {} : { entrypoint }),
      ...(cmd === undefined ? {} : { cmd }),
      ...(env.length === 0 ? {} : { env }),
      ...(this.isWorkdirSet ? { workdir: this.workdir } : {}),
      ...(this.isUserSet ? { user: this.user } : {}),
      ...(labels.size === 0 ? {} : { labels: Object.fromEntries(labels) }),
      ...(ports.size === 0 ? {} : { ports: [...ports] }),
      ...(volumes.size === 0 ? {} : { volumes: [...volumes] }),
      ...(stopSignal === undefined ? {} : { stopSignal }),
      ...(healthcheck === undefined ? {} : { healthcheck }),
      ...(shell === undefined ? {} : { shell }),
      ...(author === undefined ? {} : { author }),
    };
  }

  get #options(): ExpandOptions {
    return { variable: (name) => this.#variables.get(name), escape: this.#escape, budget: this.#budget };
  }
}
