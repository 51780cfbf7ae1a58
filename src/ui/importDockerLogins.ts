import { type DockerLogin, listDockerLogins } from '../credentials/dockerConfig.ts';
import { OciError } from '../errors.ts';
import { stringList } from '../oci/json.ts';
import { parseRegistry } from '../oci/reference.ts';
import type { Commands } from './command.ts';
import { briefly } from './progress.ts';
import { askMany } from './prompts.ts';
import { saveRegistries } from './settings.ts';
import type { Shell } from './shell.ts';

interface Imported {
  readonly registries: readonly string[];
}

/**
 * `gantry.importDockerLogins`: the registries docker is logged in to become registries of the view. Their credentials stay
 * where they are. A program names some of them in `registries`, or takes all.
 */
export function importDockerLoginsCommands(shell: Shell): Commands {
  return {
    'gantry.importDockerLogins': {
      program: async ({ registries }) => {
        const wanted = stringList(registries).map(parseRegistry);
        const found = (await newLogins(shell)).map(({ registry }) => registry);
        return add(registries === undefined ? found : found.filter((registry) => wanted.includes(registry)));
      },
      person: async () => {
        const logins = await newLogins(shell);
        if (logins.length === 0) {
          void shell.notify.info('Docker has no login that is not in the view already.');
          return undefined;
        }
        const picked = await ask(logins);
        return picked === undefined ? undefined : add(picked);
      },
    },
  };
}

/** @throws OciError forbidden where the settings keep Gantry away from docker's configuration */
async function newLogins(shell: Shell): Promise<readonly DockerLogin[]> {
  const { useDockerConfig, allowHelpers, dockerConfigPath } = shell.settings().credentials;
  if (useDockerConfig === 'never') {
    const reason = 'The setting gantry.credentials.useDockerConfig is "never": docker\'s logins are not read.';
    throw new OciError('forbidden', `${reason} Set it to "read" first.`);
  }
  const options = {
    ...shell.credentialFiles,
    allowHelpers,
    ...(dockerConfigPath === undefined ? {} : { configPath: dockerConfigPath }),
    onProblem: (text: string) => shell.log.warn(text),
  };
  const known = new Set(shell.settings().registries.map(({ registry }) => registry));
  const found = await briefly((run) => listDockerLogins(options, run));
  return found.filter(({ registry }) => !known.has(registry));
}

async function ask(logins: readonly DockerLogin[]): Promise<readonly string[] | undefined> {
  const choices = logins.map(({ registry, origin }) => ({ label: registry, description: origin, value: registry }));
  const placeholder = 'Registries to show; their credentials stay where they are';
  const picked = await askMany(choices, { title: 'Import Docker Logins', placeholder });
  return typeof picked === 'object' ? picked : undefined;
}

async function add(registries: readonly string[]): Promise<Imported> {
  if (registries.length > 0) await saveRegistries(registries.map((url) => ({ url })));
  return { registries };
}
