import { chainCredentials } from '../../src/credentials/chain.ts';
import type { CredentialSource } from '../../src/credentials/credential.ts';
import { type Clock, systemClock } from '../../src/registry/clock.ts';
import { connect } from '../../src/registry/connect.ts';
import type { RequestRecord } from '../../src/registry/http.ts';
import { defaultNetwork, type NetworkOptions, type RegistryOptions } from '../../src/registry/options.ts';
import { Registry } from '../../src/registry/registry.ts';
import { Transport } from '../../src/registry/transport.ts';

/** This program's own client of one registry, put together as the extension does it. */
export interface TestClient {
  readonly registry: Registry;
  readonly log: readonly RequestRecord[];
  close(): Promise<void>;
}

export interface TestClientOptions {
  readonly credentials?: CredentialSource;
  readonly network?: Partial<NetworkOptions>;
  readonly registry?: Partial<RegistryOptions>;
  readonly chunkSize?: number;
  readonly clock?: Clock;
}

/** Waits as the system's clock does, but never longer than 25 ms. */
export const quickClock: Clock = {
  now: () => systemClock.now(),
  random: () => 1,
  sleep: (milliseconds, io) => systemClock.sleep(Math.min(milliseconds, 25), io),
};

/** A client of the registry at `127.0.0.1:PORT`. */
export function testClient(host: string, options: TestClientOptions = {}): TestClient {
  const network = { ...defaultNetwork, ...options.network };
  const transport = new Transport(network);
  const log: RequestRecord[] = [];
  const clock = options.clock ?? systemClock;
  const connection = connect({
    registry: { registry: host, ...options.registry },
    network,
    credentials: options.credentials ?? chainCredentials([]),
    transport,
    log: (record) => log.push(record),
    clock,
  });
  const chunkSize = options.chunkSize ?? network.chunkSize;
  return { registry: new Registry(connection, { clock, chunkSize }), log, close: () => transport.close() };
}

/** A credential as a person would type it in. */
export function login(username: string, password: string): CredentialSource {
  const found = { credential: { kind: 'basic', username, password }, origin: 'the test', account: username } as const;
  return { find: () => Promise.resolve(found) };
}
