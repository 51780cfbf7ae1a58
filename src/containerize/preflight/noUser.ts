import type { PreflightReason } from '../../api.ts';
import { escapeText } from '../../oci/reference.ts';

/** The reason for a user that a config names and an image does not know. */
export function noUser(name: string): PreflightReason {
  return {
    code: 'no-user',
    effect: 'fails',
    text: `The config names the user or group ${escapeText(name)}, which is not in the image's /etc/passwd or /etc/group.`,
    fix: 'Choose a user by number, such as 65532.',
  };
}
