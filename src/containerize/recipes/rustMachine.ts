import path from 'node:path';
import type { Io } from '../../content/store.ts';
import { isOciError } from '../../errors.ts';
import { isObject, type JsonObject, stringList } from '../../oci/json.ts';
import { LocalFile } from '../localFile.ts';
import { parseToml } from '../toml.ts';
import { ProjectFolder } from './projectFolder.ts';

/** What decides where Cargo builds and for what it can. */
export interface RustMachine {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** An absolute path. */
  readonly home: string;
  /** As `process.platform` and `process.arch` say. */
  readonly platform: string;
  readonly arch: string;
}

/** A file .cargo/config.toml. */
export interface CargoConfig {
  /** The folder that its relative paths begin at. */
  readonly base: string;
  readonly value: JsonObject;
}

const maxParents = 64;
const maxBytes = 1 << 20;

/** The settings that apply in a folder, the strongest first (The Cargo Book, Configuration). */
export async function cargoConfigs(
  directory: string,
  { env, home }: RustMachine,
  io: Io,
): Promise<readonly CargoConfig[]> {
  const folders = ancestors(directory).map((folder) => path.join(folder, '.cargo'));
  const cargoHome = path.resolve(directory, env['CARGO_HOME'] ?? path.join(home, '.cargo'));
  const found: CargoConfig[] = [];
  for (const folder of new Set([...folders, cargoHome])) {
    const text =
      (await smallText(path.join(folder, 'config'), io)) ?? (await smallText(path.join(folder, 'config.toml'), io));
    const value = text === undefined ? undefined : toml(text);
    if (value !== undefined) found.push({ base: path.dirname(folder), value });
  }
  return found;
}

/** The member of a table, of the strongest file that has it. */
export function cargoSetting(
  configs: readonly CargoConfig[],
  keys: readonly string[],
): { readonly value: unknown; readonly base: string } | undefined {
  for (const { base, value } of configs) {
    let at: unknown = value;
    for (const key of keys) at = isObject(at) && Object.hasOwn(at, key) ? at[key] : undefined;
    if (at !== undefined) return { value: at, base };
  }
  return undefined;
}

/** The absolute path of the folder `target` of a workspace. */
export function targetFolder(
  workspace: string,
  directory: string,
  configs: readonly CargoConfig[],
  env: RustMachine['env'],
): string {
  const named = env['CARGO_TARGET_DIR'] ?? env['CARGO_BUILD_TARGET_DIR'];
  if (named !== undefined && named !== '') return path.resolve(directory, named);
  const setting = cargoSetting(configs, ['build', 'target-dir']);
  if (typeof setting?.value === 'string' && setting.value !== '') return path.resolve(setting.base, setting.value);
  return path.join(workspace, 'target');
}

/** The targets whose standard library is installed for the tool chain that a folder uses, such as `x86_64-unknown-linux-musl`. */
export async function installedTargets(directory: string, machine: RustMachine, io: Io): Promise<ReadonlySet<string>> {
  const { env, home } = machine;
  const rustup = path.resolve(directory, env['RUSTUP_HOME'] ?? path.join(home, '.rustup'));
  const { channel, targets } = await toolchainOf(directory, rustup, env, io);
  const found = new Set<string>(targets);
  const chains = (await names(path.join(rustup, 'toolchains'), io)).filter((name) => isChain(name, channel));
  const places = chains.map((name) => path.join(rustup, 'toolchains', name, 'lib/rustlib'));
  for (const place of [...places, ...(chains.length > 0 ? [] : ['/usr/lib/rustlib', '/usr/local/lib/rustlib'])]) {
    for (const name of await names(place, io)) if (/^\w+-[\w-]+$/.test(name)) found.add(name);
  }
  return found;
}

interface Toolchain {
  readonly channel: string;
  /** Those that rustup gets by itself. */
  readonly targets: readonly string[];
}

/** As rustup chooses: by variable, by a file in the folder or above it, else its default. */
async function toolchainOf(directory: string, rustup: string, env: RustMachine['env'], io: Io): Promise<Toolchain> {
  const named = env['RUSTUP_TOOLCHAIN'];
  if (named !== undefined && named !== '') return { channel: named, targets: [] };
  for (const folder of ancestors(directory)) {
    const text =
      (await smallText(path.join(folder, 'rust-toolchain'), io)) ??
      (await smallText(path.join(folder, 'rust-toolchain.toml'), io));
    if (text === undefined) continue;
    const line = text.trim();
    if (/^[\w.-]+$/.test(line)) return { channel: line, targets: [] };
    const table = toml(text)?.['toolchain'];
    if (!isObject(table)) continue;
    const { channel } = table;
    return { channel: typeof channel === 'string' ? channel : '', targets: stringList(table['targets']) };
  }
  const settings = toml((await smallText(path.join(rustup, 'settings.toml'), io)) ?? '');
  const chosen = settings?.['default_toolchain'];
  return { channel: typeof chosen === 'string' ? chosen : 'stable', targets: [] };
}

/** `1.75` is the tool chain `1.75-x86_64-unknown-linux-gnu`. */
function isChain(name: string, channel: string): boolean {
  return (
    name === channel ||
    (name.startsWith(`${channel}-`) && /^(?:x86_64|aarch64|i686)-/.test(name.slice(channel.length + 1)))
  );
}

function ancestors(directory: string): readonly string[] {
  const found = [directory];
  while (found.length < maxParents) {
    const above = path.dirname(found.at(-1) ?? directory);
    if (above === found.at(-1)) break;
    found.push(above);
  }
  return found;
}

async function names(folder: string, io: Io): Promise<readonly string[]> {
  try {
    const opened = await ProjectFolder.open(folder);
    return (await opened.list('.', io)).map(({ name }) => name);
  } catch (error) {
    if (isOciError(error)) return [];
    throw error;
  }
}

async function smallText(file: string, io: Io): Promise<string | undefined> {
  let source: LocalFile;
  try {
    source = await LocalFile.open(file, io);
  } catch (error) {
    if (isOciError(error)) return undefined;
    throw error;
  }
  try {
    return source.size > maxBytes ? undefined : new TextDecoder().decode(await source.read(0, source.size, io));
  } finally {
    await source.close();
  }
}

function toml(text: string): JsonObject | undefined {
  try {
    return parseToml(text, 'settings');
  } catch (error) {
    if (isOciError(error)) return undefined;
    throw error;
  }
}
