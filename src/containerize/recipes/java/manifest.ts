/** The main section of a JAR's manifest (JAR specification): names in lower case, of several of one name the last, as Java has it. */
export function manifestOf(content: string): ReadonlyMap<string, string> {
  const text = content.replace(/\r\n?/g, '\n');
  const [main = ''] = text.split('\n\n', 1);
  const attributes = new Map<string, string>();
  // A line that begins with a space goes on with the one before.
  for (const line of main.replaceAll('\n ', '').split('\n').slice(0, maxLines)) {
    const colon = line.indexOf(':');
    const name = line.slice(0, Math.max(0, colon)).toLowerCase();
    if (name !== '') attributes.set(name, line.slice(colon + 1).trim());
  }
  return attributes;
}

const maxLines = 10_000;
