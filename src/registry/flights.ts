import type { Io } from '../content/store.ts';
import { untilAborted } from '../content/abort.ts';

interface Flight<T> {
  readonly result: Promise<T>;
  readonly controller: AbortController;
  passengers: number;
}

/**
 * Actions that are under way, by key: who asks for the same gets the same result or the same failure. An action is
 * cancelled when everyone who waits for it has been.
 */
export class Flights<T> {
  readonly #flights = new Map<string, Flight<T>>();

  async join(key: string, action: (io: Io) => Promise<T>, io: Io): Promise<T> {
    io.signal.throwIfAborted();
    const flight = this.#flights.get(key) ?? this.#start(key, action);
    flight.passengers++;
    try {
      return await untilAborted(flight.result, io);
    } finally {
      if (--flight.passengers === 0) {
        this.#forget(key, flight);
        flight.controller.abort();
      }
    }
  }

  #start(key: string, action: (io: Io) => Promise<T>): Flight<T> {
    const controller = new AbortController();
    const flight = { controller, passengers: 0, result: action({ signal: controller.signal }) };
    this.#flights.set(key, flight);
    const forget = (): void => this.#forget(key, flight);
    flight.result.then(forget, forget);
    return flight;
  }

  #forget(key: string, flight: Flight<T>): void {
    if (this.#flights.get(key) === flight) this.#flights.delete(key);
  }
}
