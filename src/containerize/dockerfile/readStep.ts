import type { Healthcheck } from '../../api.ts';
import { type Complaints, quoted, wrong } from './complaints.ts';
import type { CommandForm, DeclaredArg, Step } from './dockerfile.ts';
import { duration } from './duration.ts';
import { Flags } from './flags.ts';
import type { Instruction } from './instruction.ts';
import { jsonForm } from './jsonForm.ts';
import { isSpace } from './logicalLines.ts';
import { nameValues, quotedWords } from './nameValues.ts';
import { readCopy } from './readCopy.ts';
import type { StepContext } from './stepContext.ts';

const healthcheckFlags = {
  interval: 'text',
  timeout: 'text',
  'start-period': 'text',
  'start-interval': 'text',
  retries: 'text',
} as const;

/** Reads an instruction of a stage. @throws OciError invalid-spec where it is none, or is not complete */
export function readStep(instruction: Instruction, context: StepContext): Step {
  const { keyword, place, rest } = instruction;
  const common = { place, text: shortened(instruction.text) };
  const { escape, complaints } = context;
  if (keyword === 'COPY' || keyword === 'ADD') return { ...common, ...readCopy(instruction, context) };
  if (keyword === 'RUN') return { ...common, kind: 'run' };
  if (keyword === 'HEALTHCHECK')
    return { ...common, kind: 'healthcheck', healthcheck: healthcheck(instruction, complaints) };
  new Flags(instruction, {}, complaints);
  switch (keyword) {
    case 'ARG':
      return { ...common, kind: 'arg', args: declaredArgs(rest, escape) };
    case 'ENV':
      return { ...common, kind: 'env', pairs: nameValues(rest, keyword, escape) };
    case 'LABEL':
      return { ...common, kind: 'label', pairs: nameValues(rest, keyword, escape) };
    case 'CMD':
      return { ...common, kind: 'cmd', command: commandForm(rest) };
    case 'ENTRYPOINT':
      return { ...common, kind: 'entrypoint', command: commandForm(rest) };
    case 'EXPOSE':
      return { ...common, kind: 'expose', words: listed(undefined, rest, keyword) };
    case 'VOLUME':
      return { ...common, kind: 'volume', words: volumes(rest) };
    case 'USER':
      return { ...common, kind: 'user', value: needed(rest, keyword) };
    case 'WORKDIR':
      return { ...common, kind: 'workdir', value: needed(rest, keyword) };
    case 'STOPSIGNAL':
      return { ...common, kind: 'stopsignal', value: needed(rest, keyword) };
    case 'MAINTAINER':
      return { ...common, kind: 'maintainer', value: needed(rest, keyword) };
    case 'SHELL':
      return { ...common, kind: 'shell', words: shell(rest) };
    case 'ONBUILD':
      return { ...common, kind: 'onbuild', trigger: onBuild(rest) };
    default:
      throw wrong(`${quoted(keyword)} is no instruction of a Dockerfile.`);
  }
}

function shortened(text: string): string {
  const line = text.replace(/\s+/g, ' ');
  return line.length > 120 ? `${line.slice(0, 119)}…` : line;
}

function needed(rest: string, keyword: string): string {
  if (rest === '') throw wrong(`${keyword} needs an argument.`);
  return rest;
}

function declaredArgs(rest: string, escape: string): readonly DeclaredArg[] {
  const words = quotedWords(needed(rest, 'ARG'), escape);
  return words.map((word) => {
    const at = word.indexOf('=');
    if (at === 0) throw wrong(`ARG: ${quoted(word)} has no name.`);
    return at < 0 ? { name: word } : { name: word.slice(0, at), default: word.slice(at + 1) };
  });
}

function commandForm(rest: string): CommandForm {
  const words = jsonForm(rest);
  return words === undefined ? { form: 'shell', words: rest === '' ? [] : [rest] } : { form: 'json', words };
}

function listed(json: readonly string[] | undefined, rest: string, keyword: string): readonly string[] {
  const words = json ?? rest.split(/[\t\v\f\r ]+/).filter((word) => word !== '');
  if (words.length === 0) throw wrong(`${keyword} needs an argument.`);
  return words;
}

function volumes(rest: string): readonly string[] {
  const words = listed(jsonForm(rest), rest, 'VOLUME').map((word) => word.trim());
  if (words.includes('')) throw wrong('VOLUME: a path may not be empty.');
  return words;
}

function shell(rest: string): readonly string[] {
  const words = jsonForm(rest);
  if (words === undefined || words.length === 0) throw wrong('SHELL takes a list in JSON: SHELL ["/bin/sh", "-c"].');
  return words;
}

function onBuild(rest: string): string {
  const keyword = needed(rest, 'ONBUILD')
    .split(/[\t\v\f\r ]/, 1)[0]
    ?.toUpperCase();
  if (keyword === 'ONBUILD' || keyword === 'FROM' || keyword === 'MAINTAINER') {
    throw wrong(`ONBUILD ${keyword} is not allowed.`);
  }
  return rest;
}

function healthcheck(instruction: Instruction, complaints: Complaints): Healthcheck {
  const { rest } = instruction;
  let end = 0;
  while (end < rest.length && !isSpace(rest.charAt(end))) end++;
  const kind = rest.slice(0, end).toUpperCase();
  const command = rest.slice(end).trim();
  if (kind === 'NONE') {
    new Flags(instruction, {}, complaints);
    if (command !== '') throw wrong('HEALTHCHECK NONE takes no arguments.');
    return { test: ['NONE'] };
  }
  const flags = new Flags(instruction, healthcheckFlags, complaints);
  if (kind !== 'CMD') throw wrong('HEALTHCHECK takes CMD and a command, or NONE.');
  const { form, words } = commandForm(command);
  if (words.length === 0) throw wrong('HEALTHCHECK CMD needs a command.');
  return { test: [form === 'json' ? 'CMD' : 'CMD-SHELL', ...words], ...healthcheckNumbers(flags) };
}

function healthcheckNumbers(flags: Flags): Omit<Healthcheck, 'test'> {
  const retries = flags.text('retries') ?? '';
  if (retries !== '' && !/^\+?\d{1,9}$/.test(retries)) throw wrong(`--retries: ${quoted(retries)} is no whole number.`);
  const all = {
    interval: duration(flags.text('interval') || '0'),
    timeout: duration(flags.text('timeout') || '0'),
    startPeriod: duration(flags.text('start-period') || '0'),
    startInterval: duration(flags.text('start-interval') || '0'),
    retries: Number(retries),
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== 0));
}
