import { OciError } from '../errors.ts';
import { escapeText } from '../oci/reference.ts';
import { isLoopback } from './network.ts';
import type { RegistryOptions } from './options.ts';
import { redactUrl } from './redact.ts';
import { isSameSite } from './sameSite.ts';

const maxLength = 2048;

/**
 * The token service that a challenge names, and whether it may be given the registry's credential: it may on the registry's
 * own host or site and where the user listed it; without one, only anonymous tokens are asked for.
 * @param base the registry's root, against which a relative realm is resolved
 * @throws OciError untrusted-origin where not even an anonymous request is right, protocol-violation where it is no URL
 */
export function checkRealm(
  realm: string,
  base: URL,
  registry: RegistryOptions,
): { readonly url: URL; readonly trusted: boolean } {
  const name = registry.registry;
  if (realm === '' || realm.length > maxLength || !URL.canParse(realm, base.href)) {
    throw new OciError(
      'protocol-violation',
      `${name} names a token service that is not a URL: ${escapeText(realm)}. Ask whoever runs it.`,
    );
  }
  const url = new URL(realm, base);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw refused(name, url, `it is not an https address`);
  if (url.username !== '' || url.password !== '') throw refused(name, url, 'its address holds a user name');
  if (url.hash !== '') throw refused(name, url, 'its address holds a fragment');
  const listed = isListed(url, registry);
  const sameHost = url.hostname === base.hostname;
  const bothLoopback = isLoopback(url.hostname) && isLoopback(base.hostname);
  if (url.protocol === 'http:' && !(base.protocol === 'http:' && (listed || sameHost || bothLoopback))) {
    throw refused(name, url, 'the token service uses plain http, which anyone on the way can read');
  }
  return { url, trusted: listed || sameHost || bothLoopback || isSameSite(base.hostname, url.hostname) };
}

/** True where the user's settings let a URL's origin have the registry's credential. */
export function isListed(url: URL, registry: RegistryOptions): boolean {
  return (registry.tokenRealms ?? []).some((origin) => URL.canParse(origin) && new URL(origin).origin === url.origin);
}

/** The error for a token service that would be given a credential and is not trusted with it. */
export function untrustedRealm(registry: string, url: URL): OciError {
  return new OciError(
    'untrusted-origin',
    `${registry} asks to send your login to ${url.origin}, which is another site; it was not sent. ` +
      `If that is its token service, add ${url.origin} to the tokenRealms of ${registry} in your user settings.`,
  );
}

function refused(registry: string, url: URL, reason: string): OciError {
  return new OciError(
    'untrusted-origin',
    `${registry} asks for a token of ${redactUrl(url)}: ${reason}. Nothing was sent. Ask whoever runs the registry.`,
  );
}
