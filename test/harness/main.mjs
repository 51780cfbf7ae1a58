// The entry of every npm script: plain JavaScript, so that a Node that is too old can still say so.
const [major] = process.versions.node.split('.').map(Number);
if (major < 24) {
  console.error(
    `Gantry's scripts need Node 24, and this is ${process.version}. \`npm ci\` puts Node 24 into node_modules/.bin, where npm ` +
      'scripts find it: run `npm ci` without --ignore-scripts, then this script through npm, as in `npm test`.',
  );
  process.exit(1);
}
const script = process.argv[2];
const { main } = await import(script === 'bench' ? '../bench/bench.ts' : `./${script}.ts`);
process.exitCode = await main(process.argv.slice(3));
