import http from 'node:http';
import type { Clock } from '../../src/registry/clock.ts';
import { connect } from '../../src/registry/connect.ts';
import type { Connection } from '../../src/registry/http.ts';
import { defaultNetwork } from '../../src/registry/options.ts';
import { Registry, type RegistryUse } from '../../src/registry/registry.ts';
import { Transport, type TransportOptions } from '../../src/registry/transport.ts';
import { listen } from '../support/listen.ts';

/** A clock that does not wait, and keeps what it was asked to wait. */
export interface QuickClock extends Clock {
  readonly slept: number[];
}

export function quickClock(): QuickClock {
  const slept: number[] = [];
  return {
    slept,
    now: () => 0,
    random: () => 1,
    sleep: async (milliseconds, io) => {
      io.signal.throwIfAborted();
      slept.push(milliseconds);
    },
  };
}

/** A registry on loopback over plain HTTP, whose connection repeats nothing by itself: what is sent again is the client's doing. */
export function openRegistry(host: string, use: RegistryUse = {}): Registry {
  return new Registry(connection(host), { clock: quickClock(), ...use });
}

export function connection(host: string, options: TransportOptions = {}): Connection {
  const network = { ...defaultNetwork, retries: 0, timeoutSeconds: 10 };
  return connect({
    registry: { registry: host, plainHttp: true },
    network,
    credentials: { find: async () => undefined },
    transport: new Transport(network, options),
    clock: quickClock(),
  });
}

/** Runs `action` with the host of a server that answers with `handler`. */
export async function serving(handler: http.RequestListener, action: (host: string) => Promise<void>): Promise<void> {
  const server = await listen(http.createServer(handler));
  try {
    await action(server.host);
  } finally {
    await server.stop();
  }
}
