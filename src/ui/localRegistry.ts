import type { Commands } from './command.ts';
import { briefly } from './progress.ts';
import type { Shell } from './shell.ts';

interface LocalRegistryState {
  readonly registry: string;
  readonly running: boolean;
}

/** `gantry.startLocalRegistry` and `gantry.stopLocalRegistry`; it also starts by itself at its first use. */
export function localRegistryCommands(shell: Shell): Commands {
  const { localRegistry } = shell;
  const start = async (): Promise<LocalRegistryState> => {
    await briefly((run) => localRegistry.start(run));
    return { registry: localRegistry.name, running: localRegistry.running };
  };
  const stop = async (): Promise<LocalRegistryState> => {
    await localRegistry.stop();
    return { registry: localRegistry.name, running: localRegistry.running };
  };
  return {
    'gantry.startLocalRegistry': {
      program: start,
      person: async () => {
        const state = await start();
        shell.redrawAll();
        void shell.notify.info(
          `The local registry answers at ${state.registry}: docker pull ${state.registry}/NAME works on this machine.`,
        );
        return state;
      },
    },
    'gantry.stopLocalRegistry': {
      program: stop,
      person: async () => {
        const state = await stop();
        shell.redrawAll();
        return state;
      },
    },
  };
}
