/** What Go calls ErrHeader, and an end of the tar where there should be more. */
export class HeaderError extends Error {}

/** Up to the first NUL. */
export function cString(bytes: Buffer): string {
  const text = bytes.toString('latin1');
  return text.split('\0')[0] ?? '';
}

/** Octal, or base 256 where the first bit is set. */
export function parseNumeric(bytes: Buffer): bigint {
  const first = bytes[0] ?? 0;
  if (first < 0x80) return parseOctal(bytes);
  const inverted = (first & 0x40) !== 0 ? 0xff : 0;
  let value = 0n;
  for (const [at, byte] of bytes.entries()) {
    if (value >> 56n > 0n) throw new HeaderError('overflow');
    value = (value << 8n) | BigInt((byte ^ inverted) & (at === 0 ? 0x7f : 0xff));
  }
  if (value >> 63n > 0n) throw new HeaderError('overflow');
  return inverted === 0 ? value : ~value;
}

/** Digits between blanks and NULs. */
export function parseOctal(bytes: Buffer): bigint {
  const trimmed = bytes
    .toString('latin1')
    .replace(/^[ \0]+/, '')
    .replace(/[ \0]+$/, '');
  if (trimmed === '') return 0n;
  const digits = trimmed.split('\0')[0] ?? '';
  if (!/^[0-7]+$/.test(digits)) throw new HeaderError('octal');
  return BigInt(`0o${digits}`);
}

/** As strconv.ParseInt does in base 10. */
export function parseInt64(text: string): bigint {
  if (!/^[+-]?[0-9]+$/.test(text)) throw new HeaderError('number');
  const value = text.startsWith('-') ? -BigInt(text.slice(1)) : BigInt(text.replace('+', ''));
  if (value !== BigInt.asIntN(64, value)) throw new HeaderError('number');
  return value;
}

/** A time of PAX: the last whole second that was full then. */
export function parseTime(text: string): bigint {
  const point = text.indexOf('.');
  const [whole, fraction] = point < 0 ? [text, ''] : [text.slice(0, point), text.slice(point + 1)];
  const seconds = parseInt64(whole);
  if (!/^[0-9]*$/.test(fraction)) throw new HeaderError('time');
  const nanoseconds = BigInt(fraction.slice(0, 9).padEnd(9, '0'));
  return whole.startsWith('-') && nanoseconds > 0n ? seconds - 1n : seconds;
}
