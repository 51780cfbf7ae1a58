import type { Complaints } from './complaints.ts';
import type { Heredoc } from './dockerfile.ts';

/** What instructions are read with. */
export interface StepContext {
  readonly escape: string;
  readonly heredocs: readonly Heredoc[];
  readonly complaints: Complaints;
}
