import { ConfigurationTarget, workspace } from 'vscode';
import { isObject } from '../oci/json.ts';
import { parseRegistry } from '../oci/reference.ts';
import { parseSettings, type Settings } from './settingValues.ts';

/** The settings as they are now. */
export function readSettings(): Settings {
  const configuration = workspace.getConfiguration('gantry');
  return parseSettings((name) => configuration.get<unknown>(name));
}

/** What is written about a registry; everything else of its entry is the user's own. */
export interface RegistryEntry {
  readonly url: string;
  readonly alias?: string;
  readonly tls?: { readonly plainHttp: boolean };
}

/** Adds registries to the user's settings; an entry that is there already keeps what the new one does not say. */
export async function saveRegistries(added: readonly RegistryEntry[]): Promise<void> {
  await writeRegistries((entries) => added.reduce(withEntry, entries));
}

function withEntry(entries: readonly unknown[], added: RegistryEntry): readonly unknown[] {
  const at = entries.findIndex((entry) => nameOf(entry) === parseRegistry(added.url));
  const known = entries[at];
  if (!isObject(known)) return [...entries, added];
  const tls = isObject(known['tls']) && added.tls !== undefined ? { tls: { ...known['tls'], ...added.tls } } : {};
  return entries.with(at, { ...known, ...added, ...tls });
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
