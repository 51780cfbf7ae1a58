import type { Io } from '../content/store.ts';

/** What proves who the user is to one registry. */
export type Credential =
  | { readonly kind: 'basic'; readonly username: string; readonly password: string }
  /** An OAuth2 refresh token (docker's identitytoken), exchanged by POST at the token service. */
  | { readonly kind: 'identity-token'; readonly token: string }
  /** A bearer token sent as it is (docker's registrytoken). */
  | { readonly kind: 'registry-token'; readonly token: string };

/** A credential and where it was found, in words fit for a person: `credential helper docker-credential-pass`. */
export interface FoundCredential {
  readonly credential: Credential;
  readonly origin: string;
  /** The user name where one is known, never a secret. */
  readonly account?: string;
}

/** One place to look: settings' secret storage, docker's config, podman's auth files. Undefined: this place has none. */
export interface CredentialSource {
  /**
   * @param registry `host[:port]` as in Reference.registry; docker.io for Docker Hub
   * @param repository for podman's keys `registry/namespace`; may be absent
   */
  find(registry: string, repository: string | undefined, io: Io): Promise<FoundCredential | undefined>;
}
