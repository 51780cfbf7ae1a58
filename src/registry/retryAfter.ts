/** Longer than this is no time that was meant. */
const longest = 366 * 86_400;

/**
 * How long an answer asks to wait (RFC 9110, Retry-After), in milliseconds; undefined where it does not say, or says what
 * has passed already. A date is compared with the answer's own Date, as clocks differ.
 */
export function retryAfter(
  headers: Readonly<Record<string, string | undefined>>,
  now = Date.now(),
): number | undefined {
  const value = headers['retry-after']?.trim() ?? '';
  if (/^\d{1,9}$/.test(value)) return Number(value) <= longest ? Number(value) * 1000 : undefined;
  if (!/^[A-Z][a-z]{2}, /.test(value)) return undefined;
  const date = Date.parse(headers['date'] ?? '');
  const wait = Date.parse(value) - (Number.isNaN(date) ? now : date);
  return wait > 0 && wait <= longest * 1000 ? wait : undefined;
}

/** A time to wait in words, with the time of day for the longer ones: `15 minutes, until 14:05`. */
export function describeWait(milliseconds: number, now = Date.now()): string {
  const seconds = Math.ceil(milliseconds / 1000);
  if (seconds < 120) return `${seconds} seconds`;
  const minutes = Math.ceil(seconds / 60);
  const length = minutes < 120 ? `${minutes} minutes` : `${Math.ceil(minutes / 60)} hours`;
  const until = new Date(now + milliseconds);
  const time = [until.getHours(), until.getMinutes()].map((part) => String(part).padStart(2, '0')).join(':');
  return `${length}, until ${time}`;
}
