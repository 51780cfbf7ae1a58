import type { Fields } from '../fields.ts';

/** Tag_CPU_arch to the variant of linux/arm (ABI for the Arm architecture, build attributes); M profiles run no Linux. */
const variants: Readonly<Record<number, string>> = {
  3: 'v5',
  4: 'v5',
  5: 'v5',
  6: 'v6',
  7: 'v6',
  8: 'v6',
  9: 'v6',
  10: 'v7',
  14: 'v8',
  22: 'v8',
};

/** Tags whose value is a text; of those above 32 the odd ones are. */
const textTags = new Set([4, 5]);

/** The variant that `.ARM.attributes` name; undefined where they name none. @throws OciError corrupt-archive */
export function armVariant(fields: Fields): string | undefined {
  if (fields.u8(0) !== 0x41) return undefined;
  // Format 'A', then sections: length, vendor, then subsections: tag 1 (the whole file), length, attributes.
  const vendor = fields.text(5, 32);
  if (vendor !== 'aeabi') return undefined;
  const from = 5 + vendor.length + 1;
  if (fields.u8(from) !== 1) return undefined;
  const end = Math.min(from + fields.u32(from + 1), fields.length);
  return variants[architectureIn(fields, from + 5, end) ?? -1];
}

function architectureIn(fields: Fields, from: number, end: number): number | undefined {
  for (let at = from; at < end;) {
    const tag = uleb(fields, at);
    at = tag.end;
    if (isText(tag.value)) {
      at += textBytes(fields, at);
      continue;
    }
    const value = uleb(fields, at);
    if (tag.value === 6) return value.value;
    // Tag_compatibility is a number and a text.
    at = tag.value === 32 ? value.end + textBytes(fields, value.end) : value.end;
  }
  return undefined;
}

function isText(tag: number): boolean {
  return textTags.has(tag) || (tag > 32 && tag % 2 === 1);
}

/** Bytes of a text with its NUL. */
function textBytes(fields: Fields, at: number): number {
  const end = fields.bytes.indexOf(0, at);
  return (end < 0 ? fields.length : end) + 1 - at;
}

/** A number in LEB128, at most 32 bits of it. */
export function uleb(fields: Fields, from: number): { readonly value: number; readonly end: number } {
  let value = 0;
  for (let at = from; at < from + 5; at++) {
    const byte = fields.u8(at);
    value += (byte & 0x7f) * 2 ** (7 * (at - from));
    if (byte < 0x80) return { value, end: at + 1 };
  }
  return { value, end: from + 5 };
}
