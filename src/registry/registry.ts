import type { Io } from '../content/store.ts';
import { OciError } from '../errors.ts';
import { escapeText, isRepositoryName } from '../oci/reference.ts';
import { readAnswer } from './answer.ts';
import { type Clock, systemClock } from './clock.ts';
import { Endpoint } from './endpoint.ts';
import type { Connection } from './http.ts';
import { defaultNetwork } from './options.ts';
import { NamePages } from './pages.ts';
import { isWebPage } from './errorBody.ts';
import { answerError, RegistryError } from './registryError.ts';
import { Repository } from './repository.ts';

/** Registries that are known to have no catalogue. */
const withoutCatalog = new Set(['docker.io', 'ghcr.io']);

/** How one registry is used. */
export interface RegistryUse {
  /** Bytes of one chunk where a registry wants chunked uploads. */
  readonly chunkSize?: number;
  /** Whether its catalogue is asked for repositories. `auto`: not where it is known to have none. */
  readonly catalog?: 'auto' | 'on' | 'off';
  /** List only what is below these, such as `team`. Default: everything. */
  readonly namespaces?: readonly string[];
  /** Refuse every write before anything is sent. */
  readonly readOnly?: boolean;
  readonly clock?: Clock;
}

/** One registry by the distribution-spec. Makes no request before it is asked for something. */
export class Registry {
  readonly #connection: Connection;
  readonly #use: RegistryUse;
  readonly #endpoint: Endpoint;

  constructor(connection: Connection, use: RegistryUse = {}) {
    this.#connection = connection;
    this.#use = use;
    this.#endpoint = new Endpoint(connection, '', use.clock ?? systemClock);
  }

  /** `host[:port]` as in Reference.registry. */
  get name(): string {
    return this.#connection.registry;
  }

  /** Asks whether there is a registry that lets this user in. @throws OciError unauthorized, unavailable, protocol-violation */
  async ping(io: Io): Promise<void> {
    const response = await this.#endpoint.send('', { method: 'GET', scopes: [] }, io);
    const answer = await readAnswer('GET', response, 64 << 10, io);
    if (answer.status !== 200 || isWebPage(answer)) throw answerError(answer, `reach the registry ${this.name}`);
  }

  /**
   * The repositories the catalogue names, page by page (distribution-spec, `_catalog`).
   * @throws OciError not-found, forbidden or unauthorized where the registry does not list its repositories
   */
  repositoryPages(io: Io): NamePages {
    const listing = {
      endpoint: this.#endpoint,
      scopes: ['registry:catalog:*'],
      first: ['_catalog?n=100', '_catalog'],
      doing: `list the repositories of ${this.name}`,
      member: 'repositories',
      isName: isRepositoryName,
      isWanted: (name: string) => this.#isWanted(name),
      refused: (cause: OciError) => this.#withoutCatalog(cause),
      closed: this.#closedCatalog(),
    } as const;
    return new NamePages(listing, io);
  }

  /** A repository of this registry; nothing is sent. @throws OciError invalid-reference */
  repository(name: string): Repository {
    if (!isRepositoryName(name)) {
      throw new OciError(
        'invalid-reference',
        `${escapeText(name)} is not a repository name: write lower-case letters, digits and . _ - with single slashes between.`,
      );
    }
    const { clock = systemClock, chunkSize = defaultNetwork.chunkSize, readOnly = false } = this.#use;
    return new Repository(new Endpoint(this.#connection, name, clock), { chunkSize, readOnly });
  }

  #isWanted(name: string): boolean {
    const { namespaces = [] } = this.#use;
    return namespaces.length === 0 || namespaces.some((space) => name === space || name.startsWith(`${space}/`));
  }

  #closedCatalog(): OciError | undefined {
    const { catalog = 'auto' } = this.#use;
    if (catalog === 'on' || (catalog === 'auto' && !withoutCatalog.has(this.name))) return undefined;
    const why = catalog === 'off' ? 'is set not to be asked for its repositories' : 'does not list its repositories';
    return new OciError('not-found', `${this.name} ${why}: add one by name.`);
  }

  /** Says what can be done where a registry refuses its catalogue; other failures stay as they are. */
  #withoutCatalog(cause: OciError): OciError {
    const code = cause instanceof RegistryError && cause.status === 501 ? 'not-found' : cause.code;
    if (!['not-found', 'forbidden', 'unauthorized', 'unsupported-media-type'].includes(code)) return cause;
    if (code === 'unauthorized') {
      return new OciError(code, `${this.name} does not list its repositories to you: sign in, or add one by name.`, {
        cause,
      });
    }
    const words = `${this.name} does not list its repositories: this registry has no catalogue for you, add one by name.`;
    return new OciError(code === 'forbidden' ? code : 'not-found', words, { cause });
  }
}
