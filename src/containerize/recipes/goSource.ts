/** What the head of a Go file says. */
export interface GoHead {
  /** Of its package clause. */
  readonly package: string;
  /** True where a build constraint keeps it out of every ordinary build. */
  readonly isIgnored: boolean;
}

/** White space, line comments and block comments before the package clause. */
const before = /\s+|\/\/[^\n]*|\/\*[^]*?\*\//y;
const clause = /package\s+(\w+)/y;
/** What can hold words that are no code. */
const opaque = /\/\/[^\n]*|\/\*[^]*?(?:\*\/|$)|`[^`]*(?:`|$)|"(?:[^"\\\n]|\\.)*"?|'(?:[^'\\\n]|\\.)*'?/g;

/** The package of a Go file and whether it is for builds; undefined where its head is no Go. */
export function readGoHead(text: string): GoHead | undefined {
  let at = text.startsWith('\ufeff') ? 1 : 0;
  let isIgnored = false;
  for (;;) {
    before.lastIndex = at;
    const found = before.exec(text)?.[0];
    if (found === undefined) break;
    isIgnored ||= /^\/\/(?:go:build\s+|\s*\+build\s+)ignore\s*(?:&&|$)/.test(found);
    at += found.length;
  }
  clause.lastIndex = at;
  const name = clause.exec(text)?.[1];
  return name === undefined ? undefined : { package: name, isIgnored };
}

/** True where a Go file declares `func main`, in code and not in a comment or text. */
export function declaresMain(text: string): boolean {
  const code = text.replace(opaque, (found) => (found.startsWith('/') ? ' ' : '0'));
  return /(?:^|[\n;])[ \t]*func\s+main\s*\(/.test(code);
}
