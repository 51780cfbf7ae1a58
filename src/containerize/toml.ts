import { parse, TomlError } from 'smol-toml';
import { OciError, SpecError } from '../errors.ts';
import type { JsonObject } from '../oci/json.ts';
import { escapeText } from '../oci/reference.ts';

/** Most characters of a TOML file: lock files of large workspaces have a few millions. */
export const maxTomlLength = 32 << 20;
const maxDepth = 100;
const maxReason = 200;

/**
 * Reads a TOML 1.0 document from outside as objects without a prototype. Integers above 2^53 are bigints, dates are Dates.
 * @param what names the file in the error, such as `Cargo.toml`
 * @throws OciError invalid-spec: a SpecError with the place where the text is no TOML
 */
export function parseToml(text: string, what: string): JsonObject {
  if (text.length > maxTomlLength) {
    throw new OciError('invalid-spec', `${escapeText(what)} has more than ${maxTomlLength} characters.`);
  }
  try {
    return parse(text.startsWith('\ufeff') ? text.slice(1) : text, { integersAsBigInt: 'asNeeded', maxDepth });
  } catch (cause) {
    throw notToml(cause, what);
  }
}

function notToml(cause: unknown, what: string): OciError {
  const reason = cause instanceof Error ? firstLine(cause.message) : 'it cannot be read';
  if (!(cause instanceof TomlError)) return new OciError('invalid-spec', `${escapeText(what)} is not TOML: ${reason}.`);
  const { line, column } = cause;
  const place = `${escapeText(what)} is not TOML at line ${line}, column ${column}: ${reason}.`;
  return new SpecError(place, [{ file: what, line, column, text: reason }]);
}

/** The parser's own sentence; what follows it quotes the file. */
function firstLine(message: string): string {
  const [line = ''] = message.split('\n', 1);
  return line
    .replace(/^Invalid TOML document: /, '')
    .slice(0, maxReason)
    .replace(/[^\x20-\x7e]/g, '?');
}
