/** What would end a line, act on a terminal, or change the order or the look of the text around it. */
const active = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** Text from outside as one line of a text document: what is not plainly visible as \n, \t and \u escapes. */
export function plainLine(text: string): string {
  return text.replace(active, (character) => {
    if (character === '\n') return '\\n';
    if (character === '\t') return '\\t';
    return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
  });
}

/** A line of a Dockerfile that does not join the next one to its own. */
export function lastLine(line: string): string {
  const text = line.trimEnd();
  return text.endsWith('\\') ? `${text.slice(0, -1)}\\u{5c}` : text;
}
