import type { Io } from '../../content/store.ts';
import { OciError } from '../../errors.ts';
import type { Fields } from '../fields.ts';
import { dynamicTags, type ElfDynamic } from './elfDynamic.ts';
import type { ElfFile } from './elfFile.ts';

/** A version that a file asks of a library (LSB, Symbol Version Requirements). */
export interface VersionNeed {
  readonly library: string;
  readonly version: string;
  /** Only weak symbols ask for it: the loader goes on without it. */
  readonly isWeak: boolean;
}

const maxVersionBytes = 4 << 20;
/** Versions of one file; glibc defines about 50. */
const maxVersions = 1000;

/** The versions that a file asks for, by DT_VERNEED. @throws OciError corrupt-archive */
export async function readVersionNeeds(elf: ElfFile, dynamic: ElfDynamic, io: Io): Promise<readonly VersionNeed[]> {
  const address = dynamic.tags.get(dynamicTags.versionNeeds);
  if (address === undefined) return [];
  const fields = await elf.readAddress(address, { limit: maxVersionBytes }, 'the table of version needs', io);
  const needs: VersionNeed[] = [];
  for (const at of chain(fields, 0, 12, dynamic.tags.get(dynamicTags.versionNeedCount) ?? 0)) {
    const library = dynamic.strings.text(fields.u32(at + 4));
    for (const inner of chain(fields, at + fields.u32(at + 8), 12, fields.u16(at + 2))) {
      if (needs.length >= maxVersions) throw tooMany();
      const version = dynamic.strings.text(fields.u32(inner + 8));
      needs.push({ library, version, isWeak: (fields.u16(inner + 4) & 2) !== 0 });
    }
  }
  return needs;
}

/** The versions that a library defines, by DT_VERDEF; undefined where it has no versions. @throws OciError corrupt-archive */
export async function readVersionDefinitions(
  elf: ElfFile,
  dynamic: ElfDynamic,
  io: Io,
): Promise<ReadonlySet<string> | undefined> {
  const address = dynamic.tags.get(dynamicTags.versionDefinitions);
  if (address === undefined) return undefined;
  const fields = await elf.readAddress(address, { limit: maxVersionBytes }, 'the table of versions', io);
  const versions = new Set<string>();
  for (const at of chain(fields, 0, 16, dynamic.tags.get(dynamicTags.versionDefinitionCount) ?? 0)) {
    if (fields.u16(at + 6) > 0) versions.add(dynamic.strings.text(fields.u32(at + fields.u32(at + 12))));
  }
  return versions;
}

/** Where the entries of a list are, each of which says, at `next`, how far it is to the one after it. */
function* chain(fields: Fields, from: number, next: number, count: number): Generator<number, void, undefined> {
  if (count > maxVersions) throw tooMany();
  let at = from;
  for (let seen = 0; seen < count; seen++) {
    yield at;
    const step = fields.u32(at + next);
    if (step === 0) return;
    at += step;
  }
}

function tooMany(): OciError {
  return new OciError('too-large', `the file names more than ${maxVersions} versions: they are not read.`);
}
