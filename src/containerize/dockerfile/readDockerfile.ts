import { Complaints, quoted, wrong } from './complaints.ts';
import type { Dockerfile, Place, Stage, Step } from './dockerfile.ts';
import { Flags } from './flags.ts';
import { heredocMarks, takeHeredocs } from './heredocs.ts';
import { type Instruction, instructionOf, wordsOf } from './instruction.ts';
import { jsonForm } from './jsonForm.ts';
import { LineReader, trimStart } from './logicalLines.ts';
import { readStep } from './readStep.ts';

/** Most characters of a Dockerfile, and most instructions. */
export const maxDockerfile = 2 << 20;
const maxInstructions = 20_000;

/** A Dockerfile that is still being read. */
interface Reading {
  readonly reader: LineReader;
  readonly complaints: Complaints;
  readonly args: Step[];
  readonly stages: (Omit<Stage, 'steps'> & { readonly steps: Step[] })[];
}

/**
 * Reads a Dockerfile by BuildKit's rules: parser directives, continued lines, documents, stages and what each instruction
 * takes. Nothing is evaluated, and stages that are not needed must be right too.
 * @param file its path, for messages
 * @throws SpecError with every problem
 */
export function readDockerfile(text: string, file: string): Dockerfile {
  const complaints = new Complaints(file);
  const start = { line: 1, column: 1 };
  if (text.length > maxDockerfile) complaints.add(start, `a Dockerfile may have ${maxDockerfile} characters.`);
  const nul = text.indexOf('\0');
  if (nul >= 0) complaints.add(placeOf(text, nul), 'it holds a NUL: it is no text.');
  complaints.throwIfAny();
  const reading: Reading = { reader: new LineReader(text), complaints, args: [], stages: [] };
  readDirectives(reading);
  readInstructions(reading);
  if (reading.stages.length === 0) complaints.add(start, 'it has no FROM: there is nothing to build.');
  complaints.throwIfAny();
  return { file, escape: reading.reader.escape === '`' ? '`' : '\\', args: reading.args, stages: reading.stages };
}

function placeOf(text: string, offset: number): Place {
  const before = text.slice(0, offset).split('\n');
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}

/** `# name=value` in the first lines; what is not known is a comment, and ends them. */
function readDirectives({ reader, complaints }: Reading): void {
  const seen = new Set<string>();
  for (let line = reader.peek(); line !== undefined; line = reader.peek()) {
    const [, written = '', value = ''] = /^#\s*([a-zA-Z][a-zA-Z0-9]*)\s*=\s*(\S.*)$/.exec(trimStart(line)) ?? [];
    const name = written.toLowerCase();
    if (name !== 'syntax' && name !== 'escape' && name !== 'check') return;
    const place = { line: reader.line, column: 1 };
    if (seen.has(name)) complaints.add(place, `# ${name}= may stand once.`);
    seen.add(name);
    const escape = value.trimEnd();
    if (name === 'escape' && escape !== '\\' && escape !== '`') complaints.add(place, '# escape= must be \\ or `.');
    else if (name === 'escape') reader.escape = escape;
    reader.take();
  }
}

function readInstructions(reading: Reading): void {
  const { reader, complaints } = reading;
  let count = 0;
  for (let line = reader.takeLogical(); line !== undefined; line = reader.takeLogical()) {
    const instruction = instructionOf(line, reader.escape);
    if (++count > maxInstructions) {
      complaints.add(instruction.place, `a Dockerfile may have ${maxInstructions} instructions.`);
      return;
    }
    try {
      readInstruction(instruction, reading);
    } catch (error) {
      complaints.addFailure(instruction.place, error);
    }
  }
}

function readInstruction(instruction: Instruction, reading: Reading): void {
  const { reader, complaints, args, stages } = reading;
  const heredocs = takesHeredocs(instruction) ? takeHeredocs(heredocMarks(instruction.text), reader) : [];
  if (instruction.keyword === 'FROM') {
    const stage = { base: '', place: instruction.place, index: stages.length, steps: [] };
    stages.push(stage);
    stages.splice(-1, 1, { ...stage, ...readFrom(instruction, reading) });
    return;
  }
  const step = readStep(instruction, { escape: reader.escape, heredocs, complaints });
  const stage = stages.at(-1);
  if (stage !== undefined) stage.steps.push(step);
  else if (step.kind === 'arg') args.push(step);
  else throw wrong(`${instruction.keyword} stands before the first FROM: only ARG may.`);
}

/** COPY, ADD and RUN in shell form, also behind ONBUILD. */
function takesHeredocs({ keyword, rest }: Instruction): boolean {
  if (keyword === 'ONBUILD') return /^(?:copy|add|run)[\t\v\f\r ]+(?!\[)/i.test(rest);
  return (keyword === 'COPY' || keyword === 'ADD' || keyword === 'RUN') && jsonForm(rest) === undefined;
}

function readFrom(
  instruction: Instruction,
  { complaints }: Reading,
): Pick<Stage, 'base' | 'name' | 'platform' | 'place'> {
  const platform = new Flags(instruction, { platform: 'text' }, complaints).text('platform');
  const [base, as, name, ...more] = wordsOf(instruction).map(({ text }) => text);
  const isNamed = as?.toLowerCase() === 'as' && name !== undefined && more.length === 0;
  if (base === undefined || (as !== undefined && !isNamed)) {
    throw wrong('FROM takes an image or a stage, and a name: FROM image AS name.');
  }
  if (name !== undefined && !/^[a-z][a-z0-9-_.]*$/i.test(name)) {
    throw wrong(
      `${quoted(name)} cannot be the name of a stage: it begins with a letter, and has letters, digits and -_. only.`,
    );
  }
  const { place } = instruction;
  return {
    base,
    place,
    ...(platform === undefined || platform === '' ? {} : { platform }),
    ...(name === undefined ? {} : { name: name.toLowerCase() }),
  };
}
