import type { CredentialSource } from './credential.ts';

/** Asks each source in turn; the first that has a credential decides. A failing source fails the search. */
export function chainCredentials(sources: readonly CredentialSource[]): CredentialSource {
  return {
    find: async (registry, repository, io) => {
      for (const source of sources) {
        io.signal.throwIfAborted();
        const found = await source.find(registry, repository, io);
        if (found !== undefined) return found;
      }
      return undefined;
    },
  };
}
