import type { Io } from '../content/store.ts';
import { OciError } from '../errors.ts';
import type { LocalRegistry, LocalRegistryOptions } from '../serve/localRegistry.ts';

export interface LocalRegistrySettings {
  readonly enabled: boolean;
  readonly port: number;
  /** Where its images are kept. */
  readonly directory: string;
}

/** The registry this program serves on loopback: off until it is used. */
export class LocalRegistryControl {
  readonly #settings: () => LocalRegistrySettings;
  readonly #log: (line: string) => void;
  #registry: Promise<LocalRegistry> | undefined;

  constructor(settings: () => LocalRegistrySettings, log: (line: string) => void) {
    this.#settings = settings;
    this.#log = log;
  }

  /** `localhost:PORT`, running or not. */
  get name(): string {
    return `localhost:${this.#settings().port}`;
  }

  get running(): boolean {
    return this.#registry !== undefined;
  }

  get enabled(): boolean {
    return this.#settings().enabled;
  }

  /** Starts it, or finds the one of another window. @throws OciError unavailable where another program has the port */
  async start(io: Io): Promise<void> {
    io.signal.throwIfAborted();
    const { directory, port } = this.#settings();
    // Known before its code is loaded, so that a `stop` meanwhile ends it.
    this.#registry ??= load({ directory, port, log: this.#log });
    const address = await (await this.#registry).start();
    if (address.port === port) return;
    await this.stop();
    throw new OciError(
      'unavailable',
      `The local registry cannot start: another program has port ${port}. Choose another port in the setting gantry.localRegistry.port.`,
    );
  }

  /** Starts it where `registry` is one of its names. */
  async prepare(registry: string, io: Io): Promise<void> {
    const { enabled, port } = this.#settings();
    const names = [`localhost:${port}`, `127.0.0.1:${port}`, `[::1]:${port}`];
    if (enabled && names.includes(registry)) await this.start(io);
  }

  async stop(): Promise<void> {
    const registry = this.#registry;
    this.#registry = undefined;
    await (await registry)?.close();
  }
}

async function load(options: LocalRegistryOptions): Promise<LocalRegistry> {
  const { LocalRegistry: Serving } = await import('../serve/localRegistry.ts');
  return new Serving(options);
}
