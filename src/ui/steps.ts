/** What a step answers where the person wants to see the one before again. */
export const back = Symbol('back');
export type Back = typeof back;

/** Where a step stands; the first offers no way back. */
export interface StepPlace {
  readonly step: number;
  readonly totalSteps: number;
}

/** Asks for one thing. Undefined: the person gave up. */
export type Step<State> = (state: State, place: StepPlace) => Promise<State | Back | undefined>;

/**
 * Runs steps one after the other, each on what the one before made of the state; Back undoes one, and those that asked nothing
 * and answered the state as it was. Undefined: given up.
 */
export async function runSteps<State>(start: State, steps: readonly Step<State>[]): Promise<State | undefined> {
  const states: [State, ...State[]] = [start];
  for (;;) {
    const at = states.length - 1;
    const state = states[at] ?? start;
    const step = steps[at];
    if (step === undefined) return state;
    const answer = await step(state, { step: at + 1, totalSteps: steps.length });
    if (answer === undefined) return undefined;
    if (answer !== back) states.push(answer);
    else while (states.length > 1 && states.pop() === states.at(-1));
  }
}
