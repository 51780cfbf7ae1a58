import type { HttpMiddleware } from './http.ts';

const maxBytes = 4096;
const maxRemembered = 1000;

/**
 * Passes on the texts of Warning headers of code 299 (distribution-spec, warnings), each once, at most 4096 bytes of an
 * answer. The text is the registry's: it must be escaped before it is shown.
 */
export function warning(onWarning: (text: string) => void): HttpMiddleware {
  const told = new Set<string>();
  return (next) => async (request, io) => {
    const response = await next(request, io);
    for (const text of readWarnings(response.headers['warning'] ?? '')) {
      if (told.has(text) || told.size === maxRemembered) continue;
      told.add(text);
      onWarning(text);
    }
    return response;
  };
}

/** The texts of a Warning header, several of them joined by commas included. */
export function readWarnings(header: string): readonly string[] {
  const pattern = /(?:^|,)[ \t]*299[ \t]+[^\s",]{1,100}[ \t]+"((?:[^"\\]|\\.)*)"/g;
  return [...header.slice(0, maxBytes).matchAll(pattern)].map((match) => (match[1] ?? '').replace(/\\(.)/g, '$1'));
}
