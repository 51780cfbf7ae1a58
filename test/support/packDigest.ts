/** A process of the packing tests: `FROM TO UMASK` prints the digest of the layer. */
import { withLayer } from './layerTools.ts';

const [from = '', to = '', umask = '022'] = process.argv.slice(2);
process.umask(parseInt(umask, 8));
process.stdout.write(await withLayer([{ from, to }], { compression: 'gzip' }, async ({ digest }) => digest));
