import type { BinaryDescription } from '../../api.ts';
import { describeBinary } from '../../containerize/describeBinary.ts';
import { LocalFile } from '../../containerize/localFile.ts';
import type { Io } from '../../content/store.ts';
import { OciError } from '../../errors.ts';
import { escapeText } from '../../oci/reference.ts';

/** Describes a program of this machine. @throws OciError will-not-run for what is a program of another system, with the way out */
export async function describeProgram(file: string, io: Io): Promise<BinaryDescription> {
  const source = await LocalFile.open(file, io);
  try {
    const binary = await describeBinary(source, file, io);
    if (binary.format !== 'mach-o' && binary.format !== 'pe') return binary;
    throw new OciError('will-not-run', `${escapeText(file)}: ${binary.summary} ${binary.advice ?? ''}`.trim());
  } finally {
    await source.close();
  }
}
