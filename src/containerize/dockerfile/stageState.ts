import type { ConfigChanges, ContainerizeWarning, Healthcheck } from '../../api.ts';
import type { LayerFile } from '../../archive/pack.ts';
import { wrong } from './complaints.ts';
import { expandWord, type ExpandOptions, expandWords } from './expand.ts';
import { MatchBudget } from './globTokens.ts';
import { ImageFolders } from './imageFolders.ts';
import type { StageBase } from './stageBase.ts';

/** What an instruction put into the image. */
export interface StageLayer {
  readonly name: string;
  readonly files: readonly LayerFile[];
  /** Equal for layers of one Dockerfile with the same files. */
  readonly key: string;
}

const defaultPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
/** Most characters that the variables of a file may come to altogether. */
const maxExpandedTotal = 64 << 20;

/** An image while its instructions are evaluated. */
export class StageState {
  readonly base: StageBase;
  readonly folders: ImageFolders;
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
  readonly #declared = new Set<string>();
  readonly #budget = new MatchBudget();
  #left = maxExpandedTotal;

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
    if (base.isKnown && !this.#variables.has('PATH')) this.setEnv('PATH', defaultPath);
  }

  setEnv(name: string, value: string): void {
    this.#env.set(name, value);
    this.#variables.set(name, value);
  }

  /** An argument without a value is declared: it stands for nothing. */
  setArg(name: string, value: string | undefined): void {
    this.#declared.add(name);
    if (value !== undefined) this.#variables.set(name, value);
  }

  /** @throws OciError invalid-spec */
  expand(text: string): string {
    return this.#counted(expandWord(text, this.#options));
  }

  /** @throws OciError invalid-spec */
  expandWords(text: string): readonly string[] {
    const words = expandWords(text, this.#options);
    this.#counted(words.join(' '));
    return words;
  }

  /** The content of a document: quotes are as they are, and `\` is what escapes. @throws OciError invalid-spec */
  expandDocument(content: string): string {
    return this.#counted(expandWord(content, { ...this.#options, escape: '\\', quotes: 'plain' }));
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
    return { variable: (name) => this.#variable(name), escape: this.#escape, budget: this.#budget };
  }

  #variable(name: string): string | undefined {
    const value = this.#variables.get(name);
    if (value !== undefined || this.base.isKnown || this.#declared.has(name) || !/^\w{2,}$/.test(name)) return value;
    throw wrong(`$${name} is not set in the Dockerfile, and what the base sets is not known here: write its value.`);
  }

  #counted(text: string): string {
    this.#left -= text.length;
    if (this.#left < 0) throw wrong(`its variables come to more than ${maxExpandedTotal} characters.`);
    return text;
  }
}
