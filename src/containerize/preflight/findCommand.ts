import { mayUse, permissions } from './baseUser.ts';
import type { Subject } from './subject.ts';

/** The program of the base that a name means by its PATH, or by the folders given; undefined where there is none. */
export function findCommand(
  subject: Subject,
  name: string,
  folders: readonly string[] = subject.base.searchPath,
): Subject | undefined {
  const { base, user } = subject;
  const paths = name.includes('/') ? [name] : folders.map((folder) => `${folder}/${name}`);
  for (const path of paths) {
    const node = base.find(path);
    if (node?.content === undefined || !mayUse(base, user, path, permissions.execute)) continue;
    return { ...subject, source: base.source(node), path: `/${node.path}` };
  }
  return undefined;
}
