import type { CredentialSource } from '../credentials/credential.ts';
import { Access } from './access.ts';
import { authorizing } from './authorize.ts';
import { type Clock, systemClock } from './clock.ts';
import type { Connection, HttpClient, RequestLog } from './http.ts';
import { limited } from './limiter.ts';
import type { NetworkOptions, RegistryOptions } from './options.ts';
import { Ping } from './ping.ts';
import { redirects, sameOriginRedirects } from './redirects.ts';
import { retrying } from './retry.ts';
import type { Transport } from './transport.ts';
import { warning } from './warnings.ts';

export interface ConnectOptions {
  readonly registry: RegistryOptions;
  readonly network: NetworkOptions;
  readonly credentials: CredentialSource;
  readonly transport: Transport;
  readonly log?: RequestLog;
  /** The registry's own words, not escaped. */
  readonly onWarning?: (registry: string, text: string) => void;
  readonly clock?: Clock;
}

/** A connection to one registry. Does no I/O before its first request. */
export function connect(options: ConnectOptions): Connection {
  const { registry, network, credentials, transport, clock = systemClock, onWarning } = options;
  const wire = limited(network.concurrency)(transport.client(registry, options.log));
  const retry = retrying({ retries: network.retries, clock });
  const ping = new Ping(registry, wire);
  const access = new Access({ registry, credentials, http: retry(sameOriginRedirects(wire)), clock });
  const authorize = authorizing({
    registry: registry.registry,
    access,
    base: (io) => ping.base(io),
    rootChallenge: (io) => ping.challenge(io),
  });
  // From the outside in: a new try of a request goes back to the registry, as the place it was sent to may be the one that fails.
  const http: HttpClient = authorize(retry(redirects(wire)));
  return {
    registry: registry.registry,
    base: (io) => ping.base(io),
    http: onWarning === undefined ? http : warning((text) => onWarning(registry.registry, text))(http),
  };
}
