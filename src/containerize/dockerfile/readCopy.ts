import { wrong } from './complaints.ts';
import type { CopyStep, Heredoc, Word } from './dockerfile.ts';
import { Flags } from './flags.ts';
import { heredocMark } from './heredocs.ts';
import { type Instruction, wordsOf } from './instruction.ts';
import { jsonForm } from './jsonForm.ts';
import type { StepContext } from './stepContext.ts';

const common = { chown: 'text', chmod: 'text', link: 'switch', exclude: 'texts' } as const;
const copyFlags = { ...common, from: 'text', parents: 'switch' } as const;
const addFlags = { ...common, 'keep-git-dir': 'switch', checksum: 'text', unpack: 'switch' } as const;

/** Reads COPY or ADD. @throws OciError invalid-spec where source or destination is missing */
export function readCopy(instruction: Instruction, context: StepContext): Omit<CopyStep, 'place' | 'text'> {
  const kind = instruction.keyword === 'ADD' ? 'add' : 'copy';
  const flags = new Flags(instruction, kind === 'add' ? addFlags : copyFlags, context.complaints);
  const words = sourcesAndDestination(instruction);
  const destination = words.at(-1);
  if (destination === undefined || words.length < 2) {
    throw wrong(`${instruction.keyword} needs at least one source and a destination.`);
  }
  if (heredocMark(destination.text) !== undefined) {
    throw wrong(`${instruction.keyword}: a document cannot be the destination.`);
  }
  const sources = words.slice(0, -1);
  const [from, chown, chmod] = ['from', 'chown', 'chmod'].map((name) => flags.text(name));
  const unpack = flags.switch('unpack');
  return {
    kind,
    destination,
    sources: sources.filter(({ text }) => heredocMark(text) === undefined),
    heredocs: sources.flatMap(({ text }) => documents(text, context.heredocs)),
    excludes: flags.texts('exclude'),
    link: flags.switch('link') === true,
    parents: flags.switch('parents') === true,
    ...(from === undefined || from === '' ? {} : { from }),
    ...(chown === undefined || chown === '' ? {} : { chown }),
    ...(chmod === undefined || chmod === '' ? {} : { chmod }),
    ...(unpack === undefined ? {} : { unpack }),
  };
}

function sourcesAndDestination(instruction: Instruction): readonly Word[] {
  const json = jsonForm(instruction.rest);
  return json?.map((text) => ({ text, place: instruction.place })) ?? wordsOf(instruction);
}

/** Of two documents of one name the last. */
function documents(word: string, heredocs: readonly Heredoc[]): readonly Heredoc[] {
  const mark = heredocMark(word);
  const found = heredocs.findLast(({ name }) => name === mark?.name);
  return mark === undefined || found === undefined ? [] : [found];
}
