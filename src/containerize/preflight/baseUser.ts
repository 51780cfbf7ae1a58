import { type FileNode, statOf } from '../../archive/layerStack.ts';
import { namesOf } from '../../archive/followPath.ts';
import type { Io } from '../../content/store.ts';
import type { BaseFiles } from './baseFiles.ts';

/** Who a container of an image runs as. */
export interface BaseUser {
  readonly uid: number;
  readonly groups: readonly number[];
}

/** Permission bits as in a mode's last digit. */
export const permissions = { execute: 1, read: 4 } as const;

const maxFileBytes = 4 << 20;

/**
 * The user that a config names (image-spec config.md, `User`), looked up as container runtimes do; a text is the name that
 * is not there.
 */
export async function readUser(base: BaseFiles, io: Io): Promise<BaseUser | string> {
  const [user = '', group = ''] = (base.config?.User ?? '').split(':');
  const accounts = lines(await base.text('/etc/passwd', maxFileBytes, io));
  const groups = lines(await base.text('/etc/group', maxFileBytes, io));
  const account = accounts.find(([name, , uid]) => name === (user === '' ? 'root' : user) || uid === user);
  const uid = isNumber(user) ? Number(user) : user === '' || user === 'root' ? Number(account?.[2] ?? 0) : NaN;
  const found = Number.isNaN(uid) && isNumber(account?.[2]) ? Number(account[2]) : uid;
  if (Number.isNaN(found)) return user;
  if (group === '') {
    const own = isNumber(account?.[3]) ? Number(account[3]) : 0;
    const more = groups.filter(([, , , members = '']) => members.split(',').includes(account?.[0] ?? ' '));
    return { uid: found, groups: [own, ...more.map(([, , gid]) => Number(gid))] };
  }
  const named = groups.find(([name]) => name === group)?.[2] ?? group;
  return isNumber(named) ? { uid: found, groups: [Number(named)] } : group;
}

/** True where the user may go to a path and use what is there; what is not there hinders nobody. */
export function mayUse(base: BaseFiles, user: BaseUser, path: string, bits: number): boolean {
  const node = base.find(path);
  const isAllowed = node === undefined || isPermitted(node, user, bits);
  return isAllowed && foldersOf(base, path, node).every((folder) => isPermitted(folder, user, permissions.execute));
}

/** The folders of a path as it is written, and of where its links lead. */
function foldersOf(base: BaseFiles, path: string, node: FileNode | undefined): readonly FileNode[] {
  const ways = [namesOf(path), namesOf(node?.path ?? '')];
  return ways.flatMap((names) =>
    names.slice(0, -1).flatMap((_, at) => base.find(`/${names.slice(0, at + 1).join('/')}`) ?? []),
  );
}

function isPermitted(node: FileNode, { uid, groups }: BaseUser, bits: number): boolean {
  const stat = statOf(node);
  const isFile = node.children === undefined;
  // root may do everything, but run only what somebody may run.
  if (uid === 0) return !isFile || (bits & permissions.execute) === 0 || (stat.mode & 0o111) !== 0;
  const shift = stat.uid === uid ? 6 : groups.includes(stat.gid) ? 3 : 0;
  return ((stat.mode >> shift) & bits) === bits;
}

function lines(text: string | undefined): readonly (readonly string[])[] {
  return (text ?? '').split('\n').map((line) => line.split(':'));
}

function isNumber(text: string | undefined): text is string {
  return text !== undefined && /^\d{1,10}$/.test(text);
}
