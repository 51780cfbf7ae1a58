/** The words of a line: separated by blanks, those in quotes whole; a backslash in double quotes takes the next character as it is. */
export function splitWords(line: string): readonly string[] {
  const words: string[] = [];
  for (const [text] of line.matchAll(/(?:[^\s"']|"(?:[^"\\]|\\.)*"|'[^']*'|["'])+/g)) words.push(unquoted(text));
  return words;
}

function unquoted(word: string): string {
  return word.replace(/"((?:[^"\\]|\\.)*)"|'([^']*)'/g, (_, double?: string, single?: string) =>
    double === undefined ? (single ?? '') : double.replace(/\\(.)/g, '$1'),
  );
}

/** Words as a line that `splitWords` takes apart into the same words. */
export function joinWords(words: readonly string[]): string {
  return words.map((word) => (/^[^\s"']+$/.test(word) ? word : `"${word.replace(/["\\]/g, '\\$&')}"`)).join(' ');
}

/** A command with only the last name of its absolute paths, for a row that is too short for them. */
export function shortCommand(command: string): string {
  return command.replace(/(^|[\s='"])(?:[A-Za-z]:)?[\\/](?:[^\s'"\\/]+[\\/])+(?=[^\s'"\\/])/g, '$1…/');
}
