import type { PathFilter } from '../../archive/pack.ts';
import type { Io } from '../../content/store.ts';
import { dockerignoreFilter, parseDockerignore } from './dockerignore.ts';
import { findGitRules } from './findGitRules.ts';
import { isJunk } from './junk.ts';
import { readIgnoreFile } from './readIgnoreFile.ts';
import { secretFolderOf, secretIn, withoutSecrets } from './secrets.ts';

export interface ContextOptions {
  /** The real absolute path of the folder. */
  readonly root: string;
  /** The text of the rules instead of what is in `.dockerignore`, such as that of `Dockerfile.dockerignore`. */
  readonly dockerignore?: string;
  /** Leave out what git ignores. */
  readonly gitignore: boolean;
  /** Let in what looks like secrets. Without it they stay out even where `.dockerignore` names them after a `!`. */
  readonly secrets: boolean;
}

/** Something that looks like a secret. */
export interface SecretPath {
  /** Relative to the root, with `/`. */
  readonly path: string;
  /** What it seems to be. */
  readonly what: string;
}

/** What of a folder goes into an image. */
export interface ContextFilter {
  readonly filter: PathFilter;
  /** The same of what a build wrote, which ignore rules mostly name: they do not count, secrets do. */
  readonly outputs: PathFilter;
  /** What looks like a secret of all that the filter was asked about: left out, or with `secrets` let in. At most 1000. */
  leftOut(): readonly SecretPath[];
  /** How many there were, without an end. */
  leftOutCount(): number;
}

const mostListed = 1000;

/**
 * The rules for a folder together: `.dockerignore`, `.gitignore` where asked for, what systems and editors leave behind, and
 * secrets by their names. The folder is only listed, and only where `.gitignore` files are to be found.
 * @throws SpecError naming the line of a rule that cannot be used; OciError too-large, forbidden
 */
export async function contextFilter(options: ContextOptions, io: Io): Promise<ContextFilter> {
  const { root, gitignore, secrets } = options;
  const text = options.dockerignore ?? (await readIgnoreFile(root, '.dockerignore', io)) ?? '';
  const docker = dockerignoreFilter(parseDockerignore(text));
  const plain: PathFilter = {
    keeps: (path, isFolder) => !isJunk(path) && docker.keeps(path, isFolder),
    enters: (path) => !isJunk(path) && docker.enters(path),
  };
  const rules = gitignore ? await findGitRules(root, plain, io) : undefined;
  const chosen = rules === undefined ? plain : both(plain, rules);
  return secretsApart(chosen, secrets ? 'let in' : 'left out', await plainSettings(root, io));
}

/** What both leave; git looks at no folder that it ignores. */
function both(plain: PathFilter, git: PathFilter): PathFilter {
  return {
    keeps: (path, isFolder) => plain.keeps(path, isFolder) && git.keeps(path, isFolder),
    enters: (path) => git.keeps(path, true) && plain.enters(path),
  };
}

/** A file of npm's that says where packages are, and holds no key to it. Others below it are judged by their names alone. */
async function plainSettings(root: string, io: Io): Promise<ReadonlySet<string>> {
  const name = '.npmrc';
  const text = await readIgnoreFile(root, name, io).catch(() => undefined);
  return new Set(text === undefined || credentials.test(text) ? [] : [name]);
}

/** Settings of npm (config: `_auth`, `_authToken`, `_password`, `username`, `key`, …), and addresses with a password. */
const credentials = /_auth|_password|username|token|secret|\b(?:key|cert|keyfile|certfile)\b|:\/\/[^\s/]*@/i;

function secretsApart(chosen: PathFilter, are: 'let in' | 'left out', plain: ReadonlySet<string>): ContextFilter {
  const found = new Map<string, string>();
  const outputs: PathFilter = {
    keeps: (path, isFolder) => {
      if (withoutSecrets.keeps(path, isFolder) || plain.has(path)) return true;
      found.set(secretFolderOf(path)?.folder ?? path, secretIn(path) ?? '');
      return are === 'let in';
    },
    enters: (path) => are === 'let in' || withoutSecrets.enters(path),
  };
  return {
    filter: {
      keeps: (path, isFolder) => chosen.keeps(path, isFolder) && outputs.keeps(path, isFolder),
      enters: (path) => chosen.enters(path) && outputs.enters(path),
    },
    outputs,
    leftOut: () => {
      const all = [...found].map(([path, what]) => ({ path, what }));
      return all.sort((a, b) => (a.path < b.path ? -1 : 1)).slice(0, mostListed);
    },
    leftOutCount: () => found.size,
  };
}
