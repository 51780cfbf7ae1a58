import path from 'node:path';
import type { BinaryDescription } from '../../api.ts';
import { blueprintOfFiles } from '../../containerize/recipes/binary.ts';
import { jarBlueprint } from '../../containerize/recipes/java.ts';
import type { Io } from '../../content/store.ts';
import { OciError } from '../../errors.ts';
import { escapeText } from '../../oci/reference.ts';
import type { Choices } from './choices.ts';
import type { Prepared } from './prepared.ts';
import { describeProgram } from './programs.ts';

/** Programs of this machine, one or one for each platform, as they are. @throws OciError invalid-reference, will-not-run */
export async function prepareFiles(files: readonly string[], choices: Choices, io: Io): Promise<Prepared> {
  const described: BinaryDescription[] = [];
  for (const file of files) described.push(await describeProgram(file, io));
  const [first] = described;
  const folder = path.dirname(first?.file ?? '');
  if (described.length === 1 && first?.format === 'jar') {
    return { blueprint: await jarBlueprint(first.file, io), bases: [], builds: [], folder };
  }
  const to = (choices.to ?? '/app').replace(/(?<!\/)\/+$/, '');
  const { owner } = choices;
  const placed = described.map((binary) => ({ file: binary.file, ...platformOf(binary, choices) }));
  const blueprint = blueprintOfFiles(placed, { to, ...(owner === undefined ? {} : { owner }) });
  // The modules that a Go program was built of are in the program.
  return { blueprint: { ...blueprint, materials: described.map(({ file }) => file) }, bases: [], builds: [], folder };
}

/** Where a program fits several platforms, as a wasm module or script does, it is for all that are chosen. */
function platformOf({ file, platforms }: BinaryDescription, choices: Choices): { readonly platform?: string } {
  const [platform, ...more] = platforms;
  if (platform === undefined) return {};
  if (more.length === 0) return { platform };
  const chosen = platforms.filter((one) => choices.platforms?.includes(one));
  if (chosen.length === 1 && chosen[0] !== undefined) return { platform: chosen[0] };
  throw new OciError(
    'invalid-reference',
    `${escapeText(file)} may be for ${platforms.join(' or ')}. Say which in platforms.`,
  );
}
