import path from 'node:path';
import { inOrder } from '../../../archive/inOrder.ts';
import type { Io } from '../../../content/store.ts';
import { LocalFile } from '../../localFile.ts';
import type { ProjectFolder } from '../projectFolder.ts';
import { type ClassFile, readClassFile } from './classFile.ts';
import { listFiles } from './listFiles.ts';

/** What is in a folder that a compiler wrote. */
export interface ClassScan {
  /** An absolute path. */
  readonly folder: string;
  /** Names of the classes that `java` can start. */
  readonly mains: readonly string[];
  /** The release of Java that the newest class needs; 0 where there is none. */
  readonly release: number;
  readonly hasClasses: boolean;
  /** True where there are files other than classes. */
  readonly hasResources: boolean;
}

/** Most class files that are read of one folder. */
export const maxClasses = 100_000;
const maxClassBytes = 16 << 20;
const parallelReads = 16;

/** Reads the class files below a folder, at most `limit` files of it. Damaged ones count as classes that cannot be started. */
export async function scanClasses(folder: string, limit: number, io: Io): Promise<ClassScan> {
  const files = await listFiles(folder, limit, io);
  const names = files.filter(isClassName);
  const mains: string[] = [];
  let release = 0;
  for await (const found of inOrder(names, parallelReads, (name) => read(path.join(folder, name), io))) {
    if (found?.isMain === true) mains.push(found.name);
    release = Math.max(release, found?.release ?? 0);
  }
  return { folder, mains, release, hasClasses: names.length > 0, hasResources: names.length < files.length };
}

/** The same below a folder of a project. One that links lead out of it counts as one that is not there. */
export async function scanProject(folder: ProjectFolder, place: string, limit: number, io: Io): Promise<ClassScan> {
  const inside = await folder.real(place);
  if (inside !== undefined) return scanClasses(folder.path(inside), limit, io);
  return { folder: folder.path(place), mains: [], release: 0, hasClasses: false, hasResources: false };
}

/** True for the path of a class file. */
export function isClassName(name: string): boolean {
  return name.endsWith('.class');
}

async function read(file: string, io: Io): Promise<ClassFile | undefined> {
  const source = await LocalFile.open(file, io);
  try {
    return source.size > maxClassBytes ? undefined : readClassFile(await source.read(0, source.size, io));
  } finally {
    await source.close();
  }
}
