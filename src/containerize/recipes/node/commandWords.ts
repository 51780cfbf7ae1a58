/** A command line that needs no shell: variables set before it, and its words. */
export interface PlainCommand {
  /** `NAME=value`. */
  readonly env: readonly string[];
  readonly words: readonly string[];
}

const maxLength = 4096;
const special = /[$`|&;<>()*?[\]{}~#!\\\n\r\0]/;
const assignment = /^[A-Za-z_]\w*=/;

/** Takes a command line apart as a shell would, where it is plain: undefined for one that only a shell can run. */
export function plainCommand(text: string): PlainCommand | undefined {
  const words = splitWords(text.trim());
  if (words === undefined) return undefined;
  if (words[0] === 'cross-env') words.shift();
  const first = words.findIndex((word) => !assignment.test(word));
  if (first < 0) return undefined;
  return { env: words.slice(0, first), words: words.slice(first) };
}

function splitWords(text: string): string[] | undefined {
  if (text.length > maxLength) return undefined;
  const words: string[] = [];
  let word: string | undefined;
  for (let at = 0; at < text.length; at++) {
    const letter = text.charAt(at);
    if (letter === ' ' || letter === '\t') {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (letter === '"' || letter === "'") {
      const end = text.indexOf(letter, at + 1);
      const quoted = text.slice(at + 1, end);
      if (end < 0 || (letter === '"' && /[$`\\]/.test(quoted)) || quoted.includes('\0')) return undefined;
      word = (word ?? '') + quoted;
      at = end;
    } else if (special.test(letter)) return undefined;
    else word = (word ?? '') + letter;
  }
  if (word !== undefined) words.push(word);
  return words;
}
