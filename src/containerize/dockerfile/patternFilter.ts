import type { PathFilter } from '../../archive/pack.ts';
import { isOciError } from '../../errors.ts';
import { dockerignoreFilter, parseDockerignore } from '../ignore/dockerignore.ts';
import { quoted, wrong } from './complaints.ts';

/** What patterns leave, in the form that `.dockerignore` has them. @throws OciError invalid-spec for a pattern that is none */
export function excluding(patterns: readonly string[]): PathFilter {
  try {
    return dockerignoreFilter(parseDockerignore(patterns.join('\n')));
  } catch (error) {
    if (!isOciError(error, 'invalid-spec', 'too-large')) throw error;
    throw wrong(`${quoted(patterns.join(' '))} cannot be used as a pattern: ${error.message}`);
  }
}

/** What matches a pattern, and everything below that. @throws OciError invalid-spec */
export function including(pattern: string): PathFilter {
  return excluding(['**', `!${pattern}`]);
}
