/** Skips all tests of a suite from its `before` hook; their titles then say why. */
export function skipSuite(context: Mocha.Context, why: string): never {
  context.runnable().parent?.eachTest((test) => (test.title += ` [skipped: ${why}]`));
  return context.skip();
}
