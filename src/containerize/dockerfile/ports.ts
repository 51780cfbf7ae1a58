import { quoted, wrong } from './complaints.ts';

/**
 * A word of EXPOSE as the image config names it: `8080`, `53/udp`, `8000-8010/tcp`. What docker would publish it as, before a
 * colon, is left out.
 * @throws OciError invalid-spec
 */
export function exposedPort(word: string): string {
  const match = /^(\d{1,5})(?:-(\d{1,5}))?(?:\/(tcp|udp|sctp)?)?$/i.exec(word.slice(word.lastIndexOf(':') + 1));
  const first = Number(match?.[1]);
  const last = Number(match?.[2] ?? match?.[1]);
  if (match === null || first < 1 || last > 65_535 || last < first) {
    throw wrong(
      `EXPOSE ${quoted(word)} is no port: write a number from 1 to 65535, or a range, with /udp where it is not tcp.`,
    );
  }
  return `${first === last ? first : `${first}-${last}`}/${(match[3] ?? 'tcp').toLowerCase()}`;
}
