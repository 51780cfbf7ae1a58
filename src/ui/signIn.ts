import type { Credential } from '../credentials/credential.ts';
import { isOciError, OciError } from '../errors.ts';
import type { JsonObject } from '../oci/json.ts';
import { parseRegistry } from '../oci/reference.ts';
import type { Asked, Commands } from './command.ts';
import { briefly } from './progress.ts';
import { askOne, askText } from './prompts.ts';
import { registryFor } from './registryNames.ts';
import type { Shell } from './shell.ts';
import { back, type Back, runSteps, type Step } from './steps.ts';

interface SignedIn {
  readonly registry: string;
  readonly account: string | null;
}

/** `gantry.signIn`, `gantry.signOut`, `gantry.showCredential`. */
export function signInCommands(shell: Shell): Commands {
  return {
    'gantry.signIn': {
      program: async (options) => keep(shell, registryOption(options, 'signIn'), credentialOption(options)),
      person: async (asked) => {
        const registry = await registryFor(shell, asked, 'Sign In to Registry');
        return registry === undefined ? undefined : signIn(shell, registry);
      },
    },
    'gantry.signOut': {
      program: async (options) => signOut(shell, registryOption(options, 'signOut')),
      person: (asked) => signOutAsked(shell, asked),
    },
    'gantry.showCredential': {
      program: async (options) => credentialOf(shell, registryOption(options, 'showCredential')),
      person: (asked) => showCredential(shell, asked),
    },
  };
}

/** Asks for a credential, tries it and keeps it in VS Code's secret storage. Undefined: given up. */
export async function signIn(shell: Shell, registry: string): Promise<SignedIn | undefined> {
  const credential = await askCredential(registry);
  if (credential === undefined) return undefined;
  const before = await shell.secrets.find(registry);
  const signed = await keep(shell, registry, credential);
  try {
    await briefly((run) => shell.registries.get(registry).ping(run));
  } catch (error) {
    if (!isOciError(error, 'unauthorized')) throw error;
    await (before === undefined ? shell.secrets.remove(registry) : shell.secrets.store(registry, before.credential));
    await shell.reset();
    throw error;
  }
  void shell.notify.info(`Signed in to ${registry}${signed.account === null ? '' : ` as ${signed.account}`}.`);
  return signed;
}

async function keep(shell: Shell, registry: string, credential: Credential): Promise<SignedIn> {
  await shell.secrets.store(registry, credential);
  await shell.reset();
  return { registry, account: credential.kind === 'basic' ? credential.username : null };
}

type Kind = Credential['kind'];

interface Answers {
  readonly kind: Kind;
  readonly username: string;
  readonly secret: string;
}

async function askCredential(registry: string): Promise<Credential | undefined> {
  const title = `Sign In to ${registry}`;
  const kind: Step<Answers> = async (state, place) => {
    const choices = [
      { label: 'User name and password or access token', value: 'basic' as const },
      {
        label: 'Identity token',
        detail: 'An OAuth2 refresh token, as docker login stores it',
        value: 'identity-token' as const,
      },
      { label: 'Bearer token', detail: 'Sent to the registry as it is', value: 'registry-token' as const },
    ];
    const picked = await askOne<Kind>(choices, { title, place, placeholder: 'How do you sign in?' });
    return picked === undefined || picked === back ? picked : { ...state, kind: picked };
  };
  const username: Step<Answers> = async (state, place) => {
    if (state.kind !== 'basic') return state;
    const validate = (text: string): string | undefined =>
      text === '' || text.includes(':') ? 'A user name, without colon' : undefined;
    const text = await askText({ title, place, prompt: 'User name', value: state.username, validate });
    return withText(text, (entered) => ({ ...state, username: entered }));
  };
  const secret: Step<Answers> = async (state, place) => {
    const validate = (text: string): string | undefined => (text === '' ? 'Paste the password or token' : undefined);
    const text = await askText({ title, place, prompt: 'Password or token', password: true, validate });
    return withText(text, (entered) => ({ ...state, secret: entered }));
  };
  const answers = await runSteps<Answers>({ kind: 'basic', username: '', secret: '' }, [kind, username, secret]);
  if (answers === undefined) return undefined;
  return answers.kind === 'basic'
    ? { kind: 'basic', username: answers.username, password: answers.secret }
    : { kind: answers.kind, token: answers.secret };
}

function withText(text: string | Back | undefined, use: (entered: string) => Answers): Answers | Back | undefined {
  return typeof text === 'string' ? use(text) : text;
}

async function signOut(shell: Shell, registry: string): Promise<{ readonly registry: string }> {
  await shell.secrets.remove(registry);
  await shell.reset();
  return { registry };
}

async function signOutAsked(shell: Shell, asked: Asked): Promise<{ readonly registry: string } | undefined> {
  const registry = await registryFor(shell, asked, 'Sign Out');
  if (registry === undefined) return undefined;
  const had = (await shell.secrets.find(registry)) !== undefined;
  const done = await signOut(shell, registry);
  const rest = await credentialOf(shell, registry);
  const still = rest.origin === null ? '' : ` A credential from ${rest.origin} is still used; remove it there.`;
  void shell.notify.info(
    `${had ? `Signed out of ${registry}.` : `Gantry kept no credential for ${registry}.`}${still}`,
  );
  return done;
}

interface ShownCredential {
  readonly registry: string;
  readonly account: string | null;
  /** Null: none is used, the registry is asked anonymously. */
  readonly origin: string | null;
}

async function credentialOf(shell: Shell, registry: string): Promise<ShownCredential> {
  const found = await briefly((run) => shell.registries.get(registry).account?.(run) ?? Promise.resolve(undefined));
  return { registry, account: found?.account ?? null, origin: found?.origin ?? null };
}

async function showCredential(shell: Shell, asked: Asked): Promise<ShownCredential | undefined> {
  const registry = await registryFor(shell, asked, 'Show Which Credential Is Used');
  if (registry === undefined) return undefined;
  const shown = await credentialOf(shell, registry);
  const as = shown.account === null ? '' : ` as ${shown.account}`;
  const text =
    shown.origin === null
      ? `${registry} is used without a credential.`
      : `${registry} is used${as}, with the credential from ${shown.origin}.`;
  void shell.notify.info(text);
  return shown;
}

function registryOption(options: JsonObject, verb: string): string {
  const { registry } = options;
  if (typeof registry === 'string') return parseRegistry(registry);
  throw new OciError('invalid-reference', `${verb}: the option registry must be text.`);
}

/** `{username, password}`, or `{token}` for an identity token. @throws OciError invalid-reference */
function credentialOption({ username, password, token }: JsonObject): Credential {
  if (typeof username === 'string' && typeof password === 'string') return { kind: 'basic', username, password };
  if (typeof token === 'string') return { kind: 'identity-token', token };
  throw new OciError('invalid-reference', 'signIn: give username and password, or token.');
}
