import path from 'node:path';
import { isOciError } from '../../errors.ts';
import { parsePlatform } from '../../oci/platform.ts';
import { isTag, parseReference } from '../../oci/reference.ts';
import { isStopSignal } from '../../operations/mutateConfig.ts';
import { duration } from '../dockerfile/duration.ts';
import { parseDockerignore } from '../ignore/dockerignore.ts';
import { layerPath } from '../../archive/layerPath.ts';
import type { TextCheck } from './specReader.ts';

/** Most seconds since 1970 that a layer can be dated. */
const maxEpoch = 0x7fffffff;
const onDisk = /^(oci|oci-archive|docker-archive):(.+)$/s;

function image(text: string): string | undefined {
  const isImage = onDisk.test(text) || accepts(parseReference, text);
  return isImage ? undefined : 'an image reference: registry.example.com/team/app:1.0, or oci:folder:tag';
}

/** What texts of a spec must be. Each says what is wanted, none what is there. */
export const specChecks = {
  image,
  base: (text) => (text === 'scratch' ? undefined : image(text)),
  platform: (text) => (accepts(parsePlatform, text) ? undefined : 'a platform: os/architecture, such as linux/arm64'),
  tag: (text) =>
    isTag(text) ? undefined : 'a tag: a letter, digit or _, and up to 127 more of letters, digits, _ . and -',
  env: (text) => (/^[^=\0]+=/.test(text) ? undefined : 'NAME=value'),
  absolute: (text) => (accepts(layerPath, text) ? undefined : 'an absolute path in the image, such as /app'),
  port: (text) =>
    isPort(text) ? undefined : 'a port: a number from 1 to 65535, with /udp or /sctp where it is not /tcp',
  signal: (text) => (isStopSignal(text) ? undefined : 'a signal: SIGTERM, or a number'),
  mode: (text) => (/^[0-7]{3,4}$/.test(text) ? undefined : 'permissions in octal digits, such as "0755"'),
  owner: (text) =>
    ownerOf(text) === undefined ? 'an owner: uid or uid:gid in numbers, such as 65532:65532' : undefined,
  user: (text) => (/^[^\s:]+(?::[^\s:]+)?$/.test(text) ? undefined : 'a user: a name or uid, or user:group'),
  time: (text) => (epochOf(text) === undefined ? 'a time: seconds since 1970, or 2026-01-31T12:00:00Z' : undefined),
  duration: (text) =>
    accepts(duration, text) ? undefined : 'a duration of a millisecond or more, such as 30s, 1m30s or 500ms',
  pattern: (text) => (isPattern(text) ? undefined : 'a pattern of a .dockerignore file, such as **/*.js'),
  from: (text) => {
    const isInside =
      !text.includes('\\') && !path.posix.isAbsolute(text) && !path.win32.isAbsolute(text) && !/^[A-Za-z]:/.test(text);
    return text !== '' && isInside ? undefined : 'a path relative to the folder of the spec, such as dist/server';
  },
} as const satisfies Readonly<Record<string, TextCheck>>;

/** Reads `uid[:gid]`, numbers of 32 bits; the group is the user's number where it is not given. */
export function ownerOf(text: string): { readonly uid: number; readonly gid: number } | undefined {
  const match = /^(\d{1,10})(?::(\d{1,10}))?$/.exec(text);
  const [uid, gid] = [Number(match?.[1]), Number(match?.[2] ?? match?.[1])];
  return match === null || uid > 0xffffffff || gid > 0xffffffff ? undefined : { uid, gid };
}

/** Reads seconds since 1970 or a time of RFC 3339, as seconds. */
export function epochOf(text: string): number | undefined {
  const isTime = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:[Zz]|[+-]\d\d:\d\d)$/.test(text);
  const seconds = /^\d{1,10}$/.test(text) ? Number(text) : isTime ? Math.floor(Date.parse(text) / 1000) : Number.NaN;
  return seconds >= 0 && seconds <= maxEpoch ? seconds : undefined;
}

/** Makes a path on disk absolute: `oci:dist/image:1.0` in a spec means a folder beside it. */
export function referenceFrom(text: string, folder: string): string {
  const match = onDisk.exec(text);
  const [, transport, rest] = match ?? [];
  if (transport === undefined || rest === undefined || path.isAbsolute(rest)) return text;
  return `${transport}:${path.join(folder, rest)}`;
}

function isPort(text: string): boolean {
  const match = /^(\d{1,5})(?:-(\d{1,5}))?(?:\/(?:tcp|udp|sctp))?$/.exec(text);
  const [first, last] = [Number(match?.[1]), Number(match?.[2] ?? match?.[1])];
  return match !== null && first >= 1 && last <= 65_535 && last >= first;
}

/** A # at its beginning would make it a comment. */
function isPattern(text: string): boolean {
  return /^[^\r\n#][^\r\n]*$/.test(text) && accepts(parseDockerignore, text);
}

function accepts(parse: (text: string) => unknown, text: string): boolean {
  try {
    parse(text);
    return true;
  } catch (error) {
    if (isOciError(error)) return false;
    throw error;
  }
}
