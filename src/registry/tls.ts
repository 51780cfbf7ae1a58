import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls';
import { OciError } from '../errors.ts';
import type { NetworkOptions, RegistryOptions } from './options.ts';

/** How TLS connections of one kind are checked. */
export interface TlsOptions {
  readonly secureContext?: SecureContext;
  readonly rejectUnauthorized: boolean;
}

/**
 * TLS as a registry's own origin is spoken to: its authorities and client certificate, unchecked where it is insecure.
 * @throws OciError untrusted-origin where the settings hold something else than PEM texts
 */
export function ownTls(network: NetworkOptions, registry: RegistryOptions): TlsOptions {
  const { cert, key, insecure } = registry;
  return {
    ...secureContext(registry.registry, authorities(network, registry), {
      ...(cert === undefined ? {} : { cert }),
      ...(key === undefined ? {} : { key }),
    }),
    rejectUnauthorized: insecure !== true,
  };
}

/**
 * TLS to other origins that a registry sends us to: its authorities may vouch for them too, as a company's registry and token
 * service share one; its `insecure` and its client certificate stay with the registry.
 */
export function foreignTls(network: NetworkOptions, registry: RegistryOptions): TlsOptions {
  return { ...secureContext(registry.registry, authorities(network, registry), {}), rejectUnauthorized: true };
}

/** TLS to a proxy. */
export function proxyTls(network: NetworkOptions): TlsOptions {
  return { ...secureContext('the proxy', network.ca ?? [], {}), rejectUnauthorized: true };
}

function authorities(network: NetworkOptions, registry: RegistryOptions): readonly string[] {
  return [...(network.ca ?? []), ...(registry.ca === undefined ? [] : [registry.ca])];
}

/** One context for all connections: parsing hundreds of authorities for each would take longer than the handshake. */
function secureContext(
  name: string,
  more: readonly string[],
  client: { readonly cert?: string; readonly key?: string },
): Pick<TlsOptions, 'secureContext'> {
  if (more.length === 0 && client.cert === undefined) return {};
  const ca = more.length === 0 ? {} : { ca: [...getCACertificates('default'), ...more] };
  try {
    return { secureContext: createSecureContext({ ...ca, ...client }) };
  } catch (cause) {
    throw new OciError(
      'untrusted-origin',
      `The certificate files set for ${name} cannot be used: they must be PEM, and key and certificate must fit.`,
      { cause },
    );
  }
}
