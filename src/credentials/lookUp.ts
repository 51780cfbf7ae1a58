import type { Io } from '../content/store.ts';
import { escapeText } from '../oci/reference.ts';
import { type AuthConfig, credentialOfEntry } from './authConfig.ts';
import type { Credential, FoundCredential } from './credential.ts';
import { getFromHelper, helperMissing, type HelperOptions } from './credentialHelper.ts';
import { helperServer, matchingKeys } from './registryKeys.ts';

export interface LookUpOptions extends HelperOptions {
  readonly allowHelpers: boolean;
}

/** A configuration and how people are told of it. */
export interface NamedConfig {
  readonly name: string;
  readonly config: AuthConfig;
}

/** Looks for a registry's credential in one configuration: `credHelpers`, then `credsStore`, then `auths`. */
export async function lookUp(
  { name, config }: NamedConfig,
  registry: string,
  repository: string | undefined,
  options: LookUpOptions,
  io: Io,
): Promise<FoundCredential | undefined> {
  for (const helper of helpersFor(config, registry, repository)) {
    const credential = await askHelper(helper, registry, options, io);
    if (credential !== undefined) return found(credential, `credential helper docker-credential-${helper}`);
  }
  for (const key of matchingKeys(config.auths.keys(), registry, repository)) {
    const credential = credentialOfEntry(config.auths.get(key) ?? {});
    if (credential === 'unusable') {
      options.report(`${name}: the entry ${escapeText(key)} of auths is malformed and not used. Log in to it again.`);
    } else if (credential !== undefined) return found(credential, name);
  }
  return undefined;
}

/** An empty name in credHelpers means: not the store, but `auths`. */
function helpersFor(config: AuthConfig, registry: string, repository: string | undefined): ReadonlySet<string> {
  const [key] = matchingKeys(config.credHelpers.keys(), registry, repository);
  const own = key === undefined ? undefined : config.credHelpers.get(key);
  const names = own === '' ? [] : [own, config.credsStore];
  return new Set(names.filter((entry) => entry !== undefined));
}

async function askHelper(
  helper: string,
  registry: string,
  options: LookUpOptions,
  io: Io,
): Promise<Credential | undefined> {
  if (!options.allowHelpers) {
    options.report(
      `${escapeText(`docker-credential-${helper}`)} is configured for ${registry}, but credential helpers are switched off.`,
    );
    return undefined;
  }
  const answer = await getFromHelper(helper, helperServer(registry), options, io);
  if (answer !== helperMissing) return answer;
  options.report(
    `docker-credential-${helper} is configured for ${registry} but is not on PATH${hint(helper)}; without another login the registry is used anonymously.`,
  );
  return undefined;
}

function hint(helper: string): string {
  return /^desktop(?:\.exe)?$/.test(helper) ? ' (Docker Desktop seems not to be installed or not to be running)' : '';
}

function found(credential: Credential, origin: string): FoundCredential {
  return { credential, origin, ...(credential.kind === 'basic' ? { account: credential.username } : {}) };
}
