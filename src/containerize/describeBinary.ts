import type { BinaryDescription } from '../api.ts';
import type { Io } from '../content/store.ts';
import { isOciError } from '../errors.ts';
import { isProbablyText } from '../operations/textContent.ts';
import { adviceFor } from './advice.ts';
import type { ByteSource } from './byteSource.ts';
import type { Described } from './described.ts';
import { describeElf } from './elf/describeElf.ts';
import { isElf } from './elf/elfHeader.ts';
import { describeClass, describeJar, isZip } from './jarFile.ts';
import { describeMachO, isMachO } from './machO.ts';
import { describePe } from './peFile.ts';
import { parseShebang } from './shebang.ts';
import { summaryOf } from './summary.ts';
import { describeWasm, isWasm } from './wasmModule.ts';

const headBytes = 4096;

/**
 * What a file is, from its own bytes: what it runs on, what it needs, what made it. Damage is no error: `problems` names it.
 * @throws OciError of the source
 */
export async function describeBinary(source: ByteSource, file: string, io: Io): Promise<BinaryDescription> {
  const head = await source.read(0, headBytes, io);
  const described = await tryDescribe(source, head, io);
  const advice = adviceFor(described, file);
  return {
    file,
    size: source.size,
    ...described,
    summary: summaryOf(described),
    ...(advice === undefined ? {} : { advice }),
  };
}

async function tryDescribe(source: ByteSource, head: Uint8Array, io: Io): Promise<Described> {
  try {
    return (await readerOf(head)?.(source, io)) ?? describeText(head);
  } catch (cause) {
    if (!isOciError(cause, 'corrupt-archive', 'too-large', 'unsupported-media-type')) throw cause;
    return { format: 'unknown', kind: 'other', platforms: [], tools: [], problems: [cause.message] };
  }
}

type Reader = (source: ByteSource, io: Io) => Promise<Described | undefined>;

function readerOf(head: Uint8Array): Reader | undefined {
  if (isElf(head)) return describeElf;
  if (head[0] === 0x4d && head[1] === 0x5a) return describePe;
  if (isMachO(head)) return describeMachO;
  if (isWasm(head)) return describeWasm;
  if (isZip(head)) return describeJar;
  return Buffer.from(head.subarray(0, 4)).toString('hex') === 'cafebabe' ? describeClass : undefined;
}

/** A script, where its first line says what runs it. */
function describeText(head: Uint8Array): Described {
  const script = parseShebang(head);
  const rest = { platforms: [], tools: [], problems: [] };
  if (script !== undefined) {
    const { interpreter, argument, command } = script;
    return { format: 'script', kind: 'program', script: { interpreter, argument, command }, ...rest };
  }
  const isText = head.length > 0 && isProbablyText(head);
  return { format: isText ? 'text' : 'unknown', kind: 'other', ...rest };
}
