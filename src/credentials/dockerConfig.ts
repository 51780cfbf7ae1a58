import path from 'node:path';
import type { Io } from '../content/store.ts';
import { type AuthConfig, parseAuthConfig } from './authConfig.ts';
import { AuthFile } from './authFile.ts';
import type { CredentialSource } from './credential.ts';
import { helperMissing, listFromHelper } from './credentialHelper.ts';
import { lookUp, type LookUpOptions, type NamedConfig } from './lookUp.ts';
import { onlyOnce, shortPath } from './problems.ts';
import { parseRegistryKey } from './registryKeys.ts';

/** Where credential files are, and what may be done to read them. All of it comes from the user, never from a workspace. */
export interface CredentialOptions {
  /** The file to use instead of the usual ones. */
  readonly configPath?: string;
  readonly env: NodeJS.ProcessEnv;
  readonly home: string;
  readonly platform: NodeJS.Platform;
  /** Whether programs named `docker-credential-…` may be run. */
  readonly allowHelpers: boolean;
  /** The working directory of helpers: one that no workspace can write to. */
  readonly helperDirectory: string;
  /** Milliseconds until a helper is ended. Default: 30,000. */
  readonly helperTimeout?: number;
  /** Takes each problem once, in a sentence fit for the log. */
  readonly onProblem?: (text: string) => void;
}

/**
 * What docker knows: the environment variable DOCKER_AUTH_CONFIG, then `$DOCKER_CONFIG/config.json` or
 * `~/.docker/config.json`. Files are read again when they have changed. `find` throws OciError helper-failed.
 */
export function dockerCredentials(options: CredentialOptions): CredentialSource {
  const sources = dockerSources(options);
  return {
    find: async (registry, repository, io) => {
      for (const source of sources.configs) {
        const found = await lookUp(await source(io), registry, repository, sources.lookUp, io);
        if (found !== undefined) return found;
      }
      return undefined;
    },
  };
}

export interface DockerLogin {
  /** As Reference.registry. */
  readonly registry: string;
  readonly origin: string;
}

/** The registries docker is logged in to, without their credentials. @throws OciError helper-failed */
export async function listDockerLogins(options: CredentialOptions, io: Io): Promise<readonly DockerLogin[]> {
  const sources = dockerSources(options);
  const logins = new Map<string, string>();
  const add = (key: string, origin: string): void => {
    const registry = parseRegistryKey(key)?.registry;
    if (registry !== undefined && !logins.has(registry)) logins.set(registry, origin);
  };
  for (const source of sources.configs) {
    const { name, config } = await source(io);
    for (const [key, helper] of config.credHelpers) add(key, helper === '' ? name : `docker-credential-${helper}`);
    if (config.credsStore !== undefined && options.allowHelpers) {
      const servers = await listFromHelper(config.credsStore, sources.lookUp, io);
      if (servers !== helperMissing) for (const key of servers) add(key, `docker-credential-${config.credsStore}`);
    }
    for (const [key, entry] of config.auths) if (Object.keys(entry).length > 0) add(key, name);
  }
  return [...logins].map(([registry, origin]) => ({ registry, origin }));
}

interface DockerSources {
  readonly configs: readonly ((io: Io) => Promise<NamedConfig>)[];
  readonly lookUp: LookUpOptions;
}

function dockerSources(options: CredentialOptions): DockerSources {
  const report = onlyOnce(options.onProblem);
  const { DOCKER_AUTH_CONFIG: inline = '', DOCKER_CONFIG: directory = '' } = options.env;
  const usual = directory === '' ? path.join(options.home, '.docker') : directory;
  const file = options.configPath ?? path.join(usual, 'config.json');
  const authFile = new AuthFile(file, shortPath(file, options.home), report);
  const name = 'the environment variable DOCKER_AUTH_CONFIG';
  const overlay = (): AuthConfig => ({
    // As in docker, the variable holds logins only: it cannot name a program.
    auths: parseAuthConfig(Buffer.from(inline), name, report).auths,
    credHelpers: new Map(),
  });
  return {
    configs: [
      async () => ({ name, config: overlay() }),
      async (io) => ({ name: authFile.name, config: await authFile.read(io) }),
    ],
    lookUp: { ...options, report },
  };
}
