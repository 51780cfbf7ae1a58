import { isOciError, OciError } from '../errors.ts';
import type { ErrorNode, TreeNode } from './nodes.ts';
import { isLocal } from './places.ts';
import { visibleText } from './text.ts';

type Problem = Pick<ErrorNode, 'message' | 'code' | 'fix' | 'reason'>;

/** What an error says in the place of a node's children, and what would help. */
export function problemOf(error: unknown, parent: TreeNode): Problem {
  const text = error instanceof Error ? error.message : String(error);
  const code = error instanceof OciError ? error.code : 'unavailable';
  const message = visibleText(text);
  if (isLocal(parent)) return { message, code, fix: 'retry' };
  if (isOciError(error, 'unauthorized')) return { message, code, fix: 'signIn', reason: 'auth' };
  if (parent.kind === 'registry' && isOciError(error, 'forbidden', 'not-found', 'unsupported-media-type')) {
    return {
      message: 'This registry does not list its repositories. Open an image by its name.',
      code,
      fix: 'openImage',
    };
  }
  if (isOciError(error, 'forbidden')) return { message, code, fix: 'signIn', reason: 'auth' };
  if (isCertificateProblem(error)) return { message, code, fix: 'openSettings', reason: 'tls' };
  if (isOciError(error, 'unavailable', 'rate-limited')) return { message, code, fix: 'retry', reason: 'net' };
  return { message, code, fix: 'retry' };
}

/** Node names TLS failures by a code somewhere down the chain of causes. */
function isCertificateProblem(error: unknown): boolean {
  let at = error;
  for (let depth = 0; depth < 8 && at instanceof Error; depth++) {
    if ('code' in at && typeof at.code === 'string' && /CERT|SELF_SIGNED|UNABLE_TO|ERR_TLS|ERR_SSL/.test(at.code)) {
      return true;
    }
    at = at.cause;
  }
  return false;
}
