import type { PackageDifference } from '../../api.ts';

export type PackageManager = PackageDifference['manager'];

/** A package that an image says it has installed. */
export interface PackageRecord {
  /** As the manager shows it where it is not of the image's own architecture: `libc6:i386`, `glibc.i686`. */
  readonly name: string;
  /** With epoch, where there is one, and release: `1:2.3-4`. */
  readonly version: string;
  readonly architecture?: string;
  readonly manager: PackageManager;
}

/** The packages of one database, under their plain names. */
export interface DatabaseContent {
  readonly packages: readonly Omit<PackageRecord, 'manager'>[];
  /** Entries that could not be read. */
  readonly skipped: number;
}

/** Longest name, version or architecture, in bytes. */
export const maxFieldBytes = 1024;
/** Most packages of one database. */
export const maxPackages = 100_000;
