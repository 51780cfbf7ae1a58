/**
 * JSON text with line ends and indents of two blanks. Every token stays as it is written, so numbers of any length and
 * names that stand twice are shown as stored. Text that is not JSON comes back with whatever indents fall out. Linear.
 */
export function prettyJson(text: string): string {
  const parts: string[] = [];
  let depth = 0;
  let previous = '';
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"?|[{}[\],:]|[^\s{}[\],:"]+/g)) {
    const closes = token === '}' || token === ']';
    if (closes) depth = Math.max(0, depth - 1);
    const opened = previous === '{' || previous === '[';
    if ((closes && !opened) || (opened && !closes) || previous === ',')
      parts.push('\n', '  '.repeat(Math.min(depth, 64)));
    parts.push(token === ':' ? ': ' : token);
    if (token === '{' || token === '[') depth++;
    previous = token;
  }
  parts.push('\n');
  return parts.join('');
}
