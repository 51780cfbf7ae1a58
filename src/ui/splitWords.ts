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
