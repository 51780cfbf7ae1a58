import { isOciError } from '../../../errors.ts';
import { Fields } from '../../fields.ts';

/** What a class file says of itself (Java virtual machine specification, 4). */
export interface ClassFile {
  /** As Java names it: `com.example.Main$Inner`. */
  readonly name: string;
  /** The release of Java that it needs, such as 17. */
  readonly release: number;
  /** True where `java` can start it. */
  readonly isMain: boolean;
}

const flags = { public: 0x0001, private: 0x0002, static: 0x0008 };
/** Bytes of each kind of constant after its tag (4.4); text has its own length. */
const constantBytes: ReadonlyMap<number, number> = new Map([
  [3, 4],
  [4, 4],
  [5, 8],
  [6, 8],
  [7, 2],
  [8, 2],
  [9, 4],
  [10, 4],
  [11, 4],
  [12, 4],
  [15, 3],
  [16, 2],
  [17, 4],
  [18, 4],
  [19, 2],
  [20, 2],
]);
const [text, long, double, classTag] = [1, 5, 6, 7];
/** From this release on main may be of an instance, without parameters and not public (JEP 512). */
const flexibleMain = 25;

/** Undefined for what is no class file, or a damaged one. */
export function readClassFile(bytes: Uint8Array): ClassFile | undefined {
  try {
    return read(new Fields(bytes, { endian: 'big', bits: 32 }));
  } catch (error) {
    if (isOciError(error, 'corrupt-archive')) return undefined;
    throw error;
  }
}

function read(fields: Fields): ClassFile | undefined {
  if (fields.u32(0) !== 0xcafebabe) return undefined;
  const release = Math.max(1, fields.u16(6) - 44);
  const { places, end } = constants(fields);
  const textAt = (index: number): string => {
    const at = places[index];
    if (at === undefined || fields.u8(at) !== text) return '';
    return new TextDecoder().decode(fields.part(at + 3, fields.u16(at + 1)).bytes);
  };
  // Not read: a damaged file may have thousands of methods with long names.
  const isText = (index: number, wanted: string): boolean => {
    const at = places[index];
    return (
      at !== undefined && fields.u8(at) === text && fields.u16(at + 1) === wanted.length && textAt(index) === wanted
    );
  };
  const nameAt = places[fields.u16(end + 2)];
  if (nameAt === undefined || fields.u8(nameAt) !== classTag) return undefined;
  const name = textAt(fields.u16(nameAt + 1)).replaceAll('/', '.');
  const methods = skipMembers(fields, end + 8 + 2 * fields.u16(end + 6));
  let isMain = false;
  skipMembers(fields, methods, (access, nameIndex, typeIndex) => {
    isMain ||=
      isText(nameIndex, 'main') && startTypes.some((type) => isText(typeIndex, type) && starts(access, type, release));
  });
  return name === '' ? undefined : { name, release, isMain };
}

/** Where each constant is: those of 8 bytes take two indexes (4.4.5). */
function constants(fields: Fields): { readonly places: readonly (number | undefined)[]; readonly end: number } {
  const places: (number | undefined)[] = [undefined];
  const count = fields.u16(8);
  let end = 10;
  while (places.length < count) {
    const tag = fields.u8(end);
    places.push(end);
    if (tag === long || tag === double) places.push(undefined);
    const size = tag === text ? 2 + fields.u16(end + 1) : constantBytes.get(tag);
    // An unknown kind: nothing after it can be found.
    end = size === undefined ? fields.length : end + 1 + size;
  }
  return { places, end };
}

/** Where a table of fields or methods (4.5, 4.6) ends. */
function skipMembers(
  fields: Fields,
  start: number,
  visit?: (access: number, nameIndex: number, typeIndex: number) => void,
): number {
  let at = start + 2;
  for (let left = fields.u16(start); left > 0; left--) {
    visit?.(fields.u16(at), fields.u16(at + 2), fields.u16(at + 4));
    let attributes = fields.u16(at + 6);
    for (at += 8; attributes > 0; attributes--) at += 6 + fields.u32(at + 2);
  }
  return at;
}

const startTypes = ['([Ljava/lang/String;)V', '()V'] as const;

function starts(access: number, type: (typeof startTypes)[number], release: number): boolean {
  const takesArguments = type === '([Ljava/lang/String;)V';
  const isUsual = (access & flags.public) !== 0 && (access & flags.static) !== 0 && takesArguments;
  if (isUsual || release < flexibleMain) return isUsual;
  return (access & flags.private) === 0;
}
