/** Controls, format characters such as bidi marks, lone surrogates, line separators, and the sign that begins an escape. */
const hidden = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}⟨]/gu;
const escaped = /⟨(?:([89A-F][0-9A-F])|U\+([0-9A-F]{4,6}))⟩/g;
/** Where a layer index keeps a byte that is not UTF-8: this plus the byte. */
const byteBase = 0xdc00;

/**
 * A name of a layer as an address or a tree id can hold it: what is not seen, or is no Unicode, stands as `⟨U+202E⟩` or, for
 * a byte that is not UTF-8, `⟨E9⟩`. No two names give the same text.
 */
export function visibleName(name: string): string {
  return name.replace(hidden, (character) => {
    const code = character.codePointAt(0) ?? 0;
    const isByte = code >= byteBase + 0x80 && code <= byteBase + 0xff;
    return `⟨${isByte ? hex(code - byteBase, 2) : `U+${hex(code, 4)}`}⟩`;
  });
}

/** The name that `visibleName` made a text of; undefined for a text that it makes of no name. */
export function nameOfVisible(text: string): string | undefined {
  const name = text.replace(escaped, (_, byte: string | undefined, code: string | undefined) =>
    byte === undefined ? fromCode(parseInt(code ?? '', 16)) : String.fromCharCode(byteBase + parseInt(byte, 16)),
  );
  return visibleName(name) === text ? name : undefined;
}

function fromCode(code: number): string {
  return code > 0x10ffff ? '' : String.fromCodePoint(code);
}

function hex(code: number, digits: number): string {
  return code.toString(16).toUpperCase().padStart(digits, '0');
}
