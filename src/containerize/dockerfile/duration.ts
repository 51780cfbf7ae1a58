import { quoted, wrong } from './complaints.ts';

const units: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  μs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
};

/**
 * Nanoseconds of a duration as Go writes it, such as `1m30s` or `1.5h`: none, or at least a millisecond.
 * @throws OciError invalid-spec
 */
export function duration(text: string): number {
  if (!/^\+?(?:0|(?:(?:\d{1,18}(?:\.\d{0,18})?|\.\d{1,18})(?:ns|us|µs|μs|ms|s|m|h))+)$/.test(text)) {
    throw wrong(`${quoted(text)} is no duration: write 30s, 1m30s or 500ms.`);
  }
  const parts = [...text.matchAll(/(\d*\.?\d*)(ns|us|µs|μs|ms|s|m|h)/g)];
  const sum = parts.reduce((total, [, count = '', unit = '']) => total + Number(count) * (units[unit] ?? 0), 0);
  const nanoseconds = Math.trunc(sum);
  if (nanoseconds !== 0 && nanoseconds < 1e6) throw wrong(`${quoted(text)} is shorter than a millisecond.`);
  if (!Number.isSafeInteger(nanoseconds)) throw wrong(`${quoted(text)} is too long: it may have 104 days.`);
  return nanoseconds;
}
