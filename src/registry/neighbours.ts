import { lookup as systemLookup, type LookupAddress } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { OciError } from '../errors.ts';
import { type NetworkClass, networkClass } from './network.ts';

/**
 * Which networks a registry may send us to. Anyone can run a public registry, so it may name public addresses only; one on
 * loopback or a private network may name neighbours on the same kind of network. Names count by what they resolve to, at
 * the moment of connecting.
 */
export class Neighbours {
  readonly #registry: string;
  /** Resolves names that the user vouches for. */
  readonly listedLookup: LookupFunction;
  readonly #own = new Set<NetworkClass>(['public']);

  /** @param host the registry's URL hostname */
  constructor(registry: string, host: string, resolve: LookupFunction = systemLookup) {
    this.#registry = registry;
    this.listedLookup = resolve;
    const known = networkClass(host);
    if (known !== undefined) this.#own.add(known);
  }

  /** @throws OciError untrusted-origin where a URL's hostname is an address that the registry may not send us to */
  check(host: string): void {
    const known = networkClass(host);
    if (known !== undefined && !this.#own.has(known)) throw this.#refused(host, known);
  }

  /** Resolves the registry's own name and remembers its network. */
  readonly ownLookup: LookupFunction = (host, options, callback) => {
    this.listedLookup(host, options, (error, addresses, family) => {
      for (const address of error === null ? list(addresses) : []) this.#own.add(networkClass(address) ?? 'public');
      callback(error, addresses, family);
    });
  };

  /** Resolves other names; fails where one of the addresses is out of bounds. */
  readonly foreignLookup: LookupFunction = (host, options, callback) => {
    this.listedLookup(host, options, (error, addresses, family) => {
      const classes = error === null ? list(addresses).map((address) => networkClass(address) ?? 'reserved') : [];
      const wrong = classes.find((found) => !this.#own.has(found));
      callback(wrong === undefined ? error : this.#refused(host, wrong), addresses, family);
    });
  };

  #refused(host: string, kind: NetworkClass): OciError {
    return new OciError(
      'untrusted-origin',
      `${this.#registry} sends us to ${host}, a ${kind} address, which a registry elsewhere has no business with. ` +
        'Nothing was sent there. Ask whoever runs the registry.',
    );
  }
}

function list(addresses: string | LookupAddress[]): readonly string[] {
  return typeof addresses === 'string' ? [addresses] : addresses.map(({ address }) => address);
}
