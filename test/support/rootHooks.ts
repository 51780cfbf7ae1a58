/** An unhandled rejection anywhere fails the run: no error may get lost. */
const lost: unknown[] = [];
process.on('unhandledRejection', (reason) => lost.push(reason));

/** Nothing is left to do: what Node itself clears up after this has been seen to go on for ever. */
process.once('beforeExit', () => process.exit());

export const mochaHooks = {
  afterEach(): void {
    const reason = lost.shift();
    if (reason !== undefined) throw new Error('unhandled rejection', { cause: reason });
  },
};
