import { lastLine, plainLine } from './plainText.ts';

interface Piece {
  /** How many tabs were before it. */
  readonly tabs: number;
  readonly text: string;
}

/** Deepest that lines are moved to the right. */
const maxTabs = 8;

/**
 * A RUN instruction with a line for each command of a chain: broken before `&&` and where the text has tabs or line ends,
 * which is where Dockerfiles were broken before builders joined their lines. Every line but the last ends with a backslash.
 */
export function runLines(command: string): string {
  const shown = pieces(command).filter(({ text }) => text.trim() !== '');
  const lines = shown.map(({ tabs, text }, at) => {
    const line = plainLine(text.trim());
    const whole = at === shown.length - 1 ? lastLine(line) : continued(line);
    return at === 0 ? whole : `${'    '.repeat(Math.min(tabs, maxTabs))}${whole}`;
  });
  return `RUN ${lines.join('\n')}`;
}

function continued(line: string): string {
  return line.endsWith('\\') ? line : `${line} \\`;
}

/** What is in quotes is not broken but at line ends, after which quotes count anew. */
function pieces(command: string): readonly Piece[] {
  const found: Piece[] = [];
  let [start, tabs, quote] = [0, 1, ''];
  const end = (at: number, next: number, nextTabs: number): void => {
    found.push({ tabs, text: command.slice(start, at) });
    [start, tabs] = [next, nextTabs];
  };
  for (let at = 0; at < command.length; at++) {
    const letter = command.charAt(at);
    if (letter === '\n') {
      quote = '';
      end(at, at + 1, 1);
    } else if (letter === quote) quote = '';
    else if (letter === '\\' && quote !== "'") at++;
    else if (quote !== '') continue;
    else if (letter === '"' || letter === "'") quote = letter;
    else if (letter === '\t') {
      const after = skipTabs(command, at);
      end(at, after, after - at);
      at = after - 1;
    } else if (letter === '&' && command.startsWith('&&', at) && command.slice(start, at).trim() !== '') {
      end(at, at, 1);
      at++;
    }
  }
  end(command.length, command.length, 1);
  return found;
}

function skipTabs(text: string, from: number): number {
  let at = from;
  while (text.charAt(at) === '\t') at++;
  return at;
}
