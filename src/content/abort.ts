import type { ByteStream, Io, OpenContent } from './store.ts';

/** Why a signal aborted, as the Error to throw. */
export function abortReason(signal: AbortSignal): Error {
  const reason: unknown = signal.reason;
  return reason instanceof Error ? reason : new Error('cancelled', { cause: reason });
}

/** What a promise resolves to, or the signal's reason where that aborts first. */
export function untilAborted<T>(result: Promise<T>, { signal }: Io): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(abortReason(signal));
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    result.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

/** The same content, but its opening and its reading end when the signal aborts, whether or not the content notices. */
export function interruptible(open: OpenContent, io: Io): OpenContent {
  return async () => {
    const opening = open();
    try {
      return interrupted(await untilAborted(opening, io), io);
    } catch (error) {
      // Content that opens after all is closed; how that ends concerns nobody.
      if (io.signal.aborted) opening.then((late) => leave(late[Symbol.asyncIterator]())).catch(() => undefined);
      throw error;
    }
  };
}

function interrupted(stream: ByteStream, io: Io): ByteStream {
  return {
    [Symbol.asyncIterator]: () => {
      const chunks = stream[Symbol.asyncIterator]();
      const next = async (): Promise<IteratorResult<Uint8Array>> => {
        try {
          io.signal.throwIfAborted();
          return await untilAborted(chunks.next(), io);
        } catch (error) {
          if (io.signal.aborted) leave(chunks);
          throw error;
        }
      };
      return { next, return: async () => (await chunks.return?.()) ?? { done: true, value: undefined } };
    },
  };
}

/** Closes what nobody reads any more. Not waited for: a source that stalls does not come to its end. */
export function leave(chunks: AsyncIterator<Uint8Array> | undefined): void {
  chunks?.return?.().catch(() => undefined);
}
