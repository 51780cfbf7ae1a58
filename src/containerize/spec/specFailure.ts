import { SpecError, type SpecProblem } from '../../errors.ts';
import { escapeText } from '../../oci/reference.ts';

const mostShown = 100;

/** The error for what is wrong in a spec, in the order of its lines. */
export function specFailure(file: string, problems: readonly SpecProblem[]): SpecError {
  const sorted = [...problems].sort((a, b) => a.line - b.line || a.column - b.column).slice(0, mostShown);
  const [first] = sorted;
  const more = sorted.length > 1 ? ` (and ${sorted.length - 1} more)` : '';
  const where = first === undefined ? '' : ` in line ${first.line}, column ${first.column}: ${first.text}`;
  return new SpecError(`${escapeText(file)} says what cannot be done${where}${more}.`, sorted);
}
