/** An unhandled rejection anywhere fails the run: no error may get lost. */
const lost: unknown[] = [];
process.on('unhandledRejection', (reason) => lost.push(reason));

export const mochaHooks = {
  afterEach(): void {
    const reason = lost.shift();
    if (reason !== undefined) throw new Error('unhandled rejection', { cause: reason });
  },
};
