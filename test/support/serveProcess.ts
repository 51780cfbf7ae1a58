/** A local registry in a process of its own, over the folder that is its argument; prints its host. */
import { LocalRegistry } from '../../src/serve/localRegistry.ts';

const { host } = await new LocalRegistry({ directory: process.argv[2] ?? '' }).start();
process.stdout.write(`${host}\n`);
