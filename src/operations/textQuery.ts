import { OciError } from '../errors.ts';
import { escapeText } from '../oci/reference.ts';
import type { LinePattern } from './lineMatches.ts';

/** What to look for in the lines of files. */
export interface TextQuery {
  readonly query: string;
  /** The query is a JavaScript regular expression, matched against single lines. Default: false. */
  readonly isRegExp?: boolean;
  /** Default: false. */
  readonly isCaseSensitive?: boolean;
}

/** Longest query, in characters. */
const maxLength = 1000;

/** The pattern of a query. @throws OciError invalid-reference for one that is empty, too long, of several lines, or no pattern */
export function patternOf({ query, isRegExp = false, isCaseSensitive = false }: TextQuery): LinePattern {
  if (query === '' || query.length > maxLength || /[\r\n]/.test(query)) {
    throw new OciError('invalid-reference', `the text to search for must be one line of 1 to ${maxLength} characters.`);
  }
  const source = isRegExp ? query : query.replaceAll(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`);
  const more = isCaseSensitive ? '' : 'i';
  const strict = problemOf(source, `u${more}`);
  if (strict === undefined) return { source, flags: `u${more}` };
  // Escapes that mean nothing are common in patterns for other engines.
  if (problemOf(source, more) === undefined) return { source, flags: more };
  throw new OciError('invalid-reference', `${escapeText(query)} is no regular expression: ${escapeText(strict)}`);
}

function problemOf(source: string, flags: string): string | undefined {
  try {
    new RegExp(source, flags);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message.replace(/^.*: /, '') : 'it cannot be read';
  }
}
