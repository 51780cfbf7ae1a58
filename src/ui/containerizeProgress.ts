import type { RunOptions } from '../api.ts';
import { formatBytes } from '../browse/text.ts';

/** The same run, whose bytes without a known end are said with what is done to them: `Packing: 1.2 MiB`. */
export function inWords({ signal, onProgress }: Required<RunOptions>): Required<RunOptions> {
  return {
    signal,
    onProgress: (now) => {
      const { message, bytes, total } = now;
      onProgress(total !== undefined || bytes === 0 ? now : { message: `${message}: ${formatBytes(bytes)}`, bytes: 0 });
    },
  };
}
