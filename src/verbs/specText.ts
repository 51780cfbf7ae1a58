import { specText } from '../containerize/spec/writeSpec.ts';
import { optionsOf, readChoices } from './containerizing/choices.ts';
import { prepare } from './containerizing/prepare.ts';
import { OptionReader } from './options.ts';
import type { Verb } from './verb.ts';

/** The text of a gantry.yaml for the folder `inFolder` that makes again what the other options make. Builds nothing. */
export const specTextVerb: Verb<string> = async (value, context, run, io) => {
  const folder = new OptionReader('specText', value).text('inFolder');
  const choices = readChoices(value);
  const { blueprint, project } = await prepare({ ...choices, build: false }, context, run, io);
  const chosen = project === undefined ? {} : { recipe: project.recipe, project: project.id };
  return specText({ options: { ...optionsOf(choices), ...chosen }, blueprint }, folder);
};
