import { type FileNode, statOf } from '../../archive/layerStack.ts';
import type { Io } from '../../content/store.ts';
import { isObject, type JsonObject, stringList } from '../../oci/json.ts';
import type { BaseFiles } from '../preflight/baseFiles.ts';

/** A folder as it is in an image. */
export interface ImageFolder {
  /** Its absolute path, links followed. */
  readonly path: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

/** What instructions ask of the image that a stage builds on. */
export interface StageBase {
  /** `NAME=value`. */
  readonly env: readonly string[];
  readonly workdir: string;
  readonly user: string;
  readonly shell: readonly string[];
  /** Instructions that the image asks to be done first. */
  readonly onBuild: readonly string[];
  /** Undefined where there is no folder at the path. */
  readonly folder: (path: string) => ImageFolder | undefined;
  /** An account of /etc/passwd, by its name. */
  readonly account: (name: string, io: Io) => Promise<{ readonly uid: number; readonly gid: number } | undefined>;
  /** The number of a group of /etc/group. */
  readonly group: (name: string, io: Io) => Promise<number | undefined>;
}

const maxAccountBytes = 4 << 20;
const root = { path: '/', mode: 0o755, uid: 0, gid: 0 };

/** What `FROM scratch` builds on. */
export const scratchBase: StageBase = {
  env: [],
  workdir: '',
  user: '',
  shell: [],
  onBuild: [],
  folder: (path) => (path === '/' ? root : undefined),
  account: async () => undefined,
  group: async () => undefined,
};

/**
 * What there is to know of an image.
 * @param config the whole image config (image-spec config.md), as JSON
 */
export function stageBase(config: JsonObject, files: BaseFiles): StageBase {
  const execution = isObject(config['config']) ? config['config'] : {};
  const fields = async (file: string, io: Io): Promise<readonly (readonly string[])[]> =>
    ((await files.text(file, maxAccountBytes, io)) ?? '').split('\n').map((line) => line.split(':'));
  return {
    env: stringList(execution['Env']),
    workdir: text(execution['WorkingDir']),
    user: text(execution['User']),
    shell: stringList(execution['Shell']),
    onBuild: stringList(execution['OnBuild']),
    folder: (path) => (path === '/' ? root : folderOf(files.find(path))),
    account: async (name, io) => {
      const [, , uid = '', gid = ''] = (await fields('/etc/passwd', io)).find(([one]) => one === name) ?? [];
      return isId(uid) && isId(gid) ? { uid: Number(uid), gid: Number(gid) } : undefined;
    },
    group: async (name, io) => {
      const gid = (await fields('/etc/group', io)).find(([one]) => one === name)?.[2] ?? '';
      return isId(gid) ? Number(gid) : undefined;
    },
  };
}

function folderOf(node: FileNode | undefined): ImageFolder | undefined {
  if (node?.children === undefined) return undefined;
  const { mode, uid, gid } = statOf(node);
  return { path: `/${node.path}`, mode: mode & 0o7777, uid, gid };
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** True for a user's or group's number of 32 bits. */
export function isId(value: string): boolean {
  return /^\d{1,10}$/.test(value) && Number(value) <= 0xffffffff;
}
