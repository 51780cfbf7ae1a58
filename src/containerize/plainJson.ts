/** JSON without the comments and last commas that deno.json, tsconfig.json and bun.lock may have. Linear in the text. */
export function plainJson(text: string): string {
  const bare = text.replace(/"(?:[^"\\]|\\[^])*"?|\/\/[^\n]*|\/\*[^]*?(?:\*\/|$)/g, (found) =>
    found.startsWith('/') ? ' ' : found,
  );
  return bare.replace(/"(?:[^"\\]|\\[^])*"?|,(?=\s*[}\]])/g, (found) => (found === ',' ? '' : found));
}
