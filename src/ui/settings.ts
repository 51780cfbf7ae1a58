import { ConfigurationTarget, workspace } from 'vscode';
import { isObject } from '../oci/json.ts';
import { parseRegistry } from '../oci/reference.ts';
import { parseSettings, type Settings } from './settingValues.ts';

/** The settings as they are now. */
export function readSettings(): Settings {
  const configuration = workspace.getConfiguration('gantry');
  return parseSettings((name) => configuration.get<unknown>(name));
}

/** Adds a registry to the user's settings, in place of an entry for the same registry. */
export async function saveRegistry(entry: {
  readonly url: string;
  readonly alias?: string;
  readonly tls?: { readonly plainHttp: boolean };
}): Promise<void> {
  const name = parseRegistry(entry.url);
  await writeRegistries((entries) => [...entries.filter((other) => nameOf(other) !== name), entry]);
}

/** Removes a registry from the user's settings. */
export async function dropRegistry(name: string): Promise<void> {
  await writeRegistries((entries) => entries.filter((entry) => nameOf(entry) !== name));
}

/** Entries that cannot be read stay as they are: they may hold what the user wants back. */
async function writeRegistries(change: (entries: readonly unknown[]) => readonly unknown[]): Promise<void> {
  const configuration = workspace.getConfiguration('gantry');
  const stored = configuration.get<unknown>('registries');
  await configuration.update('registries', change(Array.isArray(stored) ? stored : []), ConfigurationTarget.Global);
}

function nameOf(entry: unknown): string | undefined {
  try {
    return isObject(entry) && typeof entry['url'] === 'string' ? parseRegistry(entry['url']) : undefined;
  } catch {
    return undefined;
  }
}
