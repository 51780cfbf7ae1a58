import { escapeText } from '../oci/reference.ts';
import type { JibReader, MemberPath } from './jibConfigReader.ts';

/** The last second that a tar header is sure to be read right: 2038-01-19. */
const maxSeconds = 0x7fffffff;
/** All of tcp and udp, and more. */
const maxPorts = 200_000;
const isoTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d)$/;

/** Ports with their protocol, ranges written out: `2000-2001/udp` is two of them. */
export function readPorts(reader: JibReader, texts: readonly string[]): readonly string[] {
  const ports = new Set<string>();
  let written = 0;
  for (const [index, text] of texts.entries()) {
    const [, first, last = first, protocol = 'tcp'] = /^(\d{1,5})(?:-(\d{1,5}))?(?:\/(tcp|udp))?$/.exec(text) ?? [];
    const [from, to] = [Number(first), Number(last)];
    if (first === undefined || from < 1 || to > 65535 || from > to) {
      const wanted = 'a port from 1 to 65535 or a range such as 2000-2003/udp';
      reader.add(['exposedPorts', index], `${escapeText(text)} is not ${wanted}.`);
      continue;
    }
    written += to - from + 1;
    if (written > maxPorts) {
      reader.add(['exposedPorts', index], `more than ${maxPorts} ports are too many.`);
      break;
    }
    for (let port = from; port <= to; port++) ports.add(`${port}/${protocol}`);
  }
  return [...ports];
}

/** Seconds since 1970 of a time that Jib takes: milliseconds since 1970, or ISO 8601 with a zone. */
export function readSeconds(reader: JibReader, value: unknown, path: MemberPath): number | undefined {
  const text = value instanceof Date ? value.toISOString() : reader.text(value, path);
  if (text === undefined) return undefined;
  const zoned = text.replace(/([+-]\d\d)(\d\d)$/, '$1:$2');
  const milliseconds = /^\d{1,16}$/.test(text) ? Number(text) : isoTime.test(text) ? Date.parse(zoned) : NaN;
  const seconds = Math.floor(milliseconds / 1000);
  if (seconds >= 0 && seconds <= maxSeconds) return seconds;
  reader.add(path, `${escapeText(text)} must be milliseconds since 1970 or a time such as 2020-01-31T12:00:00Z.`);
  return undefined;
}
