import type { Server } from 'node:http';
import { type Address, isServing, readAddress, writeAddress } from './address.ts';
import { withFileLock } from '../layout/fileLock.ts';
import { RegistryStorage } from './registryStorage.ts';
import { closeServer, createRegistryServer, listen } from './server.ts';
import { Sweeper } from './sweeper.ts';

export interface LocalRegistryOptions {
  /** The folder of the OCI layout; made where it is missing. */
  readonly directory: string;
  /** The port to try first. Default: the one that was used last. */
  readonly port?: number;
  /** Gets one line a request. */
  readonly log?: (line: string) => void;
}

/** Where the registry is. */
export interface LocalAddress {
  /** `127.0.0.1:PORT` */
  readonly host: string;
  readonly port: number;
}

const startMilliseconds = 30_000;

interface Running {
  readonly server: Server;
  readonly storage: RegistryStorage;
  readonly sweeper: Sweeper;
  readonly port: number;
}

/**
 * A registry on loopback (distribution-spec 1.1) over an OCI layout. Servers of several windows over one folder are one
 * registry: the first to start serves, the others give out its address, and take over when it has gone.
 */
export class LocalRegistry {
  readonly #options: LocalRegistryOptions;
  #running: Running | undefined;
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: LocalRegistryOptions) {
    this.#options = options;
  }

  /**
   * Starts the server, or finds the one that runs. To be called before each use; costs nothing where this one serves.
   * @throws OciError already-exists where the folder holds something else; forbidden, unavailable
   */
  async start(): Promise<LocalAddress> {
    if (this.#running !== undefined) return addressOf(this.#running.port);
    return this.#inTurn(async () => addressOf(this.#running?.port ?? (await this.#findOrServe())));
  }

  /** Stops serving; requests under way are cut off, their uploads are removed. */
  async close(): Promise<void> {
    await this.#inTurn(async () => {
      const running = this.#running;
      this.#running = undefined;
      if (running === undefined) return;
      await closeServer(running.server);
      await running.sweeper.stop();
      await running.storage.uploads.endAll();
    });
  }

  async #inTurn<T>(action: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(action);
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  /** Under a lock, so that of servers that start at the same time one serves and the others find it. */
  async #findOrServe(): Promise<number> {
    const storage = await RegistryStorage.open(this.#options.directory);
    const lock = await storage.files.scratch.sharedPath('serve.lock');
    const io = { signal: AbortSignal.timeout(startMilliseconds) };
    return withFileLock(
      lock,
      async () => {
        const remembered = await readAddress(storage.files.root);
        return (await isServing(remembered)) ? remembered.port : this.#serve(storage, remembered);
      },
      io,
    );
  }

  async #serve(storage: RegistryStorage, remembered: Address): Promise<number> {
    await storage.uploads.prepare();
    const { secret } = remembered;
    const { log = () => undefined } = this.#options;
    const sweeper = new Sweeper(storage, log);
    const server = createRegistryServer({ storage, secret, log, freed: () => sweeper.request() });
    const port = await listenOnOneOf(server, [this.#options.port ?? 0, remembered.port, 0]);
    this.#running = { server, storage, sweeper, port };
    if (port !== remembered.port) await writeAddress(storage.files, { port, secret });
    sweeper.request();
    return port;
  }
}

function addressOf(port: number): LocalAddress {
  return { host: `127.0.0.1:${port}`, port };
}

async function listenOnOneOf(server: Server, ports: readonly number[]): Promise<number> {
  const [first = 0, ...rest] = ports.filter((port, at) => port !== 0 || at === ports.length - 1);
  try {
    return await listen(server, first);
  } catch (error) {
    if (rest.length === 0) throw error;
    return listenOnOneOf(server, rest);
  }
}
