import type { LookupFunction } from 'node:net';
import type { Io } from '../content/store.ts';
import { apiHost } from '../oci/reference.ts';
import type { Clock } from './clock.ts';
import type { DispatcherOptions, Sender } from './dispatchers.ts';
import { Exchange } from './exchange.ts';
import type { HttpRequest, HttpResponse, RequestLog } from './http.ts';
import { Neighbours } from './neighbours.ts';
import type { NetworkOptions, RegistryOptions } from './options.ts';
import { isListed } from './realm.ts';
import { redactUrl } from './redact.ts';
import { foreignTls, ownTls, proxyTls } from './tls.ts';

export interface WireOptions {
  readonly network: NetworkOptions;
  readonly registry: RegistryOptions;
  /** Resolves names. Default: the system's resolver. */
  readonly lookup: LookupFunction | undefined;
  readonly log: RequestLog | undefined;
  readonly clock: Pick<Clock, 'now'>;
}

/** Whom a connection is to: the registry, an origin that its settings name, or one that only the registry names. */
type Party = 'own' | 'listed' | 'foreign';

/** undici takes longer to load than all the rest: it is loaded when something is first sent. */
const loadDispatchers = () => import('./dispatchers.ts');

/** The connections that serve one registry. */
export class Wire {
  readonly #options: WireOptions;
  readonly #neighbours: Neighbours;
  readonly #dispatchers = new Map<string, Sender>();

  constructor(options: WireOptions) {
    this.#options = options;
    const { registry } = options.registry;
    this.#neighbours = new Neighbours(registry, new URL(`https://${apiHost(registry)}`).hostname, options.lookup);
  }

  /** Sends one request, once, and logs it. */
  async send(request: HttpRequest, io: Io): Promise<HttpResponse> {
    io.signal.throwIfAborted();
    const { network, clock } = this.#options;
    const party = this.#partyOf(request.url);
    if (party === 'foreign') this.#neighbours.check(request.url.hostname);
    const dispatchers = await loadDispatchers();
    const address = await network.proxyFor?.(request.url);
    const proxy = address === undefined || address === '' ? undefined : dispatchers.parseProxy(address);
    const dispatcher = this.#dispatcher(dispatchers, party, proxy);
    const headers = { 'user-agent': network.userAgent, 'accept-encoding': 'identity' };
    const { timeoutSeconds } = network;
    const exchange = new Exchange({ request, headers, timeoutSeconds, clock, proxy: proxy?.host }, io);
    return this.#logged(request, exchange, dispatcher);
  }

  async close(): Promise<void> {
    const dispatchers = [...this.#dispatchers.values()];
    this.#dispatchers.clear();
    await Promise.all(dispatchers.map((dispatcher) => dispatcher.close()));
  }

  #partyOf(url: URL): Party {
    const { registry } = this.#options;
    if (url.host === new URL(`${url.protocol}//${apiHost(registry.registry)}`).host) return 'own';
    return isListed(url, registry) ? 'listed' : 'foreign';
  }

  #dispatcher(load: Awaited<ReturnType<typeof loadDispatchers>>, party: Party, proxy: URL | undefined): Sender {
    const key = `${party} ${proxy?.href ?? ''}`;
    const known = this.#dispatchers.get(key);
    if (known !== undefined) return known;
    const { network, registry } = this.#options;
    const options: DispatcherOptions = {
      timeoutSeconds: network.timeoutSeconds,
      // More than the limiter lets wait for answers: bodies that are being read hold a connection each.
      connections: Math.max(32, network.concurrency * 4),
      tls: party === 'own' ? ownTls(network, registry) : foreignTls(network, registry),
      lookup: this.#neighbours[`${party}Lookup`],
    };
    const made =
      proxy === undefined ? load.directDispatcher(options) : load.proxyDispatcher(proxy, proxyTls(network), options);
    this.#dispatchers.set(key, made);
    return made;
  }

  async #logged(request: HttpRequest, exchange: Exchange, dispatcher: Sender): Promise<HttpResponse> {
    const start = performance.now();
    const record = (outcome: { readonly status: number } | { readonly failure: string }): void =>
      this.#options.log?.({
        method: request.method,
        url: redactUrl(request.url),
        milliseconds: Math.round(performance.now() - start),
        bytesSent: exchange.bytesSent,
        ...outcome,
      });
    try {
      const response = await exchange.send(dispatcher);
      record({ status: response.status });
      return response;
    } catch (error) {
      record({ failure: error instanceof Error ? error.message : 'failed' });
      throw error;
    }
  }
}
