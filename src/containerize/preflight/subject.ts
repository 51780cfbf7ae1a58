import type { Io } from '../../content/store.ts';
import type { PreflightReason } from '../../api.ts';
import type { BinaryDescription } from '../../api.ts';
import type { ByteSource } from '../byteSource.ts';
import type { BaseFiles } from './baseFiles.ts';
import type { BaseUser } from './baseUser.ts';

/** A program that is to be started in a base: the one that is put there, or one that it is run by. */
export interface Subject {
  readonly base: BaseFiles;
  readonly user: BaseUser;
  readonly source: ByteSource;
  /** Absolute, in the image. */
  readonly path: string;
  /** Of the program that is put into the image, also where this is one of the base that runs it. */
  readonly binary: BinaryDescription;
}

/** Finds what keeps a program from running; nothing where nothing does. */
export type Check = (subject: Subject, io: Io) => Promise<readonly PreflightReason[]>;
