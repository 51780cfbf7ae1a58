const wide = /[^\0-\xff]/;
/** Stands in the lengths for a text that is not there. */
const absent = 0xffffffff;

/** Texts as a column of lengths and one of units. Every text survives, also with lone surrogates. */
export interface TextColumn {
  readonly lengths: Uint32Array;
  /** All texts together. */
  readonly text: string;
  readonly encoding: 'latin1' | 'utf16le';
}

export function textColumn(texts: readonly (string | undefined)[]): TextColumn {
  const text = texts.join('');
  const lengths = Uint32Array.from(texts, (one) => one?.length ?? absent);
  return { lengths, text, encoding: wide.test(text) ? 'utf16le' : 'latin1' };
}

/** The texts of a column. @throws RangeError where it ends before they do */
export function textsOf({ lengths, text }: Pick<TextColumn, 'lengths' | 'text'>): readonly (string | undefined)[] {
  const texts: (string | undefined)[] = [];
  let at = 0;
  for (const length of lengths) {
    texts.push(length === absent ? undefined : text.slice(at, at + length));
    if (length !== absent) at += length;
  }
  if (at !== text.length) throw new RangeError('the texts do not end where they should');
  return texts;
}
