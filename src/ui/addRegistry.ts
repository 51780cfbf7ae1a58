import { parseRegistry } from '../oci/reference.ts';
import { isOciError, OciError } from '../errors.ts';
import type { Asked, Commands } from './command.ts';
import { briefly } from './progress.ts';
import { askText, askTextOrOne } from './prompts.ts';
import { registryProblem } from './references.ts';
import { registryFor } from './registryNames.ts';
import { dropRegistry, saveRegistries } from './settings.ts';
import { signIn } from './signIn.ts';
import type { Shell } from './shell.ts';
import { type Back, runSteps, type StepPlace } from './steps.ts';

interface NewRegistry {
  readonly url: string;
  readonly alias: string;
}

const presets = [
  { label: 'docker.io', description: 'Docker Hub' },
  { label: 'ghcr.io', description: 'GitHub Container Registry' },
  { label: 'registry.gitlab.com', description: 'GitLab' },
  { label: 'quay.io', description: 'Quay' },
  { label: 'public.ecr.aws', description: 'Amazon ECR Public' },
  { label: 'mcr.microsoft.com', description: 'Microsoft Artifact Registry' },
  { label: 'localhost:5000', description: 'a registry on this machine' },
];

/** `gantry.addRegistry` and `gantry.removeRegistry`: entries of the user's `gantry.registries`. */
export function addRegistryCommands(shell: Shell): Commands {
  return {
    'gantry.addRegistry': {
      program: async (options) => {
        const { registry, alias } = options;
        if (typeof registry !== 'string')
          throw new OciError('invalid-reference', 'addRegistry: the option registry must be text.');
        return add({ url: registry, alias: typeof alias === 'string' ? alias : '' });
      },
      person: () => addAsked(shell),
    },
    'gantry.removeRegistry': { person: (asked) => removeAsked(shell, asked) },
  };
}

async function addAsked(shell: Shell): Promise<{ readonly registry: string } | undefined> {
  const chosen = await runSteps<NewRegistry>({ url: '', alias: '' }, [askUrl, askAlias]);
  if (chosen === undefined) return undefined;
  const added = await add(chosen);
  await probe(shell, added.registry);
  return added;
}

async function askUrl(state: NewRegistry, place: StepPlace): Promise<NewRegistry | Back | undefined> {
  const placeholder = 'Host name and, where needed, port: registry.example.com:5000';
  const url = await askTextOrOne({
    title: 'Add Registry',
    placeholder,
    place,
    value: state.url,
    suggestions: presets,
    validate: registryProblem,
  });
  return typeof url === 'string' ? { ...state, url } : url;
}

async function askAlias(state: NewRegistry, place: StepPlace): Promise<NewRegistry | Back | undefined> {
  const prompt = 'A name to show in the view. Empty: the host.';
  const alias = await askText({ title: 'Add Registry', prompt, place, value: state.alias });
  return typeof alias === 'string' ? { ...state, alias: alias.trim() } : alias;
}

/** @throws OciError invalid-reference */
async function add({ url, alias }: NewRegistry): Promise<{ readonly registry: string }> {
  const registry = parseRegistry(url);
  const plain = /^http:\/\//i.test(url) ? { tls: { plainHttp: true } } : {};
  await saveRegistries([{ url: registry, ...(alias === '' ? {} : { alias }), ...plain }]);
  return { registry };
}

/** Says at once what stands between the user and the new registry; it stays in the settings whatever it answers. */
async function probe(shell: Shell, registry: string): Promise<void> {
  try {
    await briefly((run) => shell.registries.get(registry).ping(run));
  } catch (error) {
    if (!isOciError(error, 'unauthorized')) throw error;
    const pressed = await shell.notify.info(`${registry} is added. It asks for a login.`, 'Sign In…');
    if (pressed !== undefined) await signIn(shell, registry);
  }
}

async function removeAsked(shell: Shell, asked: Asked): Promise<void> {
  const registry = await registryFor(shell, asked, 'Remove Registry');
  if (registry === undefined) return;
  const detail = ['Nothing in the registry changes. A credential that Gantry keeps for it is forgotten.'];
  if (!(await shell.notify.confirm(`Remove ${registry} from the view?`, { detail, action: 'Remove' }))) return;
  await shell.secrets.remove(registry);
  for (const opened of shell.recent.opened()) {
    if (opened.registry === registry) await shell.recent.close(registry, opened.repository);
  }
  await dropRegistry(registry);
  shell.redrawAll();
}
