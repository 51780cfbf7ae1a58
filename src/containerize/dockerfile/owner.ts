import type { Io } from '../../content/store.ts';
import { quoted, wrong } from './complaints.ts';
import { isId, type StageBase } from './stageBase.ts';

/** Owner of what is copied. */
export interface FileOwner {
  readonly uid: number;
  readonly gid: number;
}

/**
 * Reads `--chown`: numbers, or names of the base's accounts. A number alone stands for the group too, a name alone for its
 * own group.
 * @throws OciError invalid-spec for a name that the base has not
 */
export async function ownerOf(chown: string, base: StageBase, io: Io): Promise<FileOwner> {
  const [user = '', group, ...more] = chown.split(':');
  if (more.length > 0) throw wrong(`--chown=${quoted(chown)} has more than one colon: write user:group.`);
  const account = await userOf(user, base, io);
  return group === undefined || group === '' ? account : { uid: account.uid, gid: await groupOf(group, base, io) };
}

async function userOf(user: string, base: StageBase, io: Io): Promise<FileOwner> {
  if (isId(user)) return { uid: Number(user), gid: Number(user) };
  const account = user === '' ? { uid: 0, gid: 0 } : await base.account(user, io);
  if (account === undefined) throw unknown('user', user, '/etc/passwd');
  return account;
}

async function groupOf(group: string, base: StageBase, io: Io): Promise<number> {
  if (isId(group)) return Number(group);
  const gid = await base.group(group, io);
  if (gid === undefined) throw unknown('group', group, '/etc/group');
  return gid;
}

function unknown(what: string, name: string, file: string): Error {
  return wrong(`--chown: the base has no ${what} ${quoted(name)} in ${file}. Write its number.`);
}

/** Reads `--chmod`. @throws OciError invalid-spec for what is not octal, from 0 to 07777 */
export function modeOf(chmod: string): number {
  if (/^0*[0-7]{1,4}$/.test(chmod)) return parseInt(chmod, 8);
  throw wrong(`--chmod=${quoted(chmod)} is not supported: write it in octal, such as 0755.`);
}
