const maxLength = 300;

/** A URL as messages and the log show it: scheme, host and path, at most 300 characters; no user, query or fragment. */
export function redactUrl(url: URL): string {
  const text = `${url.protocol}//${url.host}${url.pathname}`;
  const printable = text.replace(/[^\x21-\x7e]/g, (c) => encodeURIComponent(c));
  return printable.length > maxLength ? `${printable.slice(0, maxLength)}…` : printable;
}
