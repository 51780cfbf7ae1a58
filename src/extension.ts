import { homedir } from 'node:os';
import path from 'node:path';
import { type ExtensionContext, workspace } from 'vscode';
import type { GantryApi } from './api.ts';
import { type RegistryList, storeOf } from './browse/access.ts';
import { ImageFolders } from './browse/imageFolders.ts';
import { localStore } from './browse/localStore.ts';
import type { LocalPlace } from './browse/places.ts';
import { runBuildTask } from './ui/buildTask.ts';
import { editorGitFacts } from './ui/gitFacts.ts';
import { LogChannel } from './ui/logChannel.ts';
import { hostNetwork } from './ui/network.ts';
import { withPolicy } from './ui/policy.ts';
import { registerUi } from './ui/register.ts';
import { ConfiguredRegistries } from './ui/registryList.ts';
import { SecretCredentials } from './ui/secrets.ts';
import { readSettings } from './ui/settings.ts';
import { readTlsFiles } from './ui/tlsFiles.ts';
import { Engine, type EngineOptions } from './verbs/engine.ts';
import { LocalRegistryControl } from './verbs/localRegistryControl.ts';

/** Builds the objects and registers the parts; nothing is read or connected before something is used. */
export function activate(context: ExtensionContext): GantryApi {
  const storage = context.globalStorageUri.fsPath;
  const log = new LogChannel();
  const secrets = new SecretCredentials(context.secrets);
  const localRegistry = new LocalRegistryControl(
    () => ({ directory: path.join(storage, 'registry'), ...readSettings().localRegistry }),
    (line) => log.debug(line),
  );
  const credentialFiles = { env: process.env, home: homedir(), platform: process.platform, helperDirectory: storage };
  const engine = new Engine({
    settings: readSettings,
    network: hostNetwork,
    secrets,
    files: credentialFiles,
    tls: (registry, io) => readTlsFiles(settingOf(registry), io),
    prepare: (registry, io) => localRegistry.prepare(registry, io),
    log: (record) => log.request(record),
    onProblem: (text) => log.warn(text),
    ...fromEditor(context),
    temporary: path.join(storage, 'temporary'),
  });
  const { stores, credentials } = engine;
  const registries = new ConfiguredRegistries({
    stores,
    credentials,
    local: localRegistry,
    settings: readSettings,
  });
  const folders = foldersOf(engine, registries);
  const reset = async (): Promise<void> => {
    await engine.reset();
    registries.changed();
  };
  const stop = { dispose: () => Promise.all([engine.reset(), localRegistry.stop()]) };
  const api = withPolicy(engine.api, readSettings);
  context.subscriptions.push(
    log,
    registerUi(context, {
      api: () => api,
      report: engine.report,
      specText: engine.specText,
      registries,
      localStores: stores,
      folders,
      clearCache: () => engine.cache.clear(),
      secrets,
      log,
      localRegistry,
      credentialFiles,
      reset,
    }),
    workspace.onDidChangeConfiguration((event) => {
      if (connecting.some((section) => event.affectsConfiguration(section))) void reset();
    }),
    secrets.onDidChange(() => void reset()),
    stop,
  );
  return api;
}

function settingOf(name: string): ReturnType<typeof readSettings>['registries'][number] | undefined {
  return readSettings().registries.find(({ registry }) => registry === name);
}

/** What the engine needs of the editor to build and to name what it built. */
function fromEditor({ extension }: ExtensionContext): Pick<EngineOptions, 'runBuild' | 'git' | 'version'> {
  const { version } = extension.packageJSON as { readonly version?: unknown };
  return { runBuild: runBuildTask, git: editorGitFacts, version: String(version) };
}

function foldersOf({ layers, stores }: Engine, registries: RegistryList): ImageFolders {
  const local = { store: (place: LocalPlace) => localStore(place, stores) };
  return new ImageFolders({ layers, store: (place) => storeOf({ registries, local }, place) });
}

/** Settings that decide how registries are reached. */
const connecting = ['http', 'gantry.registries', 'gantry.network', 'gantry.credentials', 'gantry.localRegistry'];
