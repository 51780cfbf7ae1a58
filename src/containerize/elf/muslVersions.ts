import { compareVersions } from './newestVersions.ts';

/** Functions by the musl that brought them (musl's WHATSNEW): it has no versions of symbols. */
const firstSeen: Readonly<Record<string, string>> = {
  explicit_bzero: '1.1.20',
  getentropy: '1.1.20',
  getrandom: '1.1.20',
  memfd_create: '1.1.20',
  copy_file_range: '1.1.24',
  secure_getenv: '1.1.24',
  __clock_gettime64: '1.2.0',
  __stat_time64: '1.2.0',
  gettid: '1.2.2',
  reallocarray: '1.2.2',
  tcgetwinsize: '1.2.2',
  _Fork: '1.2.2',
  pthread_getname_np: '1.2.3',
  qsort_r: '1.2.3',
  preadv2: '1.2.5',
  pwritev2: '1.2.5',
  statx: '1.2.5',
};

/** The oldest musl that has all of the functions; null where every musl has them as far as is known. */
export function oldestMusl(functions: Iterable<string>): string | null {
  let oldest: string | null = null;
  for (const name of functions) {
    const version = Object.hasOwn(firstSeen, name) ? firstSeen[name] : undefined;
    if (version !== undefined && (oldest === null || compareVersions(version, oldest) > 0)) oldest = version;
  }
  return oldest;
}
