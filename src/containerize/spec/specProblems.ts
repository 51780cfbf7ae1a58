import { isOciError, SpecError, type SpecProblem } from '../../errors.ts';
import { maxSpecLength, readSpec } from './gantrySpec.ts';
import { parseYaml } from './yamlDocument.ts';

/** What is wrong with the text of a gantry.yaml, as far as the text alone says: nothing is read and no variable filled in. */
export function specProblems(text: string, file: string): readonly SpecProblem[] {
  try {
    readSpec(parseYaml(text, file, { maxLength: maxSpecLength }));
    return [];
  } catch (error) {
    if (error instanceof SpecError) return error.problems;
    if (isOciError(error)) return [{ file, line: 1, column: 1, text: error.message }];
    throw error;
  }
}
