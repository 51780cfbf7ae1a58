import type { LookupFunction } from 'node:net';
import { type Clock, systemClock } from './clock.ts';
import type { HttpClient, RequestLog } from './http.ts';
import type { NetworkOptions, RegistryOptions } from './options.ts';
import { Wire } from './wire.ts';

export interface TransportOptions {
  /** Resolves names. Default: the system's resolver. */
  readonly lookup?: LookupFunction;
  /** Measures how fast answers come. Default: the computer's. */
  readonly clock?: Pick<Clock, 'now'>;
}

/** All connections of this program: HTTP/1.1, kept alive, pooled by registry, origin and proxy. */
export class Transport {
  readonly #network: NetworkOptions;
  readonly #lookup: LookupFunction | undefined;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #wires = new Set<Wire>();

  constructor(network: NetworkOptions, options: TransportOptions = {}) {
    this.#network = network;
    this.#lookup = options.lookup;
    this.#clock = options.clock ?? systemClock;
  }

  /**
   * HTTP as one registry's settings want it, one request on the wire for each call: no redirect is followed, nothing is
   * repeated, no credential is added. `insecure` and the client certificate hold for the registry's own host and port only.
   */
  client(registry: RegistryOptions, log?: RequestLog): HttpClient {
    const wire = new Wire({ network: this.#network, registry, lookup: this.#lookup, log, clock: this.#clock });
    this.#wires.add(wire);
    return (request, io) => wire.send(request, io);
  }

  /** Closes idle connections, and others when their request is done. A later request connects anew. */
  async close(): Promise<void> {
    await Promise.all([...this.#wires].map((wire) => wire.close()));
  }
}
