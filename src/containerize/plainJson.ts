/** JSON without the comments and last commas that deno.json, tsconfig.json and bun.lock may have. Linear in the text. */
export function plainJson(text: string): string {
  return replaced(replaced(text, /"|\/\/[^\n]*|\/\*[^]*?(?:\*\/|$)/g, ' '), /"|,(?=\s*[}\]])/g, '');
}

/** With something else in the place of what a pattern finds outside of texts, of which it finds the first quote. */
function replaced(text: string, pattern: RegExp, by: string): string {
  let done = '';
  let from = 0;
  for (let found = pattern.exec(text); found !== null; found = pattern.exec(text)) {
    if (found[0] === '"') pattern.lastIndex = textEnd(text, found.index);
    else {
      done += text.slice(from, found.index) + by;
      from = pattern.lastIndex;
    }
  }
  return done + text.slice(from);
}

/** Where the text behind a quote ends. A pattern would need a stack as deep as a text of escapes is long. */
function textEnd(text: string, quote: number): number {
  for (let at = quote + 1; at < text.length; at++) {
    const letter = text.charAt(at);
    if (letter === '\\') at++;
    else if (letter === '"') return at + 1;
  }
  return text.length;
}
