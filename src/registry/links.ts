import { OciError } from '../errors.ts';
import { escapeText } from '../oci/reference.ts';

const maxLength = 16 << 10;

/**
 * Resolves an address that a registry gave (Location, Link) against the address it was given at.
 * @param what names it in errors: `upload address`
 * @throws OciError protocol-violation where it is no address, untrusted-origin where it leaves the registry's origin
 */
export function sameOriginUrl(text: string, given: URL, base: URL, what: string): URL {
  const url = text.length <= maxLength && URL.canParse(text, given.href) ? new URL(text, given.href) : undefined;
  if (url === undefined) {
    throw new OciError(
      'protocol-violation',
      `${base.host} gave an ${what} that is not an address: ${escapeText(text)}.`,
    );
  }
  if (url.origin !== base.origin || url.username !== '' || url.password !== '') {
    throw new OciError(
      'untrusted-origin',
      `${base.origin} gave an ${what} on another server, ${escapeText(url.origin)}; nothing was sent there. If a proxy stands in front of the registry, it must pass on the registry's host name and scheme.`,
    );
  }
  url.hash = '';
  return url;
}

/**
 * The target of the first `rel="next"` link of a Link header (RFC 8288), undefined where there is none.
 * Linear in the header's length.
 */
export function nextLink(header: string | undefined): string | undefined {
  const text = header?.slice(0, maxLength) ?? '';
  let at = 0;
  while (at < text.length) {
    const open = text.indexOf('<', at);
    const close = open < 0 ? -1 : text.indexOf('>', open);
    if (close < 0) return undefined;
    const end = endOfLink(text, close + 1);
    if (isNext(text.slice(close + 1, end))) return text.slice(open + 1, close).trim();
    at = end + 1;
  }
  return undefined;
}

/** The comma after a link's parameters, or the end. A comma in quotes belongs to the parameter. */
function endOfLink(text: string, from: number): number {
  let quoted = false;
  for (let at = from; at < text.length; at++) {
    const c = text.charAt(at);
    if (quoted && c === '\\') at++;
    else if (c === '"') quoted = !quoted;
    else if (c === ',' && !quoted) return at;
  }
  return text.length;
}

function isNext(parameters: string): boolean {
  const parameter = /;\s*([^\s=;,"]+)\s*(?:=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;,"]+)))?/g;
  for (const [, name = '', quoted, bare] of parameters.matchAll(parameter)) {
    // RFC 8288: the first rel counts.
    if (name.toLowerCase() === 'rel') return (quoted ?? bare ?? '').toLowerCase().split(/\s+/).includes('next');
  }
  return false;
}
