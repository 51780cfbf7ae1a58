const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];

/** Bytes for people: `812 B`, `31.4 KiB`. */
export function bytesText(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1023.95 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return unit === 0 ? `${value} B` : `${value >= 99.95 ? value.toFixed(0) : value.toFixed(1)} ${units[unit] ?? ''}`;
}

/** `98.4 %`; never 100 % for what is less. */
export function percentText(part: number): string {
  return `${(Math.floor(part * 1000) / 10).toFixed(1)} %`;
}

/** `1,203`. */
export function numberText(count: number): string {
  return count.toLocaleString('en-US');
}

/** `1 file`, `1,203 files`. */
export function countText(count: number, noun: string): string {
  return `${numberText(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/** Text of an image with all that is not seen or changes what is seen around it as visible escapes, cut to a length. */
export function visible(text: string, limit = 300): string {
  const cut = text.length > limit ? `${text.slice(0, limit - 1)}…` : text;
  return cut.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/gu, (character) => {
    const code = character.codePointAt(0) ?? 0;
    // A byte of a name that is not UTF-8 stands as a lone surrogate.
    if (code >= 0xdc80 && code <= 0xdcff) return `⟨x${(code - 0xdc00).toString(16).toUpperCase()}⟩`;
    return `⟨U+${code.toString(16).toUpperCase().padStart(4, '0')}⟩`;
  });
}
