import type { BinaryDescription } from '../api.ts';
import { describeBinary } from '../containerize/describeBinary.ts';
import { LocalFile } from '../containerize/localFile.ts';
import { OptionReader } from './options.ts';
import type { Verb } from './verb.ts';

/** `describeBinary {file}`: what a program of this machine is, and needs. */
export const describeBinaryVerb: Verb<BinaryDescription> = async (value, _context, _run, io) => {
  const path = new OptionReader('describeBinary', value).text('file');
  const file = await LocalFile.open(path, io);
  try {
    return await describeBinary(file, path, io);
  } finally {
    await file.close();
  }
};
