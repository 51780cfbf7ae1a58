export { formatBytes } from '../operations/formatBytes.ts';

/** Controls, bidi controls, zero-width and other characters that are not seen or change what is seen around them. */
const unseen = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/gu;

/** Most UTF-16 units of one text from outside in a label, tooltip or message. */
const maxShown = 300;

/**
 * Text from outside for a place that shows plain text: what cannot be seen becomes a visible escape such as `⟨U+202E⟩`,
 * line ends and tabs become blanks, and it is cut to `limit` characters.
 */
export function visibleText(text: string, limit = maxShown): string {
  const cut = text.length > limit * 2 ? text.slice(0, limit * 2) : text;
  const shown = cut.replace(/[\t\r\n]+/g, ' ').replace(unseen, escape);
  return shown.length > limit ? `${shown.slice(0, limit - 1)}…` : shown;
}

function escape(character: string): string {
  return `⟨U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}⟩`;
}

/**
 * Text for a notification. The workbench renders `[text](command:…)` in one as a link that runs the command at a click,
 * so a `]` before `(` is parted by a zero-width blank.
 */
export function messageText(text: string): string {
  return visibleText(text).replace(/\](?=\()/g, ']\u200b');
}

/** Permission bits as `ls` shows them: `rwxr-xr-x`, `rwsr-xr-x`, `rwxrwxrwt`. */
export function formatMode(mode: number): string {
  const three = (shift: number, special: boolean, letter: string): string => {
    const bits = mode >> shift;
    const execute = (bits & 1) !== 0;
    const last = special ? (execute ? letter : letter.toUpperCase()) : execute ? 'x' : '-';
    return `${(bits & 4) !== 0 ? 'r' : '-'}${(bits & 2) !== 0 ? 'w' : '-'}${last}`;
  };
  return (
    three(6, (mode & 0o4000) !== 0, 's') + three(3, (mode & 0o2000) !== 0, 's') + three(0, (mode & 0o1000) !== 0, 't')
  );
}

/** How long ago an RFC 3339 time was, `3 d`, `2 y`; undefined where it is not a time or lies at the epoch, as in reproducible images. */
export function formatAge(created: string | undefined, now: number): string | undefined {
  const then = created === undefined ? NaN : Date.parse(created);
  const seconds = (now - then) / 1000;
  if (!Number.isFinite(seconds) || then <= 0 || seconds < 0) return undefined;
  const steps: readonly (readonly [number, string])[] = [
    [31_536_000, 'y'],
    [2_592_000, 'mo'],
    [86_400, 'd'],
    [3600, 'h'],
    [60, 'min'],
  ];
  const step = steps.find(([length]) => seconds >= length);
  return step === undefined ? 'just now' : `${Math.floor(seconds / step[0])} ${step[1]}`;
}

/** `1 layer`, `3 layers`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
