import { formatBytes } from '../browse/text.ts';
import type { Commands } from './command.ts';
import type { Shell } from './shell.ts';

export interface ClearedCache {
  readonly bytesFreed: number;
}

/** `gantry.clearCache`: frees the disk that layers which were looked into take. */
export function clearCacheCommands(shell: Shell): Commands {
  const clear = async (): Promise<ClearedCache> => ({ bytesFreed: await shell.clearCache() });
  return {
    'gantry.clearCache': {
      program: clear,
      person: async () => {
        const cleared = await clear();
        void shell.notify.info(`Freed ${formatBytes(cleared.bytesFreed)} of layers that were looked into.`);
        return cleared;
      },
    },
  };
}
